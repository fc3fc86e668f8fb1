#include "formats/answers/blame.hpp"

#include <fmt/format.h>

#include "agentstore/json.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/rules.hpp"
#include "formats/text/table.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t value_columns = 48;

std::string value_or_null(const std::string& value) {
  return value.empty() ? "null" : value;
}

std::string setter_json(const Setter& setter) {
  return fmt::format(R"({{"sequence_number":{},"event_id":{},"type":{},"timestamp":"{}"}})",
                     setter.sequence_number,
                     setter.event_id.empty() ? "null" : json::quote(setter.event_id),
                     json::quote(setter.type), format_rfc3339(setter.timestamp));
}

std::string head_json(std::string_view session_id) {
  return R"({"schema":"agentstore/blame/1","session_id":)" + json::quote(session_id);
}

std::string setting_json(const Setting& setting) {
  return fmt::format(R"({{"by":{},"value":{},"removed":{},"changed":{}}})", setter_json(setting.by),
                     value_or_null(setting.value), setting.value.empty(), setting.changed);
}

std::string field_json(const BlamedField& field) {
  return fmt::format(R"({{"projection":{},"pointer":{},"value":{},"by":{}}})",
                     json::quote(field.projection), json::quote(field.pointer), field.value,
                     field.by.sequence_number == 0 ? "null" : setter_json(field.by));
}

// The event, and when it was, as cells.
std::vector<std::string> cells_of(const Setter& setter, Timestamp start) {
  if (setter.sequence_number == 0) return {"-", "-", "(never set)"};
  return {fmt::format("#{}", setter.sequence_number),
          elapsed_text(milliseconds_between(start, setter.timestamp)), setter.type};
}

std::string value_cell(const std::string& value) {
  return value.empty() ? "(removed)" : printable_value(value, value_columns);
}

std::vector<Column> columns_with(std::vector<Column> columns) {
  columns.push_back({.name = "EVENT", .role = Role::number});
  columns.push_back({.name = "TIME", .role = Role::number, .secondary = 2});
  columns.push_back({.name = "TYPE", .secondary = 1});
  return columns;
}

}  // namespace

void write_blame_json(Sink& sink, std::string_view session_id, const Blame& blame,
                      const Incomplete& incomplete, const RuleFiles& rules) {
  const Setting& newest = blame.settings.front();
  sink.write(fmt::format(
      R"({},"projection":{},"pointer":{},"value":{},"setting_count":{},"settings":{},"incomplete":{},)"
      R"("rules":{}}})"
      "\n",
      head_json(session_id), json::quote(blame.projection), json::quote(blame.pointer),
      value_or_null(newest.value), blame.setting_count, array_json(blame.settings, setting_json),
      incomplete_json(incomplete), rules_json(rules)));
}

void write_blame_text(Sink& sink, const Blame& blame, Timestamp start, const Screen& screen) {
  Table table{columns_with({{.name = "VALUE"}})};
  for (const Setting& setting : blame.settings) {
    std::vector<std::string> row{value_cell(setting.value)};
    const auto cells = cells_of(setting.by, start);
    row.insert(row.end(), cells.begin(), cells.end());
    if (!setting.changed) row.back() += "  (the same)";
    table.row(std::move(row));
  }
  table.write(sink, screen);
  if (blame.setting_count > blame.settings.size())
    sink.write(
        fmt::format("and {} before\n", thousands(blame.setting_count - blame.settings.size())));
}

void write_blame_json(Sink& sink, std::string_view session_id, const BlamedState& state,
                      const Incomplete& incomplete, const RuleFiles& rules) {
  sink.write(head_json(session_id) + ",\"fields\":[");
  for (const BlamedField& field : state.fields)
    sink.write((&field == &state.fields.front() ? "" : ",") + field_json(field));
  sink.write("],\"incomplete\":" + incomplete_json(incomplete) + ",\"rules\":" + rules_json(rules) +
             "}\n");
}

void write_blame_text(Sink& sink, const BlamedState& state, Timestamp start, const Screen& screen) {
  Table table{columns_with({{.name = "POINTER", .role = Role::key}, {.name = "VALUE"}})};
  for (const BlamedField& field : state.fields) {
    std::vector<std::string> row{printable_cut(field.pointer, 60), value_cell(field.value)};
    const auto cells = cells_of(field.by, start);
    row.insert(row.end(), cells.begin(), cells.end());
    table.row(std::move(row));
  }
  table.write(sink, screen);
}

}  // namespace agentstore::formats
