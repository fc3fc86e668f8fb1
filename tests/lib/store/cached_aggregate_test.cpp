// Readings by parts, held against those without a cached aggregate: whatever happened to a log in
// between, by whom and by which clock, a cached aggregate must not be seen in an answer.

#include "store/cached_aggregate.hpp"

#include <doctest/doctest.h>
#include <array>

#include <algorithm>
#include <random>

#include "agentstore/analysis/stats.hpp"
#include "support/folder.hpp"
#include "support/ticking_system.hpp"

namespace agentstore {
namespace {

using test::ms;
using test::read_text;
using test::second;
using test::TempFolder;
using test::TickingSystem;
using test::write_text;

namespace fs = std::filesystem;

class TotalsPart : public Part {
 public:
  void restart() override { types.clear(); }
  Result<void> take(std::span<const EventView> events) override {
    for (const EventView& event : events)
      if (auto added = types[std::string{event.type}].add(event); !added) return added;
    return {};
  }
  TotalsByType types;
};

// What a session comes to, as a command would ask for it.
class Asking {
 public:
  Parts parts(bool with_cached_aggregate) {
    Parts parts{.make = [] { return std::make_unique<TotalsPart>(); },
                .join =
                    [this](Part& part) {
                      for (const auto& [type, totals] : dynamic_cast<TotalsPart&>(part).types)
                        REQUIRE(types_[type].merge(totals));
                      return Joined::taken;
                    },
                .depth = Depth::envelope};
    if (with_cached_aggregate) {
      parts.cached_aggregate = {.name = "stats",
                                .version = version,
                                .take =
                                    [this](std::string_view text) {
                                      types_.clear();
                                      auto types = totals_from_bytes(text);
                                      if (types) types_ = std::move(*types);
                                      taken = types.has_value();
                                      return taken;
                                    },
                                .give = [this] { return std::optional{to_bytes(types_)}; }};
    }
    return parts;
  }

  std::string answer(const Result<ReadReport>& report) const {
    if (!report) return "error: " + report.error().message;
    std::string text = std::string{to_string(report->verdict)} + " " + report->log_name;
    for (const std::uint64_t number : {report->events, report->unsealed, report->finding_count,
                                       report->last_sequence_number, report->end_offset_bytes})
      text += " " + std::to_string(number);
    return text + "\n" + to_bytes(types_);
  }

  std::string version = "1";
  bool taken = false;

 private:
  TotalsByType types_;
};

// A folder with a session to which things happen.
class Life {
 public:
  explicit Life(unsigned seed) : random_(seed) {
    if (seed % 3 == 0) system.behind_ns = 3600 * second;
    if (seed % 5 == 0) system.be_coarse();
    open();
    REQUIRE(backend->create(
        {.id = "s", .name = {}, .labels = {}, .created_at = zero_time, .updated_at = zero_time}));
  }

  void open() {
    backend.reset();
    auto opened = open_file_backend(folder_ / "data", {}, system, {.read_bytes_min = 0});
    REQUIRE(opened);
    backend = std::move(*opened);
  }

  std::size_t below(std::size_t count) { return random_() % count; }

