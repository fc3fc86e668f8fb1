#include "formats/answers/stats.hpp"

#include <doctest/doctest.h>

#include "agentstore/json.hpp"

using namespace agentstore;
using namespace agentstore::formats;

namespace {

Totals some_totals() {
  Totals totals;
  totals.events = 2;
  totals.by_type = {{"error", 1}, {"llm_response", 1}};
  totals.errors = 1;
  totals.tokens_in = 9850;
  totals.tokens_out = 320;
  totals.tokens_cache_read = 7;
  totals.cost_usd = Decimal::parse("0.0180").value();
  totals.first_event_at = parse_rfc3339("2026-03-07T12:00:00Z").value();
  totals.last_event_at = parse_rfc3339("2026-03-07T12:00:02.11Z").value();
  return totals;
}

StatsAnswer one_session() {
  StatsAnswer answer;
  answer.session = Session{.id = "s1",
                           .name = "n\x1b",
                           .labels = {{"k", "v"}},
                           .created_at = {},
                           .updated_at = {},
                           .event_count = 2};
  answer.sessions = 1;
  answer.totals = some_totals();
  return answer;
}

}  // namespace

TEST_SUITE_BEGIN("stats");

TEST_CASE("statistics as JSON keep to their schema") {
  StringSink sink;
  write_stats_json(sink, one_session());
  CHECK(
      sink.text ==
      R"({"schema":"agentstore/stats/1","session_id":"s1","name":"n\u001b","labels":{"k":"v"},"sessions":1,"events":2,"by_type":{"error":1,"llm_response":1},"tool_calls":0,"errors":1,"tool_errors":0,"tokens_in":9850,"tokens_out":320,"tokens_cache_read":7,"tokens_cache_write":null,"tokens_reasoning":null,"cost_usd":0.018,"cost_computed_usd":null,"events_without_cost":0,"cost_known_usd":0.018,"cost_total_usd":0.018,"cost_unknown_responses":0,"first_event_at":"2026-03-07T12:00:00.000000000Z","last_event_at":"2026-03-07T12:00:02.110000000Z","duration_ms":2110,"sessions_duration_ms":null,"incomplete":[],"sub_agents":null,"lower_bound_responses":0,"rules":null,"groups":[]}
)");
}

TEST_CASE("what does not apply is null") {
  StringSink sink;
  write_stats_json(sink, {});
  CHECK(sink.text.starts_with(R"({"schema":"agentstore/stats/1","session_id":null,"name":null,)"
                              R"("labels":null,"sessions":0,"events":0,"by_type":{},)"));
  CHECK(sink.text.contains(R"("cost_usd":null,"cost_computed_usd":null,)"));
  CHECK(sink.text.contains(R"("last_event_at":null,"duration_ms":null,)"));
}

TEST_CASE("groups have their keys and the fields of the sums") {
  StatsAnswer answer{.session = {},
                     .sessions = 2,
                     .totals = some_totals(),
                     .sub_agents = {},
                     .groups = {},
                     .prices = {}};
  Durations durations;
  durations.add(1);
  durations.add(2);
  answer.groups = {
      {.keys = {{"model", "::m"}}, .totals = some_totals(), .in_sessions = {1, 2110, durations}},
      {.keys = {{"model", std::nullopt}}, .totals = {}}};
  StringSink sink;
  write_stats_json(sink, answer);
  CHECK(sink.text.contains(R"("groups":[{"by":{"model":"::m"},"events":2,"by_type":{"error":1,)"));
  CHECK(sink.text.contains(
      R"("duration_ms":2110,"sessions":1,"sessions_duration_ms":2110,"calls":0,"failed":0,)"
      R"("duration_ms_sum":3,"duration_ms_p50":1,"duration_ms_p95":2,"duration_ms_max":2},)"
      R"({"by":{"model":null},"events":0,)"));
  CHECK(sink.text.contains(R"("duration_ms_sum":null,"duration_ms_p50":null)"));
  CHECK_FALSE(json::check(sink.text, json::rules_to_store));
}

TEST_CASE("a session's figures are a line each") {
  StringSink sink;
  StatsAnswer answer = one_session();
  answer.totals.cost_usd.reset();
  answer.totals.events_without_cost = 1;
  write_stats_text(sink, answer, {});
  CHECK(sink.text == R"(session       s1
name          n\u{1b}
label         k=v
events        2
                      1  error
                      1  llm_response
tokens in     9,850
  cache read  7
tokens out    320
cost          unknown
tool calls    0
tool errors   0
errors        1
first event   2026-03-07 12:00:00 UTC
last event    2026-03-07 12:00:02 UTC
duration      2.1 s
note          1 response with tokens but no cost: what they cost is unknown
)");
}

TEST_CASE("several sessions have no duration but the sum of their own") {
  StatsAnswer answer = one_session();
  answer.session.reset();
  answer.sessions = 3;
  answer.sessions_duration_ms = 34'080'000;
  StringSink sink;
  write_stats_text(sink, answer, {});
  CHECK(sink.text.starts_with("sessions      3\n"));
  CHECK(sink.text.contains("duration      9 h 28 m, the sum of each session's own\n"));
}

TEST_CASE("notes go on in the next line, and nothing is cut and wrapped") {
  StatsAnswer answer = one_session();
  answer.totals.events_without_cost = 1;
  answer.totals.unpriced = {{"no price for the model \"a-model-with-a-long-name\"", 1}};
  answer.session->name = std::string(100, 'x');
  StringSink sink;
  write_stats_text(sink, answer, {.columns = 50});
  CHECK(sink.text.contains("name          " + std::string(35, 'x') + "…\n"));
  CHECK(sink.text.contains("cost          $0.018 + 1 response unknown\n"));
  CHECK(sink.text.contains(R"(
note          1 response with tokens but no cost:
              what they cost is unknown
  of them     1: no price for the model
              "a-model-with-a-long-name"
)"));
}

TEST_SUITE_END();
