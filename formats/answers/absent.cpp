#include "formats/answers/absent.hpp"

#include <algorithm>

#include "formats/text/json_fields.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t ranges_shown_max = 5;

std::string range_text(const SequenceRange& range) {
  const std::string first = "#" + std::to_string(range.first);
  return range.first == range.last ? first : first + "-#" + std::to_string(range.last);
}

}  // namespace

std::string absent_text(const Absent& absent) {
  std::string text =
      counted(absent.events, "event") + (absent.events == 1 ? " is" : " are") + " absent";
  const std::size_t shown = std::min(absent.ranges.size(), ranges_shown_max);
  for (std::size_t i = 0; i < shown; ++i)
    text += (i == 0 ? " (" : ", ") + range_text(absent.ranges[i]);
  if (shown == 0) return text;
  return text + (absent.ranges.size() > shown ? " and more)" : ")");
}

std::string absent_json(const Absent& absent) {
  const std::string ranges = array_json(absent.ranges, [](const SequenceRange& range) {
    return '[' + std::to_string(range.first) + ',' + std::to_string(range.last) + ']';
  });
  return "{\"events\":" + std::to_string(absent.events) + ",\"ranges\":" + ranges + '}';
}

}  // namespace agentstore::formats
