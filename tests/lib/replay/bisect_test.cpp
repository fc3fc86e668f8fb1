#include "agentstore/analysis/bisect.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "agentstore/json.hpp"
#include "agentstore/store.hpp"

using namespace agentstore;

namespace {

/// A session of so many events, and what is asked of it.
struct History {
  explicit History(int events) {
    for (int i = 0; i < events; ++i) store.append(id, {.type = "custom"}).value();
  }

  EventSource source() const {
    return [this](ReadOptions options) { return store.read(id, std::move(options)); };
  }

  Store store = Store::in_memory();
  std::string id = store.create_session().value().id;
  std::vector<ProjectionFactory> projections{make_session_projection};
};

std::int64_t count_in(std::span<const std::string> states) {
  return json::find_integer(states[0], "event_count").value();
}

}  // namespace

TEST_SUITE_BEGIN("bisect");

TEST_CASE("every flip of an answer is found, with the event that made it") {
  const History history{12};
  const auto flips = find_flips(history.source(), history.id, history.projections,
                                [](std::uint64_t number, std::span<const std::string> states) {
                                  const auto count = count_in(states);
                                  CHECK(count == static_cast<std::int64_t>(number));
                                  return Result<bool>{(count >= 3 && count < 5) || count > 9};
                                });
  REQUIRE(flips);
  CHECK_FALSE(flips->at_start);
  CHECK(flips->events == 12);
  REQUIRE(flips->count == 3);
  CHECK(flips->flips[0].sequence_number == 3);
  CHECK(flips->flips[0].answer);
  CHECK(flips->flips[1].sequence_number == 5);
  CHECK_FALSE(flips->flips[1].answer);
  CHECK(flips->flips[2].sequence_number == 10);
}

TEST_CASE("an answer may hold from the start, and a question may refuse") {
  const History history{2};
  const auto always = find_flips(history.source(), history.id, history.projections,
                                 [](auto, auto) { return Result<bool>{true}; });
  REQUIRE(always);
  CHECK(always->at_start);
  CHECK(always->count == 0);
  const auto refused = find_flips(history.source(), history.id, history.projections,
                                  [](std::uint64_t number, auto) -> Result<bool> {
                                    if (number == 2) return fail(Code::invalid, "no answer");
                                    return false;
                                  });
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "no answer, after #2");
}

TEST_CASE("the turning point is found by halving, wherever it is") {
  constexpr int events = 37;
  const History history{events};
  for (int first = 1; first <= events; ++first) {
    CAPTURE(first);
    const auto point = find_turning_point(
        history.source(), history.id, history.projections,
        [&](std::uint64_t number, std::span<const std::string> states) {
          CHECK(count_in(states) == static_cast<std::int64_t>(number));
          return Result<Trial>{count_in(states) >= first ? Trial::bad : Trial::good};
        });
    REQUIRE(point);
    CHECK(point->bad);
    CHECK(point->first_bad == static_cast<std::uint64_t>(first));
    CHECK(point->last_good == static_cast<std::uint64_t>(first) - 1);
    CHECK(point->trials <= 7);
    CHECK(point->skipped.empty());
  }
}

TEST_CASE("states that are skipped widen what is left, and no more") {
  const History history{20};
  const std::set<std::uint64_t> skipped{8, 9, 10, 11};
  for (std::uint64_t first = 2; first <= 19; ++first) {
    CAPTURE(first);
    const auto point = find_turning_point(history.source(), history.id, history.projections,
                                          [&](std::uint64_t number, auto) -> Result<Trial> {
                                            if (skipped.contains(number)) return Trial::skip;
                                            return number >= first ? Trial::bad : Trial::good;
                                          });
    REQUIRE(point);
    CHECK(point->last_good < first);
    CHECK(point->first_bad >= first);
    // All that lies between is skipped, or there is nothing between.
    CHECK(point->first_bad - point->last_good - 1 == point->skipped.size());
    CHECK((point->skipped.empty() || point->skipped.front() == 8));
  }
}

TEST_CASE("a newest state that is good ends the search, and one that is skipped refuses it") {
  const History history{5};
  const auto good = find_turning_point(history.source(), history.id, history.projections,
                                       [](auto, auto) { return Result<Trial>{Trial::good}; });
  REQUIRE(good);
  CHECK_FALSE(good->bad);
  CHECK(good->trials == 1);
  const auto skip = find_turning_point(history.source(), history.id, history.projections,
                                       [](auto, auto) { return Result<Trial>{Trial::skip}; });
  REQUIRE_FALSE(skip);
  CHECK(skip.error().code == Code::invalid);
  const History empty{0};
  const auto none = find_turning_point(empty.source(), empty.id, empty.projections,
                                       [](auto, auto) { return Result<Trial>{Trial::bad}; });
  REQUIRE(none);
  CHECK_FALSE(none->bad);
  CHECK(none->trials == 0);
}

TEST_SUITE_END();
