#include "formats/answers/sessions.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace agentstore;
using namespace agentstore::formats;

namespace {

const std::array<Session, 2> two{
    {{.id = "s1",
      .name = "a \"b\"\n",
      .labels = {{"k", "v"}, {"z", ""}},
      .created_at = parse_rfc3339("2026-03-07T12:00:00.5Z").value(),
      .updated_at = parse_rfc3339("2026-03-07T12:00:02Z").value(),
      .event_count = 8},
     {.id = "s2", .name = "", .labels = {}, .created_at = {}, .updated_at = {}, .event_count = 0}}};

const std::array<std::string, 2> titles;

}  // namespace

TEST_SUITE_BEGIN("sessions");

TEST_CASE("sessions as JSON keep to their schema") {
  StringSink sink;
  write_sessions_json(sink, two);
  CHECK(
      sink.text ==
      R"({"schema":"agentstore/sessions/1","sessions":[{"id":"s1","session_id":"s1","name":"a \"b\"\n","labels":{"k":"v","z":""},"created_at":"2026-03-07T12:00:00.500000000Z","updated_at":"2026-03-07T12:00:02.000000000Z","event_count":8,"events":8},{"id":"s2","session_id":"s2","name":"","labels":{},"created_at":"1970-01-01T00:00:00.000000000Z","updated_at":"1970-01-01T00:00:00.000000000Z","event_count":0,"events":0}]}
)");
  sink.text.clear();
  write_sessions_json(sink, {});
  CHECK(sink.text == "{\"schema\":\"agentstore/sessions/1\",\"sessions\":[]}\n");
}

TEST_CASE("sessions as a table name what has no name") {
  StringSink sink;
  write_sessions_text(sink, {two, titles}, {});
  CHECK(sink.text == R"(ID  NAME       EVENTS  CREATED
──────────────────────────────────────────
s1  a "b"\n         8  2026-03-07 12:00:00
s2  (unnamed)       0  1970-01-01 00:00:00
)");
}

TEST_CASE("a title is shown in quotes where there is no name, and stands apart in JSON") {
  const std::array<std::string, 2> some{"never shown", "::stop\x1b[31m"};
  StringSink sink;
  write_sessions_text(sink, {two, some}, {});
  CHECK(sink.text.contains("s1  a \"b\"\\n "));
  CHECK(sink.text.contains("s2  \"::stop\\u{1b}[31m\" "));
  sink.text.clear();
  std::array<std::optional<Totals>, 2> totals{Totals{}, std::nullopt};
  write_sessions_json(sink, two, titles, totals);
  CHECK(sink.text.contains(
      R"("first_event_at":null,"last_event_at":null,"tokens_in":0,"tokens_out":0,)"
      R"("tokens_cache_read":null,"tokens_cache_write":null,)"
      R"("tokens_reasoning":null,"cost_usd":null,"cost_computed_usd":null,)"
      R"("cost_total_usd":0,"cost_unknown_responses":0,"tool_calls":0,)"
      R"("errors":0,"tool_errors":0})"));
  CHECK(
      sink.text.contains(R"("cost_total_usd":null,"cost_unknown_responses":null,"tool_calls":null,)"
                         R"("errors":null,"tool_errors":null}]})"));
  sink.text.clear();
  write_sessions_json(sink, two, some, totals);
  CHECK(sink.text.contains(R"("name":"","labels":{})"));
  CHECK(sink.text.contains(R"("title":"::stop\u001b[31m",)"));
}

TEST_CASE("the long table shows use, and a dash for what does not apply") {
  std::array<std::optional<Totals>, 2> totals{Totals{}, Totals{}};
  totals[0]->tokens_in = 1850;
  totals[0]->tokens_out = 320;
  totals[0]->cost_usd = Decimal::parse("0.018").value();
  StringSink sink;
  write_sessions_text(sink, {two, titles, totals}, {});
  CHECK(sink.text.contains("2026-03-07 12:00:02      1,850  320  $0.018       0\n"));
  CHECK(sink.text.contains("1970-01-01 00:00:00          -    -       -       0\n"));
  CHECK(sink.text.contains("total  2 sessions       8"));
  totals[1].reset();
  sink.text.clear();
  write_sessions_text(sink, {two, titles, totals}, {});
  CHECK(sink.text.contains("  unknown  unknown  unknown  unknown\n"));
}

TEST_CASE("the project is a column where a session has one") {
  std::array<Session, 2> some = two;
  some[0].labels["project"] = "shop-api";
  StringSink sink;
  write_sessions_text(sink, {some, titles}, {});
  CHECK(sink.text.contains("CREATED              PROJECT\n"));
  CHECK(sink.text.contains("2026-03-07 12:00:00  shop-api\n"));
}

TEST_SUITE_END();
