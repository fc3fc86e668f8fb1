// The front door: states, reducers, moving a store. (What backends answer is tested over both.)

#include "agentstore/agentstore.hpp"

#include <doctest/doctest.h>

#include "support/events.hpp"
#include "support/lines.hpp"

namespace agentstore {
namespace {

using test::with_each_backend;

// The default projection, and a number of its own beside it.
class Wrapped : public Projection {
 public:
  explicit Wrapped(std::string_view session_id) : inner_(make_session_projection(session_id)) {}
  std::string_view name() const override { return "wrapped"; }
  int version() const override { return 1; }
  Result<void> apply(const EventView& event) override {
    bytes_ += event.payload.size();
    return inner_->apply(event);
  }
  std::string to_json() const override {
    return R"({"bytes":)" + std::to_string(bytes_) + R"(,"inner":)" + inner_->to_json() + "}";
  }
  Result<void> from_json(std::string_view text) override {
    const auto bytes = json::find_integer(text, "bytes");
    const auto inner = json::find(text, "inner");
    if (!bytes || !inner) return fail(Code::corrupt, "no state of this projection");
    bytes_ = static_cast<std::size_t>(*bytes);
    return inner_->from_json(*inner);
  }

 private:
  std::unique_ptr<Projection> inner_;
  std::size_t bytes_ = 0;
};

class Failing : public Projection {
 public:
  std::string_view name() const override { return "failing"; }
  int version() const override { return 1; }
  Result<void> apply(const EventView& event) override {
    if (event.sequence_number < 2) return {};
    return fail(Code::overflow, "at event #2");
  }
  std::string to_json() const override { return "{}"; }
  Result<void> from_json(std::string_view) override { return {}; }
};

void make_three(Store& store) {
  REQUIRE(store.create_session({.id = "s"}));
  const Draft three[] = {{.type = "user_message", .payload = R"({"a":1})"},
                         {.type = "tool_called", .payload = R"({"b":22})"},
                         {.type = "user_message", .payload = R"({"c":333})"}};
  REQUIRE(store.append("s", three));
}

}  // namespace

TEST_SUITE_BEGIN("store");

TEST_CASE("the default state is that of the projection session") {
  with_each_backend([](Store& store) {
    make_three(store);
    const auto state = store.state("s");
    REQUIRE(state);
    CHECK(state->session_id == "s");
    CHECK(state->projection == "session");
    CHECK(state->last_sequence_number == 3);
    CHECK(json::find_integer(state->json, "event_count") == 3);
    CHECK(json::find(*json::find(state->json, "data"), "user_message") == R"({"c":333})");
  });
}

TEST_CASE("the default projection can be wrapped, snapshots included") {
  StoreOptions options{.snapshot_interval = 2};
  options.projection = [](std::string_view id) { return std::make_unique<Wrapped>(id); };
  with_each_backend(options, [](Store& store) {
    make_three(store);
    CHECK(store.state("s")->json.starts_with(R"({"bytes":24,"inner":{"session_id":"s")"));
    REQUIRE(store.append("s", {.type = "x", .payload = "1"}));
    CHECK(store.state("s")->json.starts_with(R"({"bytes":25,"inner":{"session_id":"s")"));
  });
}

TEST_CASE("any projection folds what a filter lets through") {
  with_each_backend([](Store& store) {
    make_three(store);
    const auto projection = make_session_projection("s");
    const auto state = store.state("s", *projection, {.filter = {.types = {"user_message"}}});
    REQUIRE(state);
    CHECK(json::find_integer(state->json, "event_count") == 2);
    CHECK(state->last_sequence_number == 3);
    const auto until = make_session_projection("s");
    CHECK(store.state("s", *until, {.filter = {.to_seq = 2}})->last_sequence_number == 2);
    const auto none = make_session_projection("s");
    CHECK(store.state("s", *none, {.filter = {.to_seq = 0}})->last_sequence_number == 0);
  });
}

TEST_CASE("a reducer sees the events in order") {
  with_each_backend([](Store& store) {
    make_three(store);
    const auto types =
        store.reduce("s", std::string{}, [](std::string& all, const EventView& event) {
          all += std::to_string(event.sequence_number) + std::string{event.type} + " ";
        });
    CHECK(types == "1user_message 2tool_called 3user_message ");
    const auto tools = store.reduce(
        "s", 0, [](int& count, const EventView& event) { count += is_tool_event(event.type); },
        {.filter = {.from_seq = 2}});
    CHECK(tools == 1);
    CHECK(store.reduce("x", 0, [](int&, const EventView&) {}).error().code == Code::not_found);
  });
}

TEST_CASE("what is given every event may end the reading, or have nothing to say") {
  with_each_backend([](Store& store) {
    make_three(store);
    std::uint64_t seen = 0;
    CHECK(for_each_event(**store.read("s"), [&](const EventView&) { ++seen; }));
    CHECK(seen == 3);
    const auto ended = for_each_event(**store.read("s"), [&](const EventView& event) {
      seen = event.sequence_number;
      return seen == 2 ? Result<void>{fail(Code::overflow, "enough")} : Result<void>{};
    });
    CHECK(ended.error().message == "enough");
    CHECK(seen == 2);
  });
}

TEST_CASE("a projection that refuses an event ends the fold, and fails no append") {
  std::vector<std::string> notices;
  StoreOptions options{.snapshot_interval = 2};
  options.projection = [](std::string_view) { return std::make_unique<Failing>(); };
  options.on_notice = [&](const std::string& text) { notices.push_back(text); };
  with_each_backend(options, [&](Store& store) {
    notices.clear();
    REQUIRE(store.create_session({.id = "s"}));
    CHECK(store.append("s", {.type = "x"}));
    CHECK(store.append("s", {.type = "x"}));
    CHECK(notices.size() == 1);
    const auto state = store.state("s");
    REQUIRE_FALSE(state);
    CHECK(state.error().code == Code::overflow);
  });
}

TEST_CASE("damage is an error for a state, unless it was asked for otherwise") {
  const test::TempFolder folder;
  {
    auto store = Store::open(folder / "data");
    for (int i = 0; i < 1; ++i) REQUIRE(store->create_session({.id = "s"}));
    for (int i = 0; i < 4; ++i) REQUIRE(store->append("s", {.type = "x"}));
  }
  const auto path = folder / "data/events/s.jsonl";
  auto lines = test::lines_of(test::read_text(path));
  test::write_text(path, lines[0] + lines[1] + "garbage\n" + lines[3]);
  const auto store = Store::open(folder / "data");
  CHECK(store->state("s").error().code == Code::corrupt);
  CHECK(store->state("s", OnCorrupt::prefix)->last_sequence_number == 2);
  const auto skipped = store->state("s", OnCorrupt::skip);
  REQUIRE(skipped);
  CHECK(skipped->last_sequence_number == 4);
  CHECK(skipped->report.verdict == Verdict::damaged);
  CHECK(json::find_integer(skipped->json, "event_count") == 3);
  CHECK(store->sessions()->size() == 1);
}

TEST_CASE("a store can be moved, and the one that it is moved onto is closed") {
  Store one = Store::in_memory();
  REQUIRE(one.create_session({.id = "s"}));
  Store two = std::move(one);
  CHECK(two.session("s"));
  Store three = Store::in_memory();
  three = std::move(two);
  CHECK(three.append("s", {.type = "x"})->sequence_number == 1);
}

TEST_CASE("the model's and the tools' events are told by their types") {
  CHECK(is_llm_event("llm_request"));
  CHECK(is_llm_event("llm_response"));
  CHECK_FALSE(is_llm_event("llm_request2"));
  CHECK(is_tool_event("tool_called"));
  CHECK(is_tool_event("tool_result"));
  CHECK_FALSE(is_tool_event("user_message"));
}

TEST_SUITE_END();

}  // namespace agentstore
