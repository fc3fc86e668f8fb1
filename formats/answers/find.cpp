#include "formats/answers/find.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/analysis/stats.hpp"
#include "agentstore/json.hpp"
#include "formats/events/summary.hpp"
#include "formats/text/code_points.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/line.hpp"
#include "formats/text/session_text.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t columns_in_pipes = 120;
constexpr std::size_t project_columns_max = 20;
constexpr std::size_t who_columns_min = 6;
constexpr std::size_t who_columns_max = 16;

std::string best_json(const FoundEvent& best) {
  const Excerpt& excerpt = best.excerpt;
  return fmt::format(
      R"({{"sequence_number":{},"event_id":{},"type":{},"tool_name":{},"timestamp":"{}",)"
      R"("text":{},"match":{}}})",
      best.sequence_number == 0 ? "null" : std::to_string(best.sequence_number),
      best.event_id.empty() ? "null" : json::quote(best.event_id), json::quote(best.type),
      best.tool_name.empty() ? "null" : json::quote(best.tool_name), format_rfc3339(best.timestamp),
      json::quote(excerpt.text),
      json::quote(
          excerpt.text.substr(excerpt.begin_bytes, excerpt.end_bytes - excerpt.begin_bytes)));
}

std::string or_null(const std::string& text) {
  return text.empty() ? "null" : json::quote(text);
}

std::string session_found_json(const FoundSession& found) {
  return fmt::format(R"({{"session_id":{},"store":{},"name":{},"title":{},"project":{},"hits":{},)"
                     R"("hits_by_kind":{},"newest_at":"{}","best":{}}})",
                     json::quote(found.session_id), or_null(found.store), or_null(found.name),
                     or_null(found.title), or_null(found.project), found.hits,
                     object_json(found.by_kind,
                                 [](const auto& kind) {
                                   return fmt::format(R"("{}":{})", kind_name(kind.first),
                                                      kind.second);
                                 }),
                     format_rfc3339(found.newest_at), best_json(found.best));
}

/// "2 calls, 1 message", the most first.
std::string kinds_text(const FoundSession& found) {
  std::vector<std::pair<EventKind, std::uint64_t>> kinds{found.by_kind.begin(),
                                                         found.by_kind.end()};
  std::ranges::stable_sort(kinds, std::ranges::greater{},
                           [](const auto& one) { return one.second; });
  std::string text;
  for (const auto& [kind, count] : kinds) {
    text += text.empty() ? "" : ", ";
    const std::string_view name = kind_name(kind);
    text += name == "other" ? thousands(count) + " other" : counted(count, name);
  }
  return text;
}

/// "2026-02-08 14:02"
std::string minute_text(Timestamp at, const Clock& clock) {
  return date_text(at, clock) + " " + time_of_day_text(at, clock).substr(0, 5);
}

std::size_t columns_of_text(const std::string& text, std::size_t columns_max) {
  return display_width(printable_cut(text, columns_max));
}

/// A text, and blanks up to the end of its column.
void add_cell(Line& line, const std::string& text, std::size_t columns) {
  const Line::Place begin = line.end();
  line.add_printable(text, columns);
  line.add_blanks(columns - std::min(columns, line.columns_since(begin)) + 2);
}

struct Widths {
  std::size_t id = 0;
  std::size_t project = 0;
  std::size_t hits = 0;
  std::size_t who = who_columns_min;
};

std::string hits_text(const FoundSession& found) {
  return counted(found.hits, "hit") + ": " + kinds_text(found);
}

Widths widths_of(std::span<const FoundSession> found, std::size_t id_columns) {
  Widths widths{.id = id_columns};
  for (const FoundSession& one : found) {
    widths.project = std::max(widths.project, columns_of_text(one.project, project_columns_max));
    widths.hits = std::max(widths.hits, hits_text(one).size());
    widths.who = std::max(widths.who, columns_of_text(who_found(one.best), who_columns_max));
  }
  constexpr std::size_t hits_columns_max = 36;
  widths.hits = std::min(widths.hits, hits_columns_max);
  return widths;
}

}  // namespace

