#include "formats/exports/export.hpp"

#include "agentstore/json.hpp"
#include "formats/text/session_text.hpp"

namespace agentstore::formats {
namespace {

std::string head(const Session& session) {
  return "{\"schema\":" + json::quote(export_schema) + ",\"session\":" + session_json(session);
}

}  // namespace

std::string line_of_upcast(const EventView& event) {
  std::string line = "{\"session_id\":" + json::quote(event.session_id);
  line += ",\"sequence_number\":" + std::to_string(event.sequence_number);
  line += ",\"type\":" + json::quote(event.type);
  line += ",\"timestamp\":\"" + format_rfc3339(event.timestamp) + '"';
  line += ",\"metadata\":" + std::string{event.metadata};
  if (!event.event_id.empty()) line += ",\"event_id\":" + json::quote(event.event_id);
  line += ",\"payload\":" + std::string{event.payload};
  if (event.redacted_by != 0) line += ",\"redacted\":" + std::to_string(event.redacted_by);
  return line + '}';
}

std::size_t bytes_of_lines(std::span<const EventView> events) {
  std::size_t sum = 0;
  for (const EventView& event : events) sum += event.line.size() + JsonArray::separator.size();
  return sum;
}

void JsonArray::add(std::string_view line) {
  sink_.write(empty_ ? "[" : separator);
  sink_.write(line);
  empty_ = false;
}

void JsonArray::add_all(std::string_view lines) {
  if (lines.empty()) return;
  if (empty_) {
    sink_.write("[");
    lines.remove_prefix(separator.size());
  }
  sink_.write(lines);
  empty_ = false;
}

void JsonArray::end() {
  sink_.write(empty_ ? "[]\n" : "\n]\n");
}

JsonExport::JsonExport(Sink& sink, const Session& session) : sink_{sink}, events_{sink} {
  sink_.write(head(session) + ",\"events\":");
}

void JsonExport::end() {
  events_.end();
  sink_.write("}\n");
}

void write_export_head(Sink& sink, const Session& session) {
  sink.write(head(session) + "}\n");
}

}  // namespace agentstore::formats
