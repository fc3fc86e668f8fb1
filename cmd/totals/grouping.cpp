#include "cmd/totals/grouping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/analysis/kinds.hpp"
#include "agentstore/internal/nearest.hpp"
#include "agentstore/json.hpp"
#include "cmd/quoting.hpp"
#include "formats/text/clock.hpp"

namespace agentstore::cmd {
namespace {

using Value = std::optional<std::string>;

constexpr std::string_view label_prefix = "label:";

Value not_empty(Value value) {
  return value && value->empty() ? std::nullopt : value;
}

Value label(const Labels& labels, std::string_view key) {
  const auto found = labels.find(std::string{key});
  return found == labels.end() ? std::nullopt : not_empty(found->second);
}

Value part_text(const EventView& event, std::string_view name) {
  const auto part = event_part(event, name);
  return part ? not_empty(json::text_of(*part)) : std::nullopt;
}

// The week of ISO 8601, which is of the year that its Thursday is of: "2026-W10".
std::string week_of(std::int64_t clock_s) {
  using namespace std::chrono;
  const auto day = floor<days>(sys_seconds{seconds{clock_s}});
  const auto thursday = day - days{weekday{day}.iso_encoding()} + days{4};
  const std::string year = formats::date_of(seconds{thursday.time_since_epoch()}.count());
  const std::size_t year_end = year.find('-', 1);
  const auto first = sys_days{year_month_day{thursday}.year() / January / 1};
  return fmt::format("{}-W{:02}", year.substr(0, year_end), (thursday - first) / days{7} + 1);
}

std::string time_value(std::string_view word, Timestamp at, const Zone& zone) {
  const std::int64_t clock_s = at.seconds + zone.offset_s(at.seconds);
  const std::string date = formats::date_of(clock_s);
  if (word == "hour") return date + " " + formats::hour_of(clock_s) + ":00";
  if (word == "week") return week_of(clock_s);
  return word == "month" ? date.substr(0, date.rfind('-')) : date;
}

Value value_of(const EventView& event, std::string_view word, const Grouping& grouping,
               const Labels& labels) {
  if (word == "type") return std::string{event.type};
  if (word == "tool") return tool_name_of(event);
  if (word == "model") return not_empty(json::find_text(event.metadata, "model"));
  if (word == "session") return std::string{event.session_id};
  if (word == "file" || word == "command") return part_text(event, word);
  if (word == "project") return label(labels, "project");
  if (word == "user") return label(labels, "user_id");
  if (word == "agent") {
    auto agent = label(labels, "agent_id");
    return agent ? agent : label(labels, "agent_type");
  }
  if (word.starts_with(label_prefix)) return label(labels, word.substr(label_prefix.size()));
  return time_value(word, event.timestamp, grouping.zone);
}

Result<void> check_word(const std::string& word) {
  const auto& known = group_words();
  if (word.starts_with(label_prefix) && word.size() > label_prefix.size()) return {};
  if (word != known[3] && std::ranges::find(known, word) != known.end()) return {};
  const std::string near = nearest(word, known);
  if (!near.empty())
    return fail(Code::invalid, "--by cannot be " + in_quotes(word),
                "did you mean " + in_quotes(near) + "?");
  std::string all;
  for (const std::string& one : known) all += (all.empty() ? "" : ", ") + one;
  return fail(Code::invalid, "--by cannot be " + in_quotes(word), "it is one or more of " + all);
}

}  // namespace

const std::vector<std::string>& group_words() {
  static const std::vector<std::string> words{"agent", "user", "project", "label:KEY", "session",
                                              "hour",  "day",  "week",    "month",     "type",
                                              "tool",  "file", "command", "model"};
  return words;
}

Result<std::vector<std::string>> parse_grouping(const std::vector<std::string>& words) {
  std::vector<std::string> by;
  for (std::string_view rest : words)
    while (true) {
      const std::size_t comma = rest.find(',');
      const std::string word{rest.substr(0, comma)};
      if (auto known = check_word(word); !known) return std::unexpected{known.error()};
      if (std::ranges::find(by, word) == by.end()) by.push_back(word);
      if (comma == rest.npos) break;
      rest.remove_prefix(comma + 1);
    }
  return by;
}

bool groups_by(const Grouping& grouping, std::string_view word) {
  return std::ranges::find(grouping.by, word) != grouping.by.end();
}

bool needs_payloads(const Grouping& grouping) {
  return groups_by(grouping, "tool") || groups_by(grouping, "file") ||
         groups_by(grouping, "command");
}

std::string fingerprint_of(const Grouping& grouping, const Labels& labels) {
  std::string text;
  if (grouping.by.empty()) return text;
  bool timed = false;
  for (const std::string& word : grouping.by) {
    (text += word) += ',';
    timed = timed || word == "hour" || word == "day" || word == "week" || word == "month";
  }
  if (timed) text += grouping.zone.fingerprint();
  for (const auto& [key, value] : labels) ((text += '\n') += key) += "=" + value;
  return text;
}

GroupValues group_key(const EventView& event, const Grouping& grouping, const Labels& labels) {
  GroupValues key;
  key.reserve(grouping.by.size());
  for (const std::string& word : grouping.by)
    key.push_back(value_of(event, word, grouping, labels));
  return key;
}

std::optional<std::int64_t> duration_of(const EventView& event) {
  if (kind_of_type(event.type) != EventKind::result) return std::nullopt;
  if (const auto told = json::find_integer(event.metadata, "duration_ms")) return told;
  return event.payload.starts_with('{') ? json::find_integer(event.payload, "duration_ms")
                                        : std::nullopt;
}

}  // namespace agentstore::cmd
