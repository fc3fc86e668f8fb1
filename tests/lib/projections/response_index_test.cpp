// Inputs apart, from bytes or not, count as all of them together do.

#include "agentstore/internal/response_index.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <tuple>

#include "agentstore/internal/totals_bytes.hpp"

namespace agentstore {
namespace {

/// An event with texts of its own.
struct Told {
  std::string session;
  std::string type;
  std::int64_t second = 0;
  std::string metadata;

  EventView event() const {
    EventView view;
    view.session_id = session;
    view.sequence_number = static_cast<std::uint64_t>(second) + 1;
    view.type = type;
    view.timestamp = {second, 0};
    view.metadata = metadata;
    view.payload = "{}";
    return view;
  }
};

void take(Responses& responses, const Told& told) {
  const EventView event = told.event();
  const Usage usage = usage_of(event);
  responses.see(event);
  if (auto telling = telling_of(event, usage))
    responses.take(std::move(*telling), event, usage, {std::string{event.type}});
  else responses.see_running_total(event, usage);
}

class Random {
 public:
  explicit Random(unsigned seed) : random_{seed} {}
  std::size_t below(std::size_t count) { return random_() % count; }
  std::string number(std::size_t count) { return std::to_string(below(count)); }

  /// What inputs of a folder tell: responses of their own and of others', summaries of sub-agents,
  /// totals of runs.
  Told told(std::size_t input) {
    const std::string own = below(4) == 0 ? number(6) : std::to_string(input) + "i" + number(9);
    const std::string session = below(5) == 0 ? "agent-A" + number(3) + ".S" + std::to_string(input)
                                              : "S" + std::to_string(input);
    std::string extra;
    switch (below(8)) {
      case 0: extra = R"("sub_agent":"A)" + number(3) + R"(","sub_agent_tokens_in":"9")"; break;
      case 1: extra = R"("response":"m)" + own + R"(","sub_agent":"A)" + number(3) + '"'; break;
      case 2: extra = R"("record_type":"result/model_usage","response":"run)" + own + '"'; break;
      case 3: extra = R"("record_type":"token_count")"; break;
      case 4: extra = R"("message_id":"m)" + own + R"(","request_id":"r)" + own + '"'; break;
      default: extra = R"("response":"m)" + own + '"'; break;
    }
    if (below(9) == 0) extra += R"(,"forked_from":"S1")";
    return {session, below(6) == 0 ? "tool_result" : "llm_response",
            static_cast<std::int64_t>(below(50)),
            R"({"model":"claude-opus-4-6","tokens_in":)" + number(9) + R"(,"tokens_out":)" +
                number(9) + R"(,"extra":{)" + extra + "}}"};
  }

 private:
  std::mt19937 random_;
};

std::string text_of(const CountedUses& uses) {
  CountedUses sums;
  for (const CountedUse& use : uses) {
    const auto same = std::ranges::find_if(sums, [&](const CountedUse& one) {
      return std::tie(one.session_id, one.agent, one.group) ==
             std::tie(use.session_id, use.agent, use.group);
    });
    if (same == sums.end()) sums.push_back(use);
    else REQUIRE(same->totals.merge(use.totals));
  }
  std::ranges::sort(sums, {}, [](const CountedUse& one) {
    return std::tie(one.session_id, one.agent, one.group);
  });
  std::string text;
  ByteWriter writer{text};
  for (const CountedUse& use : sums)
    writer.fields(use.session_id, use.agent, use.group, use.totals);
  return text;
}

std::string settled(ResponseIndex& index) {
  CountedUses uses;
  const auto uncounted = index.settle([&](const CountedUse& use) -> Result<void> {
    uses.push_back(use);
    return {};
  });
  REQUIRE(uncounted);
  return text_of(uses) + " " + std::to_string(uncounted->copied_events) + " " +
         std::to_string(uncounted->history_responses) + " " +
         std::to_string(uncounted->lower_bounds);
}

unsigned first_seed() {
  const char* const given = std::getenv("AGENTSTORE_TEST_SEED");
  return given == nullptr ? 1 : static_cast<unsigned>(std::strtoul(given, nullptr, 10));
}

}  // namespace

TEST_SUITE_BEGIN("response index");

TEST_CASE("inputs that were summed up before count as all of them together") {
  const unsigned first = first_seed();
  for (unsigned seed = first; seed < first + 300; ++seed) {
    CAPTURE(seed);
    Random random{seed};
    std::set<std::string, std::less<>> agents;
    for (std::size_t known = random.below(3); known > 0; --known)
      agents.insert("A" + random.number(3));
    std::vector<Responses> inputs(1 + random.below(8));
    for (std::size_t i = 0; i < inputs.size(); ++i)
      for (std::size_t events = random.below(12); events > 0; --events)
        take(inputs[i], random.told(i));
    ResponseIndex together{Prices::standard(), true};
    ResponseIndex apart{Prices::standard()};
    ResponseIndex kept{Prices::standard()};
    std::map<std::string, std::string> settled_before;
    const SettledUses keeping{
        .find = [&](const std::string& key) -> std::optional<std::string> {
          const auto found = settled_before.find(key);
          return found == settled_before.end() ? std::nullopt : std::optional{found->second};
        },
        .keep = [&](std::string key, std::string_view value) { settled_before[key] = value; }};
    ResponseIndex again{Prices::standard()};
    kept.keep_settled(keeping);
    again.keep_settled(keeping);
    for (const Responses& input : inputs) {
      together.add(ResponseBlock{input});
      apart.add(ResponseBlock{input});
      ResponseBlock block{input};
      block.sum_up({}, Prices::standard());
      auto read = ResponseBlock::from_bytes(block.to_bytes());
      REQUIRE(read);
      CHECK(read->to_bytes() == block.to_bytes());
      again.add(*read);
      kept.add(std::move(*read));
    }
    for (ResponseIndex* const index : {&together, &apart, &kept, &again})
      for (const std::string& agent : agents) index->agent_is_known(agent);
    const std::string wanted = settled(together);
    CHECK(settled(apart) == wanted);
    CHECK(settled(kept) == wanted);
    const auto after_one = settled_before;
    CHECK(settled(again) == wanted);
    CHECK(settled_before == after_one);
    // What was kept for other agents is not taken for these.
    again.agent_is_known("A1");
    together.agent_is_known("A1");
    CHECK(settled(again) == settled(together));
  }
}

TEST_CASE("responses have the same bytes however their events were divided, and come back") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    Random random{seed};
    Responses whole;
    Responses joined;
    Responses part;
    for (std::size_t events = random.below(40); events > 0; --events) {
      const Told told = random.told(1);
      take(whole, told);
      take(part, told);
      if (random.below(4) == 0) joined.merge(std::exchange(part, Responses{}));
    }
    joined.merge(std::move(part));
    const std::string bytes = whole.to_bytes();
    CHECK(joined.to_bytes() == bytes);
    const auto read = Responses::from_bytes(bytes);
    REQUIRE(read);
    CHECK(read->to_bytes() == bytes);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      CHECK_FALSE(Responses::from_bytes(bytes.substr(0, size)));
  }
}

TEST_SUITE_END();

}  // namespace agentstore
