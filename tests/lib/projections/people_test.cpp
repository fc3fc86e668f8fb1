// The projections conversation, summary, progress and status.

#include <doctest/doctest.h>

#include "agentstore/analysis/kinds.hpp"
#include "agentstore/json.hpp"
#include "agentstore/projection.hpp"
#include "support/events.hpp"

namespace agentstore {
namespace {

struct Given {
  const char* type;
  const char* payload;
  const char* metadata = "{}";
  bool redacted = false;
};

std::unique_ptr<Projection> folded(std::string_view name, std::initializer_list<Given> events) {
  const auto make = projection_named(name, casino_ledger()).value();
  auto fold = make("s");
  std::uint64_t number = 0;
  for (const auto& [type, payload, metadata, redacted] : events) {
    EventView event = test::event_view(++number, type, payload, metadata);
    if (redacted) event.redacted_by = 99;
    REQUIRE(fold->apply(event));
    auto restored = make("s");
    REQUIRE(restored->from_json(fold->to_json()));
    REQUIRE(restored->to_json() == fold->to_json());
    REQUIRE_FALSE(json::check(fold->to_json(), json::rules_to_read));
  }
  return fold;
}

std::vector<std::uint64_t> incomplete(const Projection& fold) {
  std::vector<std::uint64_t> numbers;
  for (const FoldNote& note : fold.notes()) {
    if (note.kind == FoldNote::Kind::incomplete) numbers.push_back(note.sequence_number);
  }
  return numbers;
}

}  // namespace

TEST_SUITE_BEGIN("projections of people");

TEST_CASE("a conversation is who said what, what was called, what was redacted") {
  const auto fold =
      folded("conversation",
             {{"user_message", R"({"role":"user","content":"Hi\n\"there\""})"},
              {"llm_response", R"({"content":[{"type":"text","text":"Hello"},{"text":"you"},7]})"},
              {"user.utterance.v1", R"({"text":"And?"})"},
              {"agent.utterance.v1", R"({"text":["one","two"]})"},
              {"tool_called", R"({"tool":"search","args":{"to":"MUC","n":1.50}})"},
              {"tool.call.v1", R"({"arguments":"{}"})", R"({"tool_name":"pay"})"},
              {"tool_result", R"({"result":1})"},
              {"user_message", "null", "{}", true},
              {"tool_called", "null", R"({"tool_name":"pay"})", true},
              {"redaction.applied.v1", R"({"seq":3})"},
              {"agentstore.redacted", R"({"sequence_number":8,"reason":"GDPR"})"}});
  CHECK(fold->to_json() ==
        R"({"transcript":[{"role":"user","text":"Hi\n\"there\"","seq":1},)"
        R"({"role":"assistant","text":"Hello\nyou","seq":2},)"
        R"({"role":"user","text":"And?","seq":3},{"role":"agent","text":"one\ntwo","seq":4},)"
        R"({"role":"user","text":null,"seq":8}],)"
        R"("tool_calls":[{"tool":"search","arguments":{"to":"MUC","n":1.50},"seq":5},)"
        R"({"tool":"pay","arguments":"{}","seq":6},{"tool":"pay","arguments":null,"seq":9}],)"
        R"("redactions":[{"seq":10,"payload":{"seq":3}},)"
        R"({"seq":11,"payload":{"sequence_number":8,"reason":"GDPR"}}]})");
  CHECK(incomplete(*fold) == std::vector<std::uint64_t>{8, 9});
}

TEST_CASE("a summary counts, and adds tokens up once") {
  const auto fold =
      folded("summary", {{"session_started", R"({"agent_id":"a-1"})"},
                         {"user_message", "{}"},
                         {"message_received", R"({"role":"user","token_count":5})"},
                         {"message_received", R"({"content":"no role"})"},
                         {"message_received", R"({"role":"assistant"})"},
                         {"user.utterance.v1", "{}"},
                         {"tool_called", "{}"},
                         {"tool.call.v1", "{}"},
                         {"decision_made", "{}"},
                         {"error", "{}"},
                         {"error_occurred", "{}"},
                         {"llm_request", "{}", R"({"tokens_in":100,"extra":{"agent_id":"a-2"}})"},
                         {"llm_response", R"({"token_count":7})", R"({"tokens_out":20})"},
                         {"custom", "{}", R"({"tokens_in":1000})"},
                         {"agentstore.redacted", R"({"token_count":1})"}});
  CHECK(fold->to_json() ==
        R"({"session_id":"s","agent_id":"a-2","total_events":14,"user_messages":5,)"
        R"("tool_calls":2,"decisions":1,"errors":2,)"
        R"("first_event_at":"2026-03-07T12:00:00.000000001Z",)"
        R"("latest_event_at":"2026-03-07T12:00:00.000000014Z",)"
        R"("session_duration":0.000000013,"total_tokens_used":112})");
  CHECK(fold->notes().empty());
  CHECK(folded("summary", {})->to_json() ==
        R"({"session_id":"s","agent_id":null,"total_events":0,"user_messages":0,"tool_calls":0,)"
        R"("decisions":0,"errors":0,"first_event_at":null,"latest_event_at":null,)"
        R"("session_duration":null,"total_tokens_used":0})");
}

