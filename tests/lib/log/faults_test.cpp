// The writer over a disk that fails: an error means that the event is not there, an
// acknowledgement that it is, whichever call fails and however.

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>

#include "support/fault_system.hpp"
#include "support/writer.hpp"

namespace agentstore::log {
namespace {

using test::append;
using test::draft;
using test::FaultSystem;
using test::WriterFolder;

bool has(const std::vector<std::string>& ids, std::string_view id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

struct Start {
  const char* name;
  std::string log;  // what stands in it before; empty: there is none
  std::uint64_t events;
  std::string torn;
};

std::vector<Start> starts() {
  test::LogBuilder log;
  log.write();
  log.write(2);
  const std::string whole = log.text();
  const std::string cut = log.write(2);
  test::LogBuilder go;
  go.go_line();
  go.go_line();
  return {{"a new log", "", 0, ""},
          {"a log of ours", whole, 3, ""},
          {"a log that ends in a torn write", whole, 3, cut.substr(0, cut.size() - 20)},
          {"a log that ends in half a write", whole, 3, test::lines_of(cut)[0]},
          {"a log of the Go library", go.text(), 2, ""}};
}

// Fails the k-th call while two events are appended, then opens the log with a disk that works.
// False: there is no k-th call.
bool fail_and_look(const Start& start, int k, int error, std::size_t partial_bytes) {
  const WriterFolder folder;
  if (start.events > 0) test::write_text(folder.log(), start.log + start.torn);
  FaultSystem system;
  system.fail_at(k, error, partial_bytes);
  const log::CheckedDraft batch[] = {draft("A1"), draft("A2")};
  bool a = false;
  bool b = false;
  {
    Writer writer{system, folder.options()};
    a = writer.append(batch, {}).has_value();
    b = append(writer, draft("B")).has_value();
    if (!system.fired()) return false;
    CAPTURE(system.fired_call());
    const bool interrupted = error == EINTR;
    CHECK_FALSE((a && b && system.fired_call() == "write" && !interrupted));
    if (system.fired_call() == "sync" && !a) {
      // Which sync it was cannot be told from here, but one of the log's own poisons.
      CHECK((writer.poisoned() || b));
    }
    if (writer.poisoned()) CHECK_FALSE(append(writer, draft("never")).has_value());
  }
  CAPTURE(system.fired_call());
  CAPTURE(a);
  CAPTURE(b);
  Writer healthy{linux_system(), folder.options()};
  const auto c = append(healthy, draft("C"));
  REQUIRE(c);
  const std::string text = test::read_text(folder.log());
  const auto ids = test::event_ids(text);
  CHECK(has(ids, "A1") == a);
  CHECK(has(ids, "A2") == a);
  CHECK(has(ids, "B") == b);
  CHECK(has(ids, "C"));
  CHECK_FALSE(has(ids, "never"));
  const auto verified = test::verify(text);
  CHECK(verified.verdict == Verdict::clean);
  CHECK(verified.finding_count == 0);
  CHECK(text.starts_with(start.log));
  if (!start.torn.empty()) CHECK(has(folder.quarantined(), start.torn));
  return true;
}

}  // namespace

TEST_SUITE_BEGIN("faults");

TEST_CASE(
    "an error means that the event is absent, an acknowledgement that it is there, whichever "
    "call fails") {
  for (const Start& start : starts()) {
    for (const int error : {EIO, ENOSPC, EINTR}) {
      for (const std::size_t partial_bytes : {std::size_t{0}, std::size_t{1}, std::size_t{300}}) {
        int k = 1;
        for (;; ++k) {
          CAPTURE(start.name);
          CAPTURE(k);
          CAPTURE(error);
          CAPTURE(partial_bytes);
          if (!fail_and_look(start, k, error, partial_bytes)) break;
          REQUIRE(k < 200);
        }
        CHECK(k > 10);
      }
    }
  }
}

TEST_CASE("after a failed sync the writer is poisoned for good, and its bytes are gone") {
  const WriterFolder folder;
  FaultSystem system;
  system.only = "sync";
  Writer writer{system, folder.options()};
  REQUIRE(append(writer, draft("A")));
  const std::string before = test::read_text(folder.log());
  system.fail_at(1, EIO);
  const auto failed = append(writer, draft("B"));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Code::io);
  CHECK(writer.poisoned());
  CHECK(test::read_text(folder.log()) == before);
  for (int i = 0; i < 3; ++i) {
    const auto again = append(writer, draft("C"));
    REQUIRE_FALSE(again);
    CHECK(again.error().code == Code::io);
  }
  CHECK(test::read_text(folder.log()) == before);
}

TEST_CASE("a failed sync of what others wrote poisons the writer, too") {
  const WriterFolder folder;
  FaultSystem system;
  system.only = "sync";
  Writer writer{system, folder.options()};
  REQUIRE(append(writer, draft("A")));
  {
    Writer other{linux_system(), folder.options()};
    REQUIRE(append(other, draft("B")));
  }
  system.fail_at(1, EIO);
  CHECK_FALSE(append(writer, draft("C")));
  CHECK(writer.poisoned());
  CHECK_FALSE(append(writer, draft("D")));
}

TEST_CASE("a redaction that a full disk refuses was not begun") {
  for (int k = 1;; ++k) {
    CAPTURE(k);
    const WriterFolder folder;
    FaultSystem system;
    Writer writer{system, folder.options()};
    REQUIRE(append(writer, draft("A")));
    const std::string before = test::read_text(folder.log());
    system.only = "write";
    system.forever = true;
    system.fail_at(k, ENOSPC);
    const bool redacted = writer.redact(std::vector<std::uint64_t>{1}, "a test", "").has_value();
    CHECK(redacted != system.fired());
    if (redacted) {
      CHECK(k > 2);  // of the new log and of the old one
      break;
    }
    CHECK(test::read_text(folder.log()) == before);
    const std::filesystem::directory_iterator files{folder.log().parent_path()};
    CHECK(std::distance(begin(files), end(files)) == 1);
    system.only = "nothing";
    CHECK(append(writer, draft("B")));
  }
}

TEST_CASE("a full disk refuses one event and leaves the writer usable") {
  for (const int error : {ENOSPC, EDQUOT, EFBIG}) {
    for (const std::size_t partial_bytes : {std::size_t{0}, std::size_t{50}}) {
      const WriterFolder folder;
      FaultSystem system;
      system.only = "write";
      Writer writer{system, folder.options()};
      REQUIRE(append(writer, draft("A")));
      system.fail_at(1, error, partial_bytes);
      const auto failed = append(writer, draft("B"));
      REQUIRE_FALSE(failed);
      CHECK(failed.error().code == Code::io);
      CHECK(failed.error().message.find("s.jsonl") != std::string::npos);
      CHECK_FALSE(writer.poisoned());
      const auto next = append(writer, draft("C"));
      REQUIRE(next);
      CHECK(next->front().sequence_number == 2);
      CHECK(test::verify(test::read_text(folder.log())).finding_count == 0);
    }
  }
}

TEST_CASE(
    "a write that can be neither finished nor taken back poisons the writer, and the next one "
    "repairs") {
  const WriterFolder folder;
  FaultSystem system;
  Writer writer{system, folder.options()};
  REQUIRE(append(writer, draft("A")));
  const std::string before = test::read_text(folder.log());

  class NoTruncate : public FaultSystem {
   public:
    int ftruncate(int, off_t) override { return -EIO; }
  };
  NoTruncate broken;
  broken.only = "write";
  {
    Writer second{broken, folder.options()};
    broken.fail_at(1, ENOSPC, 50);
    const auto failed = append(second, draft("B"));
    REQUIRE_FALSE(failed);
    CHECK(failed.error().message.find("could not be taken back") != std::string::npos);
    CHECK(second.poisoned());
  }
  CHECK(test::read_text(folder.log()).size() == before.size() + 50);
  Writer third{linux_system(), folder.options()};
  REQUIRE(append(third, draft("C")));
  const std::string text = test::read_text(folder.log());
  CHECK(test::verify(text).finding_count == 0);
  CHECK(has(test::event_ids(text), "C"));
  CHECK(folder.quarantined().size() == 1);
}

TEST_CASE(
    "a new log's folder is synced before its first event is acknowledged, also by the next "
    "writer") {
  const WriterFolder folder;
  FaultSystem system;
  system.only = "folder sync";
  {
    Writer writer{system, folder.options()};
    system.fail_at(1, EIO);
    CHECK_FALSE(append(writer, draft("A")));
  }
  system.calls = 0;
  Writer writer{system, folder.options()};
  REQUIRE(append(writer, draft("B")));
  CHECK(system.calls > 0);
}

TEST_CASE("with durability none nothing is synced") {
  const WriterFolder folder;
  FaultSystem system;
  system.only = "sync";
  WriterOptions options = folder.options();
  options.durability = Durability::none;
  Writer writer{system, options};
  REQUIRE(append(writer, draft("A")));
  REQUIRE(append(writer, draft("B")));
  CHECK(system.calls == 0);
}

TEST_CASE("short writes and interrupts are no errors") {
  const WriterFolder folder;
  FaultSystem system;
  system.interrupt_every = 3;
  system.bytes_max = 100;
  Writer writer{system, folder.options()};
  for (const char* const id : {"A", "B", "C"}) REQUIRE(append(writer, draft(id)));
  CHECK(test::verify(test::read_text(folder.log())).events == 3);
}

TEST_SUITE_END();

}  // namespace agentstore::log
