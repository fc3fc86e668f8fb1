#include "cmd/changed_fields.hpp"

#include <algorithm>
#include <array>

namespace agentstore::cmd {
namespace {

constexpr std::array<std::string_view, 3> changed_by_all = {"/version", "/event_count",
                                                            "/last_event_at"};

}  // namespace

std::vector<FieldPair> changed_fields(std::string_view before, std::string_view after) {
  std::vector<FieldPair> pairs = paired_fields(before, after);
  std::erase_if(pairs, [](const FieldPair& pair) {
    return pair.first == pair.second ||
           std::ranges::find(changed_by_all, pair.pointer) != changed_by_all.end();
  });
  return pairs;
}

}  // namespace agentstore::cmd
