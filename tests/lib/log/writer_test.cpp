#include "log/writer.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "support/fault_system.hpp"
#include "support/writer.hpp"

namespace agentstore::log {
namespace {

using test::append;
using test::draft;
using test::LogBuilder;
using test::read_text;
using test::WriterFolder;

// Something that happens just before or just after a write, once.
class HookedSystem : public System {
 public:
  std::function<void()> before_write;
  std::function<void()> after_write;
  ssize_t write(int descriptor, const void* from, std::size_t size) override {
    if (auto hook = std::exchange(before_write, nullptr)) hook();
    const ssize_t count = System::write(descriptor, from, size);
    if (auto hook = std::exchange(after_write, nullptr)) hook();
    return count;
  }
};

LogBuilder three_writes() {
  LogBuilder log;
  log.write();
  log.write(2);
  log.write(1, R"({"content":"é {\"session_id\":"})");
  return log;
}

}  // namespace

TEST_SUITE_BEGIN("writer");

TEST_CASE(
    "a log cut at any byte is repaired by the next append: nothing is lost but the cut write") {
  const LogBuilder log = three_writes();
  const std::uint64_t events_at_end[] = {1, 3, 4};
  for (std::size_t cut = 0; cut <= log.text().size(); ++cut) {
    std::size_t whole_bytes = 0;
    std::uint64_t events = 0;
    for (std::size_t i = 0; i < log.ends().size() && log.ends()[i] <= cut; ++i) {
      whole_bytes = log.ends()[i];
      events = events_at_end[i];
    }
    const bool torn = whole_bytes != cut;
    CAPTURE(cut);
    const WriterFolder folder;
    test::write_text(folder.log(), log.text().substr(0, cut));
    std::vector<std::string> notices;
    WriterOptions options = folder.options();
    options.durability = Durability::none;
    options.on_notice = [&](const std::string& text) { notices.push_back(text); };
    Writer writer{linux_system(), options};
    const auto receipts = append(writer, draft("next"));
    REQUIRE(receipts);
    REQUIRE(receipts->front().sequence_number == events + (torn ? 2 : 1));
    const std::string text = read_text(folder.log());
    REQUIRE(text.starts_with(log.text().substr(0, whole_bytes)));
    const auto verified = test::verify(text);
    REQUIRE(verified.verdict == Verdict::clean);
    REQUIRE(verified.finding_count == 0);
    REQUIRE(notices.size() == (torn ? 1 : 0));
    REQUIRE((text.find("agentstore.log_repaired") != text.npos) == torn);
    if (torn) {
      const std::string lost = log.text().substr(whole_bytes, cut - whole_bytes);
      REQUIRE(folder.quarantined() == std::vector{lost});
      REQUIRE(text.find(R"("bytes":)" + std::to_string(lost.size())) != text.npos);
      REQUIRE(text.find(R"("sha256":")" + to_hex(agentstore::bytes_of(sha256({lost})))) !=
              text.npos);
      const bool newline = lost.back() == '\n';
      REQUIRE(text.find(newline ? R"("possible_ack_loss":true)" : R"("possible_ack_loss":false)") !=
              text.npos);
    }
  }
}

TEST_CASE("a damaged log is refused, and not a byte of it changes") {
  const LogBuilder log = three_writes();
  auto lines = test::lines_of(log.text());
  lines[0] = test::replaced(lines[0], "user_message", "user_massage");
  const std::string bad_first = lines[0] + lines[1] + lines[2] + "garbage";
  LogBuilder go;
  go.go_line();
  const std::string glued = go.text() + R"({"session_id":"s","seq)" + go.go_line();
  const std::string whole = log.text();
  std::string converted;
  for (const std::string& line : test::lines_of(whole))
    converted += test::replaced(line, "\n", "\r\n");
  std::string edited;  // All but the first event.
  for (const std::string& line : test::lines_of(whole))
    edited += edited.empty() ? line : test::replaced(line, "user_message", "user_massage");
  LogBuilder batch = log;
  const auto events = test::lines_of(batch.write(4));
  for (const std::string& text :
       {bad_first, glued, converted, edited, "\xEF\xBB\xBF" + whole, "\x1F\x8B" + whole,
        whole + "done", whole + "done\n", whole + events[0] + events[2] + events[3],
        whole + events[1] + events[2] + events[3]}) {
    const WriterFolder folder;
    test::write_text(folder.log(), text);
    Writer writer{linux_system(), folder.options()};
    for (int i = 0; i < 2; ++i) {
      const auto refused = append(writer, draft("A"));
      REQUIRE_FALSE(refused);
      CHECK(refused.error().code == Code::corrupt);
      CHECK(refused.error().hint.find("verify") != std::string::npos);
    }
    CHECK(read_text(folder.log()) == text);
    CHECK(folder.quarantined().empty());
  }
}

