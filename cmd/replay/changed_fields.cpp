#include "cmd/replay/changed_fields.hpp"

#include <algorithm>
#include <array>

namespace agentstore::cmd {
namespace {

constexpr std::array<std::string_view, 3> changed_by_all = {"/version", "/event_count",
                                                            "/last_event_at"};

}  // namespace

void for_each_changed_state_field(std::string_view before, std::string_view after,
                                  const UseFieldPair& use) {
  for_each_changed_field(before, after, [&](const FieldPair& pair) {
    const bool by_all = std::ranges::find(changed_by_all, pair.pointer) != changed_by_all.end();
    return by_all || use(pair);
  });
}

}  // namespace agentstore::cmd
