#include "agentstore/analysis/title.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "agentstore/analysis/kinds.hpp"
#include "agentstore/json.hpp"
#include "base/utf8.hpp"
#include "projections/said.hpp"

namespace agentstore {
namespace {

std::string first_line(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  text = text.substr(0, text.find_first_of("\r\n"));
  const char* const end = text.data() + text.size();
  std::size_t code_points = 0;
  for (const char* at = text.data(); at != end; ++code_points) {
    if (code_points == title_code_points_max) return std::string{text.data(), at} + "…";
    at += std::max<std::size_t>(utf8_length(at, end), 1);
  }
  return std::string{text.substr(0, text.find_last_not_of(blanks) + 1)};
}

/// What an agent recorded, under that member.
std::optional<std::string> recorded_title(const EventView& event, std::string_view member) {
  if (event.type != custom_event || json::kind_of(event.payload) != json::Kind::object)
    return std::nullopt;
  auto title = json::find_text(event.payload, member);
  return title && !title->empty() ? title : std::nullopt;
}

}  // namespace

std::string find_title(EventReader& reader) {
  std::string prompt;
  std::string by_agent;
  std::string by_user;
  for (std::size_t seen = 0; seen < title_events_max;) {
    const auto batch = reader.next();
    if (!batch || batch->empty()) break;
    for (const EventView& event : *batch) {
      if (++seen > title_events_max) break;
      if (event.redacted_by != 0) continue;
      if (const auto title = recorded_title(event, "customTitle")) by_user = first_line(*title);
      else if (const auto told = recorded_title(event, "aiTitle")) by_agent = first_line(*told);
      if (prompt.empty() && kind_of_type(event.type) == EventKind::message)
        prompt = first_line(words_of(event.payload));
    }
  }
  return !by_user.empty() ? by_user : !by_agent.empty() ? by_agent : prompt;
}

}  // namespace agentstore
