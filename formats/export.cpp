#include "formats/export.hpp"

#include "agentstore/json.hpp"
#include "formats/sessions.hpp"

namespace agentstore::formats {
namespace {

std::string head(const Session& session) {
  return "{\"schema\":" + json::quote(export_schema) + ",\"session\":" + session_json(session);
}

}  // namespace

void JsonArray::add(std::string_view line) {
  sink_.write(empty_ ? "[" : ",\n");
  sink_.write(line);
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
