// Many short sessions, made and filled one after the other.
//
//   perf_sessions [SESSIONS]      default: 10,000, of twenty events each

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "support/measure.hpp"

namespace agentstore::perf {
namespace {

constexpr int events = 20;
constexpr double limit_s_of_10_000 = 10;

double fill(int sessions) {
  const WorkFolder folder{{}};
  Store store = must(Store::open(folder.path(), {.durability = Durability::none}));
  const std::vector<Draft> drafts(events, Draft{.type = "custom", .payload = R"({"text":"some"})"});
  return seconds([&] {
    for (int i = 0; i < sessions; ++i) {
      const std::string id = must(store.create_session()).id;
      for (const Draft& draft : drafts) must(store.append(id, draft));
    }
    must(store.close());
  });
}

void run(int sessions) {
  row({.benchmark = "sessions",
       .work = std::to_string(sessions) + " sessions of 20 events, made without syncs",
       .ours = fill(sessions),
       .unit = "s",
       .peer = "limit",
       .peer_value = limit_s_of_10_000 * sessions / 10'000,
       .aim = 1});
}

}  // namespace
}  // namespace agentstore::perf

int main(int count, char** words) {
  agentstore::perf::run(count > 1 ? std::atoi(words[1]) : 10'000);
}