std::string who_found(const FoundEvent& event) {
  switch (kind_of_type(event.type)) {
    case EventKind::message: return "user";
    case EventKind::call:
    case EventKind::result:
      if (!event.tool_name.empty()) return event.tool_name;
      break;
    case EventKind::other:
      if (event.type != "custom") return event.type;
      break;
    default: break;
  }
  return std::string{kind_name(kind_of_type(event.type))};
}

void write_find_json(Sink& sink, std::span<const FoundSession> found,
                     std::span<const std::string> incomplete) {
  std::uint64_t hits = 0;
  for (const FoundSession& one : found) hits += one.hits;
  sink.write(fmt::format(R"({{"schema":"agentstore/find/1","hits":{},"sessions":[)", hits));
  for (std::size_t i = 0; i < found.size(); ++i)
    sink.write((i > 0 ? "," : "") + session_found_json(found[i]));
  sink.write("],\"incomplete\":" +
             array_json(incomplete, [](const std::string& what) { return json::quote(what); }) +
             "}\n");
}

void write_find_text(Sink& sink, std::span<const FoundSession> found, const Screen& screen) {
  const bool cuts = screen.columns > 0 && !screen.wide;
  const std::size_t columns = cuts ? screen.columns : columns_in_pipes;
  std::vector<std::string_view> ids;
  std::size_t id_columns = 0;
  for (const FoundSession& one : found) {
    ids.push_back(one.session_id);
    id_columns = std::max(id_columns, one.session_id.size());
  }
  if (cuts) id_columns = std::min(id_columns, telling_characters(ids));
  const Widths widths = widths_of(found, id_columns);
  Line line;
  for (const FoundSession& one : found) {
    line.clear();
    add_cell(line, one.session_id.substr(0, widths.id), widths.id);
    if (widths.project > 0) add_cell(line, one.project, widths.project);
    add_cell(line, minute_text(one.newest_at, screen.clock), 16);
    add_cell(line, hits_text(one), widths.hits);
    line.add_printable(shown_name(one.name, one.title), columns);
    if (!one.store.empty()) line.add_printable("  " + one.store, columns);
    if (cuts) line.cut({}, columns);
    line.trim();
    sink.write(std::string{line.text()} + "\n");
    line.clear();
    line.add_blanks(widths.id > 8 ? 10 : widths.id + 2);
    add_cell(line, who_found(one.best), widths.who);
    const std::size_t left = columns - std::min(columns, line.end().columns + 1);
    add_excerpt(line, one.best.excerpt, std::max<std::size_t>(left, 20),
                screen.color ? Mark::colour : Mark::quotes);
    line.trim();
    sink.write(std::string{line.text()} + "\n");
  }
}

void write_beside_found(Sink& sink, const EventView& event, const Excerpt* excerpt,
                        const Screen& screen) {
  const std::size_t columns =
      screen.columns > 0 && !screen.wide ? screen.columns : columns_in_pipes;
  FoundEvent told;
  told.type = event.type;
  told.tool_name = tool_name_of(event).value_or("");
  Line line;
  line.add(excerpt == nullptr ? "    #" : "  > #");
  line.add_number(event.sequence_number);
  line.add_blanks(2);
  line.add_printable(time_of_day_text(event.timestamp, screen.clock), columns);
  line.add_blanks(2);
  add_cell(line, who_found(told), who_columns_max);
  const std::size_t left =
      std::max<std::size_t>(columns - std::min(columns, line.end().columns + 1), 20);
  if (excerpt == nullptr) add_summary(line, event, left, is_tool_error(event));
  else add_excerpt(line, *excerpt, left, screen.color ? Mark::colour : Mark::quotes);
  line.trim();
  sink.write(std::string{line.text()} + "\n");
}

}  // namespace agentstore::formats