TEST_CASE("the first append seals what the Go library wrote") {
  LogBuilder go;
  go.go_line();
  go.go_line(R"({"é":1})");
  const WriterFolder folder;
  test::write_text(folder.log(), go.text());
  Writer writer{linux_system(), folder.options()};
  const auto receipts = append(writer, draft("A"));
  REQUIRE(receipts);
  CHECK(receipts->front().sequence_number == 3);
  const auto verified = test::verify(read_text(folder.log()));
  CHECK(verified.verdict == Verdict::clean);
  CHECK(verified.unsealed == 2);
  CHECK(verified.head == receipts->front().hash.hex());
}

TEST_CASE("what the Go library appended meanwhile is sealed by the next append") {
  const WriterFolder folder;
  Writer writer{linux_system(), folder.options()};
  REQUIRE(append(writer, draft("A")));
  test::append_text(folder.log(), R"({"session_id":"s","sequence_number":2,"type":"custom",)"
                                  R"("payload":{},"timestamp":"2026-03-07T12:00:00Z",)"
                                  R"("metadata":{}})"
                                  "\n");
  const auto receipts = append(writer, draft("B"));
  REQUIRE(receipts);
  CHECK(receipts->front().sequence_number == 3);
  const auto verified = test::verify(read_text(folder.log()));
  CHECK(verified.events == 3);
  CHECK(verified.finding_count == 1);  // An unsealed line behind a sealed one.
}

TEST_CASE("writers that take turns see each other's events") {
  const WriterFolder folder;
  Writer one{linux_system(), folder.options()};
  Writer two{linux_system(), folder.options()};
  for (std::uint64_t i = 0; i < 10; ++i) {
    CHECK(append(one, draft("one" + std::to_string(i)))->front().sequence_number == 2 * i + 1);
    CHECK(append(two, draft("two" + std::to_string(i)))->front().sequence_number == 2 * i + 2);
    // Each knows the other's ids.
    const auto again = append(two, draft("one" + std::to_string(i)));
    REQUIRE(again);
    CHECK(again->front().duplicate);
    CHECK(again->front().sequence_number == 2 * i + 1);
  }
  CHECK(test::verify(read_text(folder.log())).events == 20);
}

TEST_CASE("many threads share one writer: each event is stored once, and told its own number") {
  const WriterFolder folder;
  Writer writer{linux_system(), folder.options()};
  constexpr int thread_count = 8;
  constexpr int events_each = 25;
  std::vector<std::vector<Receipt>> receipts(thread_count);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < thread_count; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < events_each; ++i) {
          const auto done = append(writer, draft(std::to_string(t) + "-" + std::to_string(i)));
          if (done) receipts[static_cast<std::size_t>(t)].push_back(done->front());
        }
      });
    }
  }
  const auto ids = test::event_ids(read_text(folder.log()));
  REQUIRE(ids.size() == thread_count * events_each);
  std::size_t told = 0;
  for (const auto& of_thread : receipts) {
    for (const Receipt& receipt : of_thread) {
      CHECK(ids[receipt.sequence_number - 1] == receipt.event_id);
      ++told;
    }
  }
  CHECK(told == ids.size());
  CHECK(test::verify(read_text(folder.log())).finding_count == 0);
}