  void step() {
    switch (below(16)) {
      case 0:
      case 1:
      case 2: return append();
      case 3: return redact();
      case 4: (void)backend->repair("s", {.salvage = true}); return;
      case 5: return rewrite(changed_text());
      case 6: return replace(changed_text());
      case 7: return append_by_hand();
      case 8: return system.touched(log_, below(2) == 0 ? 5 * second : 0);
      case 9: return damage_log();
      case 10: system.now_ns += static_cast<std::int64_t>(below(4)) * ms; return;
      case 11:
      case 12:
      case 13: system.now_ns += static_cast<std::int64_t>(below(100'000)) * ms + 17; return;
      case 14:
        system.set_back(static_cast<std::int64_t>(below(50'000)) * ms,
                        static_cast<std::int64_t>(below(ms)));
        return;
      default: return damage_cached_aggregate();
    }
  }

  std::string text() const { return fs::exists(log_) ? read_text(log_) : std::string{}; }
  fs::path cached_aggregate() const { return test::keyed(folder_ / "data/cache/aggregates"); }

  void append() {
    std::vector<log::CheckedDraft> drafts(1 + below(3));
    for (log::CheckedDraft& draft : drafts)
      draft = {below(2) == 0 ? "llm_response" : "tool_called", "{\"n\":1}",
               R"({"tokens_in":)" + std::to_string(below(9)) + R"(,"cost_usd":0.)" +
                   std::to_string(below(9)) + "}",
               "", Timestamp{1'772'884'800 + static_cast<int>(below(100)), 0}};
    (void)backend->append("s", drafts, {});
  }
  void write(const std::string& bytes) {
    write_text(log_, bytes);
    system.touched(log_, below(3) == 0 ? 5 * second : 0);
  }

  // In place, where what is kept of the log sees it even when the log grows afterwards.
  void rewrite(const std::string& bytes) {
    constexpr std::size_t seen_whole_bytes = 8192;
    if (text().size() <= seen_whole_bytes) write(bytes);
    else replace(bytes);
  }

  auto redact_event(std::uint64_t number) {
    return backend->redact("s", std::array<std::uint64_t, 1>{number}, "a test", "");
  }

  TickingSystem system;
  std::unique_ptr<Backend> backend;

 private:
  void redact() { (void)redact_event(1 + below(5)); }

  // Lines of the Go library behind whatever is there; some do not belong.
  void append_by_hand() {
    const auto lines = static_cast<std::uint64_t>(std::ranges::count(text(), '\n'));
    const std::string line = R"({"session_id":"s","sequence_number":)" +
                             std::to_string(lines + 1 + below(20) / 19) +
                             R"(,"type":"error","timestamp":"2026-03-07T12:00:01Z","payload":{},)" +
                             "\"metadata\":{}}\n";
    write(text() + line.substr(0, below(3) == 0 ? below(line.size()) : line.size()));
  }
  // Of the same size; still a log, unless it was sealed.
  std::string changed_text() {
    std::string all = text();
    const std::size_t at = all.find("\"type\":\"error\"", below(all.size() + 1));
    if (at != all.npos) all[at + 8] = below(2) == 0 ? 'm' : 'e';
    return all;
  }
  void damage_log() {
    std::string all = text();
    if (all.empty()) return;
    switch (below(4)) {
      case 0: all.resize(below(all.size() + 1)); break;
      case 1: all[below(all.size())] ^= static_cast<char>(1U << below(8)); break;
      case 2: all.erase(0, all.find('\n') + 1); break;
      default: fs::remove(log_); return;
    }
    rewrite(all);
  }
  void damage_cached_aggregate() {
    if (below(4) == 0) fs::remove_all(folder_ / "data/cache");
    if (!fs::exists(cached_aggregate())) return;
    std::string bytes = read_text(cached_aggregate());
    old_caches_.push_back(bytes);
    if (below(2) == 0) bytes = old_caches_[below(old_caches_.size())];
    if (below(2) == 0) bytes.resize(below(bytes.size() + 1));
    else if (!bytes.empty() && below(2) == 0)
      bytes[below(bytes.size())] ^= static_cast<char>(1U << below(8));
    write_text(cached_aggregate(), bytes);
    open();
  }

  void replace(const std::string& bytes) {
    const fs::path temp = folder_ / "temp";
    write_text(temp, bytes);
    fs::rename(temp, log_);
    system.touched(log_, below(3) == 0 ? 5 * second : 0);
  }

  TempFolder folder_;
  fs::path log_ = folder_ / "data/events/s.jsonl";
  std::mt19937_64 random_;
  std::vector<std::string> old_caches_;
};

struct Answer {
  std::string text;
  bool from_cache = false;
};

Answer ask(Backend& backend, bool with_cached_aggregate, const std::string& version = "1") {
  Asking asking;
  asking.version = version;
  const auto report = read_session_in_parts(backend, "s", {.seals = Seals::short_logs},
                                            asking.parts(with_cached_aggregate));
  return {asking.answer(report), asking.taken};
}

}  // namespace

TEST_SUITE_BEGIN("cached aggregate");

TEST_CASE("whatever happens to a log, an answer with cached aggregates is the one without") {
  int from_cache = 0;
  for (unsigned seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    Life life{seed};
    for (int step = 0; step < 100; ++step) {
      CAPTURE(step);
      life.step();
      if (life.below(3) == 0) continue;
      const std::string plain = ask(*life.backend, false).text;
      for (int times = 0; times < 2; ++times) {
        const std::string version = life.below(10) == 0 ? "2" : "1";
        const Answer answer = ask(*life.backend, true, version);
        REQUIRE(answer.text == plain);
        from_cache += answer.from_cache ? 1 : 0;
      }
    }
  }
  CHECK(from_cache > 200 * 5);
}

TEST_CASE("of a log that has only grown, what was added is read, whatever its times") {
  Life life{1};
  life.append();
  CHECK_FALSE(ask(*life.backend, true).from_cache);
  for (int times = 0; times < 20; ++times) {
    CAPTURE(times);
    life.append();
    life.open();
    const Answer answer = ask(*life.backend, true);
    CHECK(answer.from_cache);
    CHECK(answer.text == ask(*life.backend, false).text);
  }
}

TEST_CASE("a cached aggregate that is ours and is not what the log comes to is found") {
  Life life{1};
  life.append();
  life.system.now_ns += 60 * second;
  const auto findings = [&] {
    Asking asking;
    return *check_cached_aggregate(*life.backend, "s", asking.parts(true));
  };
  CHECK(findings().empty());
  const Answer first = ask(*life.backend, true);
  REQUIRE(fs::exists(life.cached_aggregate()));
  CHECK(findings().empty());
  {
    const auto entry = life.backend->cached_aggregate("s", "stats", "1");
    auto kept = entry->load();
    REQUIRE(kept);
    kept->text.back() ^= 1;
    const auto source = life.backend->log("s");
    entry->save(kept->covered, **source, kept->text);
    life.backend->save_cached_aggregates(0);
  }
  REQUIRE(findings().size() == 1);
  CHECK(findings()[0].kind == FindingKind::cached_aggregate);
  CHECK(findings()[0].message.find("differs") != std::string::npos);
  write_text(life.cached_aggregate(), read_text(life.cached_aggregate()) + "x");
  life.open();
  REQUIRE(findings().size() == 1);
  CHECK(findings()[0].message.find("does not hold") != std::string::npos);
  fs::remove(life.cached_aggregate());
  life.open();
  CHECK(ask(*life.backend, true).text == first.text);
}

TEST_CASE(
    "a cached aggregate is of all events, read strictly and as they are; no other reading uses "
    "one") {
  Life life{1};
  life.append();
  life.system.now_ns += 60 * second;
  const auto rules =
      Upcasts::parse(R"({"rules":[{"type":"x","from_version":1,"defaults":{"/a":1}}]})");
  const auto uses = [&](ReadOptions options) {
    options.seals = Seals::short_logs;
    fs::remove_all(life.cached_aggregate());
    life.open();
    Asking first;
    Asking second_one;
    REQUIRE(read_session_in_parts(*life.backend, "s", options, first.parts(true)));
    const bool kept = fs::exists(life.cached_aggregate());
    REQUIRE(read_session_in_parts(*life.backend, "s", {.seals = Seals::short_logs},
                                  Asking{}.parts(true)));
    REQUIRE(fs::exists(life.cached_aggregate()));
    REQUIRE(read_session_in_parts(*life.backend, "s", options, second_one.parts(true)));
    CHECK(kept == second_one.taken);
    return kept;
  };
  CHECK(uses({}));
  CHECK_FALSE(uses({.filter = {.from_seq = 2}}));
  CHECK_FALSE(uses({.filter = {.to_seq = 1}}));
  CHECK_FALSE(uses({.filter = {.since = Timestamp{}}}));
  CHECK_FALSE(uses({.filter = {.until = Timestamp{1'900'000'000, 0}}}));
  CHECK_FALSE(uses({.filter = {.before = Timestamp{1'900'000'000, 0}}}));
  CHECK_FALSE(uses({.filter = {.newest = 1}}));
  CHECK_FALSE(uses({.filter = {.types = {"tool_called"}}}));
  CHECK_FALSE(uses({.filter = {.not_types = {"tool_called"}}}));
  CHECK_FALSE(uses({.filter = {.predicate = [](const EventView&) { return true; }}}));
  CHECK_FALSE(uses({.on_corrupt = OnCorrupt::skip}));
  CHECK(uses({.on_corrupt = OnCorrupt::prefix}));
  REQUIRE(rules);
  CHECK_FALSE(uses({.upcasts = &*rules}));
}

TEST_CASE("who asks for all seals reads the lines, and leaves a cached aggregate for others") {
  Life life{1};
  life.append();
  life.system.now_ns += 60 * second;
  for (int times = 0; times < 2; ++times) {
    Asking asking;
    REQUIRE(read_session_in_parts(*life.backend, "s", {}, asking.parts(true)));
    CHECK_FALSE(asking.taken);
    CHECK(fs::exists(life.cached_aggregate()));
  }
  CHECK(ask(*life.backend, true).from_cache);
}

TEST_CASE("an edit in place of what no hash covers is not seen once the log has grown") {
  Life life{1};
  while (life.text().size() < 12'000) life.append();
  ask(*life.backend, true);
  const auto edited = [&](std::size_t behind) {
    std::string bytes = life.text();
    const std::size_t at = bytes.find("\"tokens_in\":", behind) + 12;
    bytes[at] = bytes[at] == '7' ? '6' : '7';
    life.write(bytes);
    life.append();
    life.open();
    return ask(*life.backend, true).from_cache;
  };
  SUBCASE("between the hashes") {
    CHECK(edited(5000));
  }
  SUBCASE("at the beginning") {
    CHECK_FALSE(edited(0));
  }
  SUBCASE("at the end of what was read") {
    CHECK_FALSE(edited(life.text().size() - 2000));
  }
}

TEST_CASE("of a log that ends in half a line no cached aggregate is kept") {
  Life life{1};
  life.append();
  life.write(life.text() + "{");
  life.system.now_ns += 60 * second;
  REQUIRE(ask(*life.backend, true).text.starts_with("torn"));
  CHECK_FALSE(fs::exists(life.cached_aggregate()));
}

TEST_CASE("what depends on more than the log is not kept") {
  Life life{1};
  life.append();
  life.system.now_ns += 60 * second;
  Asking asking;
  Parts parts = asking.parts(true);
  parts.cached_aggregate.give = [] { return std::optional<std::string>{}; };
  REQUIRE(read_session_in_parts(*life.backend, "s", {.seals = Seals::short_logs}, parts));
  CHECK_FALSE(fs::exists(life.cached_aggregate()));
}

TEST_CASE("a redaction deletes the cached aggregate") {
  Life life{1};
  life.append();
  life.system.now_ns += 60 * second;
  ask(*life.backend, true);
  REQUIRE(fs::exists(life.cached_aggregate()));
  REQUIRE(life.redact_event(1));
  CHECK_FALSE(fs::exists(life.cached_aggregate()));
}

TEST_SUITE_END();

}  // namespace agentstore
