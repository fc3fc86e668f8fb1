// The values beside the JSON: metadata, and the state of the default projection.

#include <doctest/doctest.h>

#include <limits>

#include "agentstore/metadata.hpp"
#include "agentstore/projection.hpp"
#include "agentstore/session_state.hpp"
#include "support/events.hpp"

namespace agentstore {

TEST_SUITE_BEGIN("typed values");

TEST_CASE("metadata comes back as it was written") {
  const Metadata all{.worker_id = "w",
                     .tokens_in = 1,
                     .tokens_out = -2,
                     .model = "m \"1\"",
                     .tool_name = "",
                     .duration_ms = 3,
                     .cost_usd = 0.25,
                     .extra = {{"a", "b"}, {"é", "\n"}},
                     .causation_id = "c",
                     .correlation_id = "d",
                     .schema_version = 2};
  CHECK(all.to_json() == R"({"worker_id":"w","tokens_in":1,"tokens_out":-2,"model":"m \"1\"",)"
                         R"("tool_name":"","duration_ms":3,"cost_usd":0.25,)"
                         R"("extra":{"a":"b","é":"\n"},"causation_id":"c","correlation_id":"d",)"
                         R"("schema_version":2})");
  CHECK(Metadata::of(all.to_json()) == all);
  CHECK(Metadata{}.to_json() == "{}");
  CHECK(Metadata{.cost_usd = std::numeric_limits<double>::infinity()}.to_json() == "{}");
}

TEST_CASE("metadata is read as Go reads it, and what has another form is absent") {
  const Metadata said = Metadata::of(
      R"({"Tokens_IN":1,"tokens_in":7,"model":3,"cost_usd":"1","tokens_out":1.5,"own":true,)"
      R"("extra":{"a":"b","n":1},"duration_ms":9223372036854775808})");
  CHECK(said == Metadata{.tokens_in = 7, .extra = {{"a", "b"}}});
  CHECK(Metadata::of("null") == Metadata{});
  CHECK(Metadata::of("[1]") == Metadata{});
}

TEST_CASE("metadata may be appended, and read from an event") {
  Store store = Store::in_memory();
  const std::string id = store.create_session().value().id;
  const Metadata metadata{.tokens_in = 12, .model = "m-1"};
  REQUIRE(store.append(id, Draft{.type = "llm_response", .metadata = metadata.to_json()}));
  CHECK(Metadata::of(store.events(id).value()[0].metadata) == metadata);
}

TEST_CASE("the state is the value of its JSON, and the JSON that of the value") {
  Store store = Store::in_memory();
  const std::string id = store.create_session().value().id;
  const Draft drafts[] = {
      {.type = "user_message", .payload = R"({"text":"hi"})"},
      {.type = "llm_response", .payload = "1", .metadata = R"({"tokens_in":5,"cost_usd":0.5})"},
      {.type = "tool_called"},
      {.type = "error", .timestamp = Timestamp{1'772'884'800, 5}}};
  REQUIRE(store.append(id, drafts));
  const std::string json = store.state(id).value().json;
  const auto state = SessionState::parse(json);
  REQUIRE(state);
  CHECK(state->session_id == id);
  CHECK(state->version == 4);
  CHECK(state->event_count == 4);
  CHECK(state->data.at("user_message") == R"({"text":"hi"})");
  CHECK(state->tokens_in == 5);
  CHECK(state->cost_usd == 0.5);
  CHECK(state->tool_calls == 1);
  CHECK(state->errors == 1);
  CHECK(state->last_event_at == Timestamp{1'772'884'800, 5});
  CHECK(state->to_json() == json);
  CHECK(SessionState::parse(make_session_projection("s")->to_json())->event_count == 0);
}

TEST_CASE("what is no state is corrupt") {
  for (const std::string_view text :
       {"", "{}", "[]", R"({"session_id":"s"})", "{\"session_id\":"}) {
    const auto state = SessionState::parse(text);
    REQUIRE_FALSE(state);
    CHECK(state.error().code == Code::corrupt);
  }
}

TEST_SUITE_END();

}  // namespace agentstore
