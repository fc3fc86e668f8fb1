#include "formats/answers/stats_groups.hpp"

#include <doctest/doctest.h>

using namespace agentstore;
using namespace agentstore::formats;

namespace {

Totals of_tokens(std::int64_t in, std::int64_t cached, std::int64_t out, const char* cost) {
  Totals totals;
  totals.events = 10;
  totals.tokens_in = in;
  totals.tokens_cache_read = cached;
  totals.tokens_out = out;
  totals.cost_computed_usd = Decimal::parse(cost).value();
  return totals;
}

StatsAnswer by_project() {
  StatsAnswer answer;
  answer.sessions = 20;
  answer.groups = {{.keys = {{"project", "agentstore"}},
                    .totals = of_tokens(3'850'164, 3'503'649, 7021, "4.02"),
                    .in_sessions = {6, 60'000, {}}},
                   {.keys = {{"project", "shop-api"}},
                    .totals = of_tokens(17'835'684, 17'122'256, 13'577, "15.66"),
                    .in_sessions = {14, 34'080'000, {}}}};
  answer.totals = of_tokens(21'685'848, 20'625'905, 20'598, "19.68");
  answer.totals.events_without_cost = 3;
  answer.sessions_duration_ms = 34'140'000;
  answer.bars = true;
  return answer;
}

std::string shown(const StatsAnswer& answer, const Screen& screen) {
  StringSink sink;
  write_stats_groups(sink, answer, screen);
  return sink.text;
}

StatsAnswer by_tool() {
  StatsAnswer answer;
  answer.sessions = 1;
  const auto group = [&](const char* tool, std::uint64_t calls, std::uint64_t failed) {
    StatsGroup& one = answer.groups.emplace_back();
    one.keys = {{"tool", tool == nullptr ? std::nullopt : std::optional<std::string>{tool}}};
    one.totals.events = 2 * calls;
    one.totals.tool_calls = calls;
    one.totals.tool_errors = failed;
    if (calls == 133) one.in_sessions.tool_durations.add(2700);
    answer.totals.tool_calls += calls;
    answer.totals.tool_errors += failed;
  };
  group("Bash", 133, 20);
  group("Zed", 1000, 0);
  group(nullptr, 0, 0);
  answer.tool_durations = answer.groups.front().in_sessions.tool_durations;
  return answer;
}

}  // namespace

TEST_SUITE_BEGIN("stats groups");

TEST_CASE(
    "on a terminal the largest group is first, with a bar, and the total says what it lacks") {
  CHECK(shown(by_project(), {.columns = 80}) ==
        R"(every row: EVENTS 10, TOOL CALLS 0, FAILED 0, ERRORS 0, no MODELS
PROJECT     SESSIONS   TOKENS IN  CACHED     OUT     COST
─────────────────────────────────────────────────────────
shop-api          14  17,835,684    96 %  13,577  ~$15.66  ████████████████
agentstore         6   3,850,164    91 %   7,021   ~$4.02  ████▏
total             20  21,685,848    95 %  20,598  ~$19.68  + 3 responses unknown
--wide shows TIME.
)");
  StatsAnswer without = by_project();
  without.bars = false;
  CHECK_FALSE(shown(without, {.columns = 80}).contains("█"));
}

TEST_CASE("a pipe has all columns, and no bars") {
  CHECK(
      shown(by_project(), {}) ==
      R"(PROJECT     SESSIONS  EVENTS   TOKENS IN  CACHED     OUT     COST  TOOL CALLS  FAILED  ERRORS      TIME  MODELS
───────────────────────────────────────────────────────────────────────────────────────────────────────────────
shop-api          14      10  17,835,684    96 %  13,577  ~$15.66           0       0       0  9 h 28 m  -
agentstore         6      10   3,850,164    91 %   7,021   ~$4.02           0       0       0   1 m 0 s  -
total             20      10  21,685,848    95 %  20,598  ~$19.68           0       0       0  9 h 29 m  -       + 3 responses unknown
)");
}

TEST_CASE("tools have their calls, failures and durations; events of no tool are left out") {
  CHECK(shown(by_tool(), {.columns = 80}) ==
        R"(TOOL   CALLS  FAILED          p50    p95    MAX  TOTAL
──────────────────────────────────────────────────────
Zed    1,000       0            -      -      -      -
Bash     133      20  15 %  2.7 s  2.7 s  2.7 s  2.7 s
total  1,133      20   2 %  2.7 s  2.7 s  2.7 s  2.7 s
)");
}

TEST_CASE("times are in the order of time") {
  StatsAnswer answer = by_project();
  answer.groups[0].keys = {{"day", "2026-03-07"}};
  answer.groups[1].keys = {{"day", "2026-03-08"}};
  const std::string text = shown(answer, {.columns = 80});
  CHECK(text.find("2026-03-07") < text.find("2026-03-08"));
}

TEST_SUITE_END();