TEST_CASE("of many threads that expect the same version, one wins each round") {
  const WriterFolder folder;
  Writer writer{linux_system(), folder.options()};
  for (std::uint64_t round = 0; round < 5; ++round) {
    std::atomic<int> won = 0;
    std::atomic<int> lost = 0;
    {
      std::vector<std::jthread> threads;
      for (int t = 0; t < 6; ++t) {
        threads.emplace_back([&] {
          const auto done = append(writer, draft(""), {.expected_version = round});
          if (done) ++won;
          else if (done.error().code == Code::conflict) ++lost;
        });
      }
    }
    CHECK(won == 1);
    CHECK(lost == 5);
  }
  CHECK(test::verify(read_text(folder.log())).events == 5);
}

TEST_CASE("a lock that is kept by another is busy, after the time allowed") {
  const WriterFolder folder;
  WriterOptions options = folder.options();
  options.lock_timeout = std::chrono::milliseconds{30};
  Writer writer{linux_system(), options};
  REQUIRE(append(writer, draft("A")));
  {
    const auto other = open_file(linux_system(), folder.lock(), O_RDWR);
    REQUIRE(other);
    REQUIRE(lock_file(linux_system(), *other, folder.lock(), LOCK_EX, 0) == true);
    const auto refused = append(writer, draft("B"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::busy);
  }
  CHECK(append(writer, draft("B")));
}

TEST_CASE("a log that has become shorter is refused, and so is one that is gone") {
  const WriterFolder folder;
  Writer writer{linux_system(), folder.options()};
  REQUIRE(append(writer, draft("A")));
  const std::string one = read_text(folder.log());
  REQUIRE(append(writer, draft("B")));
  const std::string two = read_text(folder.log());
  std::filesystem::resize_file(folder.log(), one.size());
  for (int i = 0; i < 2; ++i) {
    const auto refused = append(writer, draft("C"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::corrupt);
  }
  CHECK(read_text(folder.log()) == one);
  test::write_text(folder.log(), two);
  CHECK(append(writer, draft("C")));

  std::filesystem::remove(folder.log());
  for (int i = 0; i < 2; ++i) {
    const auto refused = append(writer, draft("D"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::corrupt);
  }
  CHECK_FALSE(std::filesystem::exists(folder.log()));
}

TEST_CASE("a log that was replaced by a longer one is gone on with") {
  const WriterFolder folder;
  Writer writer{linux_system(), folder.options()};
  REQUIRE(append(writer, draft("A")));
  const LogBuilder log = three_writes();
  test::write_text(folder.log().string() + ".new", log.text());
  std::filesystem::rename(folder.log().string() + ".new", folder.log());
  const auto receipts = append(writer, draft("B"));
  REQUIRE(receipts);
  CHECK(receipts->front().sequence_number == 5);
  CHECK(test::verify(read_text(folder.log())).finding_count == 0);
}

TEST_CASE("a write without the lock just before ours is kept, and ours stands behind it") {
  const WriterFolder folder;
  HookedSystem system;
  Writer writer{system, folder.options()};
  REQUIRE(append(writer, draft("A")));
  system.before_write = [&] {
    test::append_text(folder.log(), R"({"session_id":"s","sequence_number":2,"type":"custom",)"
                                    R"("timestamp":"2026-03-07T12:00:00Z"})"
                                    "\n");
  };
  const auto receipts = append(writer, draft("B"));
  REQUIRE(receipts);
  CHECK(receipts->front().sequence_number == 3);
  const auto verified = test::verify(read_text(folder.log()));
  CHECK(verified.verdict == Verdict::clean);
  CHECK(verified.events == 3);
}

TEST_CASE("a write without the lock just behind ours is never acknowledged over") {
  const WriterFolder folder;
  HookedSystem system;
  Writer writer{system, folder.options()};
  REQUIRE(append(writer, draft("A")));
  system.after_write = [&] { test::append_text(folder.log(), "intruder\n"); };
  const auto refused = append(writer, draft("B"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::corrupt);
  CHECK(writer.poisoned());
}

TEST_CASE("the bytes of a torn write are quarantined whole, zeros and lines alike") {
  const LogBuilder log = three_writes();
  const WriterFolder folder;
  LogBuilder longer = log;
  std::string tail = longer.write(4, '"' + std::string(1000, 'x') + '"');
  const std::size_t hole = 512 - log.text().size() % 512 + 512;
  tail.replace(hole, 1024, 1024, '\0');
  test::write_text(folder.log(), log.text() + tail);
  Writer writer{linux_system(), folder.options()};
  REQUIRE(append(writer, draft("A")));
  CHECK(folder.quarantined() == std::vector{tail});
  CHECK(test::verify(read_text(folder.log())).finding_count == 0);
}

TEST_CASE("work that has to be alone gets its turn among threads that append") {
  const WriterFolder folder;
  WriterOptions options = folder.options();
  options.durability = Durability::none;
  Writer writer{linux_system(), options};
  constexpr int thread_count = 6;
  constexpr int times = 100;
  std::atomic<int> alone = 0;
  std::atomic<int> worked = 0;
  const auto look = [&]() -> Result<void> {
    const bool first = ++alone == 1;
    std::this_thread::yield();
    --alone;
    return first ? Result<void>{} : fail(Code::invalid, "not alone");
  };
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < thread_count; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < times; ++i) {
          const bool done =
              t < 2 ? writer.exclusively(look).has_value() : append(writer, draft("")).has_value();
          if (done) ++worked;
        }
      });
    }
  }
  CHECK(worked == thread_count * times);
  CHECK(test::verify(read_text(folder.log())).events == (thread_count - 2) * times);
}

