// Makes a session log as an agent would, for the benchmarks that read one.
//
//   perf_generate ours|go FOLDER EVENTS
//
// `ours` is a store; `go` the same events in the Go library's layout: its key order, its escapes,
// no seals. Says on stdout what a reader has to find, as one line of JSON.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>

#include "support/agent_events.hpp"
#include "support/measure.hpp"

namespace agentstore::perf {
namespace {

constexpr std::uint64_t seed = 20261121;
constexpr std::string_view session = "5f0c1d2e-7a3b-4c48-9d5e-0b2f3a1c7e11";

// What the file says without being asked: the sums of all drafts, by another way than the library.
struct Sums {
  std::map<std::string, std::uint64_t> by_type;
  std::uint64_t tokens_in = 0;
  std::uint64_t tokens_out = 0;

  void count(const Draft& draft) {
    ++by_type[draft.type];
    tokens_in += number_after(draft.metadata, R"("tokens_in":)");
    tokens_out += number_after(draft.metadata, R"("tokens_out":)");
  }

  static std::uint64_t number_after(const std::string& json, std::string_view key) {
    const auto at = json.find(key);
    return at == std::string::npos ? 0 : std::strtoull(json.c_str() + at + key.size(), nullptr, 10);
  }
};

// Mostly an event a write; now and then a few at once, as parallel tools end.
void write_ours(const std::filesystem::path& folder, AgentEvents& events, std::uint64_t count,
                Sums& sums) {
  Store store = must(Store::open(folder, {.durability = Durability::none, .snapshot_interval = 0}));
  must(store.create_session({.id = std::string(session)}));
  std::mt19937_64 random{seed};
  std::vector<Draft> drafts;
  for (std::uint64_t done = 0; done < count; done += drafts.size()) {
    drafts.resize(std::min<std::uint64_t>(random() % 4 == 0 ? 2 + random() % 3 : 1, count - done));
    for (Draft& draft : drafts) sums.count(draft = events.next());
    must(store.append(session, drafts));
  }
  must(store.close());
}

// As Go's encoding/json does; in JSON these three stand in strings alone.
std::string go_escaped(std::string_view json) {
  std::string out;
  for (const char c : json) {
    if (c == '<') out += "\\u003c";
    else if (c == '>') out += "\\u003e";
    else if (c == '&') out += "\\u0026";
    else out += c;
  }
  return out;
}

// RFC 3339 with nanoseconds, without zeros at the end: event N comes N·0.2 s and some after noon.
std::string go_time(std::uint64_t number) {
  const std::uint64_t at_ns = number * 200'000'000 + number * 7919 % 100'000'000;
  const std::uint64_t at_s = at_ns / 1'000'000'000;
  char text[48];
  std::snprintf(text, sizeof text, "2026-03-%02uT%02u:%02u:%02u.%09u",
                static_cast<unsigned>(1 + at_s / 86400), static_cast<unsigned>(at_s / 3600 % 24),
                static_cast<unsigned>(at_s / 60 % 60), static_cast<unsigned>(at_s % 60),
                static_cast<unsigned>(at_ns % 1'000'000'000));
  std::string time = text;
  time.erase(time.find_last_not_of('0') + 1);
  if (time.ends_with('.')) time.pop_back();
  return time + 'Z';
}

void write_go(const std::filesystem::path& folder, AgentEvents& events, std::uint64_t count,
              Sums& sums) {
  for (const char* name : {"sessions", "events", "snapshots"}) {
    std::filesystem::create_directories(folder / name);
  }
  const std::string id{session};
  std::ofstream log(folder / "events" / (id + ".jsonl"), std::ios::binary);
  for (std::uint64_t number = 1; number <= count; ++number) {
    const Draft draft = events.next();
    sums.count(draft);
    log << R"({"session_id":")" << id << R"(","sequence_number":)" << number << R"(,"type":")"
        << draft.type << R"(","payload":)" << go_escaped(draft.payload) << R"(,"timestamp":")"
        << go_time(number) << R"(","metadata":)" << draft.metadata << "}\n";
  }
  std::ofstream(folder / "sessions" / (id + ".json"))
      << "{\n  \"id\": \"" << id << "\",\n  \"name\": \"benchmark\",\n  \"created_at\": \""
      << go_time(0) << "\",\n  \"updated_at\": \"" << go_time(count)
      << "\",\n  \"event_count\": " << count << "\n}";
  if (!log.flush()) {
    std::perror(folder.c_str());
    std::exit(1);
  }
}

void report(std::uint64_t events, const Sums& sums) {
  std::string by_type;
  for (const auto& [type, count] : sums.by_type) {
    by_type += (by_type.empty() ? "" : ",") + json_text(type) + ":" + std::to_string(count);
  }
  std::printf(R"({"session":"%s","events":%llu,"by_type":{%s},"tokens_in":%llu,"tokens_out":%llu})"
              "\n",
              std::string(session).c_str(), static_cast<unsigned long long>(events),
              by_type.c_str(), static_cast<unsigned long long>(sums.tokens_in),
              static_cast<unsigned long long>(sums.tokens_out));
}

}  // namespace
}  // namespace agentstore::perf

int main(int count, char** words) {
  using namespace agentstore::perf;
  const std::string_view form = count == 4 ? words[1] : "";
  if (form != "ours" && form != "go") {
    std::fputs("usage: perf_generate ours|go FOLDER EVENTS\n", stderr);
    return 2;
  }
  const std::uint64_t events = std::strtoull(words[3], nullptr, 10);
  AgentEvents made{seed};
  Sums sums;
  (form == "ours" ? write_ours : write_go)(words[2], made, events, sums);
  report(events, sums);
}
