#include "formats/exports/export.hpp"

#include <doctest/doctest.h>

using namespace agentstore;
using namespace agentstore::formats;

namespace {

const Session session{
    .id = "s", .name = "n", .labels = {}, .created_at = {}, .updated_at = {}, .event_count = 2};
const std::string session_text =
    R"({"id":"s","name":"n","labels":{},"created_at":"1970-01-01T00:00:00.000000000Z",)"
    R"("updated_at":"1970-01-01T00:00:00.000000000Z","event_count":2})";

}  // namespace

TEST_SUITE_BEGIN("export");

TEST_CASE("an array has an element a line, as stored") {
  StringSink sink;
  JsonArray array{sink};
  array.add(R"({"a": 1.50})");
  array.add("{}");
  array.end();
  CHECK(sink.text == "[{\"a\": 1.50},\n{}\n]\n");
  StringSink empty;
  JsonArray{empty}.end();
  CHECK(empty.text == "[]\n");
}

TEST_CASE("an export holds the session and its events") {
  StringSink sink;
  JsonExport document{sink, session};
  document.add_all(",\n{\"n\":1}");
  document.add_all("");
  document.add_all(",\n{\"n\":2}");
  document.end();
  CHECK(sink.text == R"({"schema":"agentstore/export/1","session":)" + session_text +
                         ",\"events\":[{\"n\":1},\n{\"n\":2}\n]\n}\n");
  StringSink head;
  write_export_head(head, session);
  CHECK(head.text == R"({"schema":"agentstore/export/1","session":)" + session_text + "}\n");
}

TEST_SUITE_END();