TEST_CASE("the child of a fork may not append") {
  const WriterFolder folder;
  Writer writer{linux_system(), folder.options()};
  REQUIRE(append(writer, draft("A")));
  const pid_t child = ::fork();
  if (child == 0) {
    const auto refused = append(writer, draft("B"));
    ::_exit(!refused && refused.error().code == Code::closed ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(append(writer, draft("B"))->front().sequence_number == 2);
}

TEST_CASE("a batch of 5,000 events is one write") {
  const WriterFolder folder;
  Writer writer{linux_system(), folder.options()};
  const std::vector<CheckedDraft> drafts(5'000, draft(""));
  const auto receipts = writer.append(drafts, {});
  REQUIRE(receipts);
  CHECK(receipts->back().sequence_number == 5'000);
  const std::string text = read_text(folder.log());
  CHECK(text.find(R"("batch":[1,5000])") != text.npos);
  CHECK(test::verify(text).events == 5'000);
  std::set<std::string> ids;
  for (const Receipt& receipt : *receipts) ids.insert(receipt.event_id);
  CHECK(ids.size() == 5'000);
  // The next writer finds its end.
  Writer next{linux_system(), folder.options()};
  CHECK(append(next, draft("A"))->front().sequence_number == 5'001);
}

TEST_CASE("a line of 60 MB is written, found as the last one, and appended to") {
  const WriterFolder folder;
  WriterOptions options = folder.options();
  options.durability = Durability::none;
  {
    Writer writer{linux_system(), options};
    REQUIRE(append(writer, draft("A", "\"" + std::string(60'000'000, 'x') + "\"")));
  }
  Writer writer{linux_system(), options};
  CHECK(append(writer, draft("B"))->front().sequence_number == 2);
}

TEST_SUITE_END();

TEST_SUITE_BEGIN("corpus");

TEST_CASE("another program accepts the logs that were cut and repaired" *
          doctest::skip(test::corpus().empty())) {
  const LogBuilder log = three_writes();
  const test::Path verifier = test::corpus() / "../tools/verify_log.py";
  REQUIRE(std::filesystem::exists(verifier));
  for (std::size_t cut = 0; cut <= log.text().size(); cut += 61) {
    CAPTURE(cut);
    const WriterFolder folder;
    test::write_text(folder.log(), log.text().substr(0, cut));
    Writer writer{linux_system(), folder.options()};
    const CheckedDraft batch[] = {draft("x", R"({"é":[1e400,"\ud800"]})"), draft("y", "null")};
    REQUIRE(writer.append(batch, {}));
    const std::string command =
        "python3 '" + verifier.string() + "' '" + folder.log().string() + "' s > /dev/null";
    CHECK(std::system(command.c_str()) == 0);
  }
}

TEST_SUITE_END();

}  // namespace agentstore::log
