#include "cmd/words/grep.hpp"

#include <re2/re2.h>

#include "cmd/time_limit.hpp"
#include "cmd/words/pattern.hpp"

namespace agentstore::cmd {
namespace {

bool found_in_json(std::string_view json, const re2::RE2& expression) {
  if (json.find('\\') == json.npos) return re2::RE2::PartialMatch(json, expression);
  return re2::RE2::PartialMatch(resolved(json), expression);
}

}  // namespace

Result<std::function<bool(const EventView&)>> make_grep(std::string_view pattern) {
  auto read = read_pattern(pattern);
  if (!read) return std::unexpected{read.error()};
  return [expression = std::move(*read)](const EventView& event) {
    const LimitedWork limited{"--grep"};
    return re2::RE2::PartialMatch(re2::StringPiece{event.type.data(), event.type.size()},
                                  *expression) ||
           found_in_json(event.payload, *expression) || found_in_json(event.metadata, *expression);
  };
}

}  // namespace agentstore::cmd