TEST_CASE("a summary misses what redacted payloads may have said") {
  const auto fold = folded("summary", {{"message_received", "null", "{}", true},
                                       {"llm_response", "null", R"({"tokens_out":20})", true},
                                       {"user_message", "null", "{}", true}});
  CHECK(incomplete(*fold) == std::vector<std::uint64_t>{1, 3});
  CHECK(fold->to_json().find(R"("user_messages":2)") != std::string::npos);
}

TEST_CASE("labels say who acts until an event does, and are no part of a state") {
  const Labels labels{{"agent_id", "l"}, {"agent_type", "bot"}, {"user_id", "u"}};
  for (const char* const name : {"summary", "progress", "status"}) {
    CAPTURE(name);
    const auto make = projection_named(name, casino_ledger(), labels).value();
    const auto other = projection_named(name, casino_ledger(), {{"agent_id", "m"}}).value();
    const auto none = projection_named(name, casino_ledger()).value();
    const std::string before = make("s")->to_json();
    CHECK(json::find_text(before, "agent_id") == "l");
    CHECK(make("s")->version() != none("s")->version());
    CHECK(make("s")->version() != other("s")->version());
    auto fold = make("s");
    CHECK(fold->apply(test::event_view(1, "custom", R"({"agent_id":"e"})")));
    auto read = make("s");
    CHECK(read->from_json(fold->to_json()));
    CHECK(read->to_json() == fold->to_json());
    CHECK(read->version() == make("s")->version());
    const std::string after = read->to_json();
    CHECK(json::find_text(after, "agent_id") == "e");
  }
}

TEST_CASE("a kind is that of the table, and other for any other type") {
  CHECK(kind_of_type("tool.call.v1") == EventKind::call);
  CHECK(kind_of_type("error_occurred") == EventKind::error);
  CHECK(kind_of_type("custom") == EventKind::other);
  CHECK(kind_of_type("Error") == EventKind::other);
  CHECK(kind_of_type("") == EventKind::other);
  for (const KnownType& one : known_types()) CHECK(kind_of_type(one.type) == one.kind);
  for (const auto& [type, rule] : casino_ledger().types)
    CHECK(kind_of_type(type) == EventKind::entry);
}

TEST_CASE("sums of tokens that overflow name the event") {
  auto fold = folded("summary", {{"custom", R"({"token_count":9223372036854775807})"}});
  const auto over = fold->apply(test::event_view(2, "custom", R"({"token_count":1})"));
  REQUIRE_FALSE(over);
  CHECK(over.error().code == Code::overflow);
  CHECK(over.error().message.find("event #2") != std::string::npos);
}

TEST_CASE("progress is what was decided, used and done") {
  CHECK(folded("progress", {{"decision_made", R"({"agent_id":"a"})"},
                            {"tool_called", "{}"},
                            {"tool.call.v1", "{}"},
                            {"decision_made", "{}"},
                            {"task_completed", "{}"},
                            {"error_occurred", "{}"},
                            {"session_ended", "{}"},
                            {"agentstore.log_repaired", R"({"agent_id":"no"})"}})
            ->to_json() ==
        R"({"session_id":"s","agent_id":"a","decisions_made":2,"tools_invoked":2,)"
        R"("tasks_completed":1,"had_error":true,"is_closed":true,)"
        R"("last_decision_at":"2026-03-07T12:00:00.000000004Z"})");
}

TEST_CASE("status is the latest event, and who it was") {
  auto fold = folded(
      "status", {{"session_started", R"({"agent_id":"a","agent_type":"planner","user_id":"u"})"},
                 {"decision_made", R"({"n":[1.50]})"},
                 {"agentstore.log_repaired", "{}"}});
  CHECK(fold->to_json() ==
        R"({"agent_id":"a","session_id":"s","last_event_type":"decision_made",)"
        R"("payload":{"n":[1.50]},"last_event_at":"2026-03-07T12:00:00.000000002Z",)"
        R"("agent_type":"planner","user_id":"u",)"
        R"("session_started_at":"2026-03-07T12:00:00.000000001Z"})");
  EventView gone = test::event_view(4, "user_message", "null");
  gone.redacted_by = 5;
  REQUIRE(fold->apply(gone));
  CHECK(incomplete(*fold) == std::vector<std::uint64_t>{4});
  REQUIRE(fold->apply(test::event_view(6, "user_message", "{}")));
  CHECK(fold->notes().empty());
}

TEST_CASE("a state of another session, or none, is corrupt") {
  for (const char* const name : {"conversation", "summary", "progress", "status"}) {
    CAPTURE(name);
    const auto make = projection_named(name, casino_ledger()).value();
    auto fold = make("s");
    REQUIRE(fold->apply(test::event_view(1, "user_message", R"({"text":"hi"})")));
    const std::string before = fold->to_json();
    if (std::string_view{name} != "conversation") CHECK_FALSE(make("t")->from_json(before));
    for (const char* const bad : {"{}", "[]", R"({"session_id":"s"})"}) {
      CHECK(fold->from_json(bad).error().code == Code::corrupt);
      CHECK(fold->to_json() == before);
    }
  }
}

TEST_SUITE_END();

}  // namespace agentstore
