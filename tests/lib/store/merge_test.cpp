// Reading all sessions where some are damaged. (Order is tested over every backend.)

#include <doctest/doctest.h>

#include "support/events.hpp"
#include "support/lines.hpp"

namespace agentstore {
namespace {

namespace fs = std::filesystem;

// Three sessions: "bad" is damaged after its first event, and "torn" at its end.
void make_sessions(const fs::path& data) {
  fs::create_directories(data / "sessions");
  fs::create_directories(data / "events");
  for (const char* const id : {"bad", "good", "torn"}) {
    test::LogBuilder log{id};
    for (int i = 0; i < 3; ++i) log.write();
    std::string text = log.text();
    const auto lines = test::lines_of(text);
    if (std::string_view{id} == "bad") text = lines[0] + "garbage\n" + lines[2];
    if (std::string_view{id} == "torn") text.resize(text.size() - 10);
    test::write_text(data / "events" / (std::string{id} + ".jsonl"), text);
  }
}

std::string order_of(const test::Kept& kept) {
  std::string order;
  for (const auto& event : kept.events) {
    order += event.session_id + std::to_string(event.sequence_number) + " ";
  }
  return order;
}

}  // namespace

TEST_SUITE_BEGIN("merge");

TEST_CASE("damage in one session keeps no event of the others back, and is told at the end") {
  const test::TempFolder folder;
  make_sessions(folder / "data");
  const auto store = Store::open(folder / "data", {.create = false});
  REQUIRE(store);
  const auto read = [&](OnCorrupt on_corrupt) {
    auto reader = store->read_all({.on_corrupt = on_corrupt});
    REQUIRE(reader);
    return test::drain(**reader);
  };
  const auto strict = read(OnCorrupt::strict);
  CHECK(order_of(strict) == "bad1 good1 torn1 good2 torn2 good3 ");
  REQUIRE(strict.error);
  CHECK(strict.error->code == Code::corrupt);
  CHECK(strict.error->message.find("bad.jsonl") != std::string::npos);

  const auto prefix = read(OnCorrupt::prefix);
  CHECK(order_of(prefix) == "bad1 good1 torn1 good2 torn2 good3 ");
  CHECK_FALSE(prefix.error);
  CHECK(prefix.report.verdict == Verdict::damaged);
  CHECK(prefix.report.finding_count == 2);
  CHECK(prefix.report.findings[0].message.find("bad.jsonl") != std::string::npos);

  const auto skip = read(OnCorrupt::skip);
  CHECK(order_of(skip) == "bad1 good1 torn1 good2 torn2 bad3 good3 ");
  CHECK_FALSE(skip.error);
}

TEST_CASE("a merged reader does not grow") {
  Store store = Store::in_memory();
  REQUIRE(store.create_session({.id = "s"}));
  auto reader = store.read_all();
  REQUIRE(reader);
  REQUIRE(store.append("s", {.type = "x"}));
  (void)test::drain(**reader);
  CHECK((*reader)->poll() == false);
}

TEST_SUITE_END();

}  // namespace agentstore
