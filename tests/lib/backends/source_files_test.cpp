// Source files through a store: kept, given back, and what an error leaves.

#include <doctest/doctest.h>

#include <cerrno>
#include <filesystem>
#include <map>
#include <string>

#include "agentstore/internal/digest.hpp"
#include "backends/backend.hpp"
#include "backends/source_framer.hpp"
#include "support/events.hpp"
#include "support/fault_system.hpp"
#include "support/lines.hpp"

namespace agentstore {
namespace {

namespace fs = std::filesystem;
using test::code_of;
using test::read_text;
using test::TempFolder;
using test::write_text;

SourceFile file_of(std::string name, std::string content) {
  return {.name = std::move(name), .open = [content = std::move(content)]() -> Result<ReadBytes> {
            return [content, at = std::size_t{0}](char* into, std::size_t size) mutable {
              // In pieces that have nothing to do with lines.
              const std::size_t got = content.copy(into, std::min<std::size_t>(size, 1000), at);
              at += got;
              return Result<std::size_t>{got};
            };
          }};
}

Session session_of(std::string id) {
  return {.id = std::move(id), .name = {}, .labels = {}, .created_at = {}, .updated_at = {}};
}

std::string lines(int from, int to) {
  std::string text;
  for (int i = from; i < to; ++i) text += "{\"line\":" + std::to_string(i) + "}\n";
  return text;
}

struct World {
  TempFolder folder;
  Store store;
  explicit World(Durability durability = Durability::fsync)
      : store{Store::open(folder / "data", {.durability = durability}).value()} {
    REQUIRE(store.create_session({.id = "s"}));
  }
  KeepReport keep(const std::string& content, const std::string& name = "p/a.jsonl") {
    const auto kept = store.keep_source("s", file_of(name, content));
    REQUIRE(kept);
    return *kept;
  }
  std::string back(std::uint64_t number = 1) const {
    std::string content;
    const auto read = store.read_kept_file("s", number, [&](std::string_view bytes) {
      content += bytes;
      return Result<void>{};
    });
    return read ? content : read.error().message;
  }
  std::vector<std::string> types() const {
    std::vector<std::string> types;
    const Events events = store.events("s").value();
    for (const EventView& event : events) types.emplace_back(event.type);
    return types;
  }
  fs::path kept(int number = 1) const {
    return folder / ("data/sources/s/" + std::to_string(number) + ".zst");
  }
};

std::string framed(const std::string& content) {
  std::string frames;
  std::size_t at = 0;
  const auto done = frame_lines(
      [&](char* into, std::size_t size) {
        const std::size_t got = content.copy(into, size, at);
        at += got;
        return Result<std::size_t>{got};
      },
      [&](std::string_view bytes) {
        frames += bytes;
        frames += '|';
        return Result<void>{};
      });
  CHECK(done);
  return frames;
}

}  // namespace

TEST_SUITE_BEGIN("source files");

TEST_CASE("frames hold whole lines, and the last one waits until it is finished") {
  CHECK(framed("") == "");
  CHECK(framed("{}\n{}\n") == "{}\n{}\n|");
  CHECK(framed("{}\n{\"a\":") == "{}\n|");
  CHECK(framed("{}\n{\"a\":1}") == "{}\n{\"a\":1}|");
  CHECK(framed("{}\n  ") == "{}\n|");
  const std::string long_line = "\"" + std::string(3 * frame_bytes, 'x') + "\"\n";
  CHECK(framed(lines(0, 5) + long_line + lines(5, 7)).starts_with(lines(0, 5) + "|" + long_line));
}

TEST_CASE("what was redacted before the first file was kept is not kept") {
  World world;
  REQUIRE(world.store.append("s", {.type = "x", .payload = R"("hunter22")", .event_id = "u-1"}));
  REQUIRE(world.store.redact("s", 1, "why"));
  world.keep("{\"uuid\":\"u-1\",\"a\":\"hunter22\"}\n{}\n");
  CHECK(world.back().find("hunter22") == std::string::npos);
}

TEST_CASE("what has grown is added, and nothing else is written") {
  World world;
  CHECK(world.keep(lines(0, 500)).new_bytes == lines(0, 500).size());
  CHECK(world.keep(lines(0, 500)).new_bytes == 0);
  CHECK(world.keep(lines(0, 700)).new_bytes == lines(500, 700).size());
  CHECK(world.back() == lines(0, 700));
  CHECK(world.types().size() == 2);
  const auto files = world.store.kept_files("s").value();
  REQUIRE(files.versions.size() == 1);
  CHECK(files.versions[0].bytes == lines(0, 700).size());
  CHECK(files.versions[0].stored_bytes == fs::file_size(world.kept()));
  CHECK(world.store.verify("s").value().verdict == Verdict::clean);
}

TEST_CASE("what no event names is cut off by the next import, and is no damage") {
  World world;
  world.keep(lines(0, 10));
  const std::string whole = read_text(world.kept());
  for (const std::string& rest : std::vector{whole, whole.substr(0, 7), std::string{"rubbish"}}) {
    write_text(world.kept(), whole + rest);
    CHECK(world.store.verify("s").value().verdict == Verdict::clean);
    CHECK(world.back() == lines(0, 10));
  }
  CHECK(world.keep(lines(0, 20)).new_bytes > 0);
  CHECK(world.back() == lines(0, 20));
  CHECK(read_text(world.kept()).starts_with(whole));
}

TEST_CASE("a file that changed is kept anew, and one that comes back is known") {
  World world;
  world.keep(lines(0, 10));
  const KeepReport changed = world.keep(lines(5, 12));
  REQUIRE(changed.changed);
  CHECK(changed.changed->kept_sha256 == sha256_hex_of(lines(0, 10)));
  CHECK(changed.changed->found_sha256 == sha256_hex_of(lines(5, 12)));
  CHECK(world.back(1) == lines(0, 10));
  CHECK(world.back(2) == lines(5, 12));
  CHECK(world.keep(lines(0, 11)).new_bytes == lines(10, 11).size());
  CHECK(world.back(1) == lines(0, 11));
  // Another file of the session is no change.
  CHECK_FALSE(world.keep("{}\n", "p/b.jsonl").changed);
  CHECK(world.back(3) == "{}\n");
}

TEST_CASE("the latest version is what the file was when it was last seen") {
  World world;
  const auto latest = [&] {
    std::vector<std::uint64_t> numbers;
    const auto files = world.store.kept_files("s").value();
    for (const KeptVersion& version : files.versions)
      if (version.latest) numbers.push_back(version.number);
    return numbers;
  };
  using Numbers = std::vector<std::uint64_t>;
  world.keep(lines(0, 10));
  const KeepReport cut = world.keep(lines(0, 5));
  REQUIRE(cut.changed);
  CHECK(latest() == Numbers{2});
  CHECK_FALSE(world.keep(lines(0, 10)).changed);  // It has grown.
  CHECK(latest() == Numbers{1});
  const KeepReport again = world.keep(lines(0, 5));
  REQUIRE(again.changed);
  CHECK(again.changed->kept_bytes == lines(0, 10).size());
  CHECK(again.changed->found_sha256 == sha256_hex_of(lines(0, 5)));
  CHECK(latest() == Numbers{2});
  SourceFile copy = file_of("p/a.jsonl", lines(3, 30));
  copy.found_at = "/backup/a.jsonl";
  const auto kept = world.store.keep_source("s", copy);
  REQUIRE(kept);
  CHECK_FALSE(kept->changed);
  CHECK(latest() == Numbers{2});
  // Another file that goes on as this one did is one that was renamed, unless this one is there.
  SourceFile other = file_of("q/a.jsonl", lines(0, 6));
  other.is_there = [](const std::string& name) { return name == "p/a.jsonl"; };
  REQUIRE(world.store.keep_source("s", other));
  CHECK(latest() == Numbers{2, 4});
  other.is_there = nullptr;
  other.name = "r/a.jsonl";
  REQUIRE(world.store.keep_source("s", other));
  CHECK(latest() == Numbers{2, 4});
  CHECK(world.store.kept_files("s").value().versions[3].name() == "r/a.jsonl");
  CHECK(world.store.verify("s").value().verdict == Verdict::clean);
}

TEST_CASE("two files that were once taken for one are kept apart once both are there") {
  const std::vector<std::pair<std::string, std::string>> pairs{{lines(0, 10), lines(0, 15)},
                                                               {lines(0, 10), lines(0, 10)}};
  for (const auto& [first, second] : pairs)
    for (const bool first_first : {true, false}) {
      World world;
      world.keep(first, "p/a.jsonl");
      world.keep(second, "q/a.jsonl");
      for (int i = 0; i < 4; ++i) {
        const bool is_first = (i % 2 == 0) == first_first;
        SourceFile file = file_of(is_first ? "p/a.jsonl" : "q/a.jsonl", is_first ? first : second);
        file.is_there = [](const std::string&) { return true; };
        const auto kept = world.store.keep_source("s", file);
        REQUIRE(kept);
        CHECK_FALSE(kept->changed);
      }
      std::map<std::string, std::string> latest;
      const auto files = world.store.kept_files("s").value();
      for (const KeptVersion& version : files.versions)
        if (version.latest) latest[version.name()] = world.back(version.number);
      CHECK(files.versions.size() == 2);
      CHECK(latest ==
            std::map<std::string, std::string>{{"p/a.jsonl", first}, {"q/a.jsonl", second}});
    }
}

TEST_CASE("a copy stays as it is where the file itself has gone on") {
  World world;
  SourceFile copy = file_of("p/a.jsonl", lines(0, 10));
  copy.found_at = "/backup/p/a.jsonl";
  REQUIRE(world.store.keep_source("s", copy));
  world.keep(lines(0, 15));
  const std::size_t before = world.types().size();
  const auto again = world.store.keep_source("s", copy);
  REQUIRE(again);
  CHECK(again->new_bytes == 0);
  CHECK(world.types().size() == before);
}

TEST_CASE("what no event names is written over only where the file still holds it") {
  World world;
  world.keep(lines(0, 10));
  const std::string whole = read_text(world.kept());
  fs::create_directories(world.kept().parent_path());
  write_text(world.kept(2), whole);
  world.keep(lines(5, 9));  // Another file than what lies there, which stays.
  CHECK(read_text(world.kept(2)) == whole);
  CHECK(world.back(3) == lines(5, 9));
  write_text(world.kept(4), read_text(world.kept(3)));
  world.keep(lines(5, 8));  // As if it had been cut since.
  CHECK(world.back(5) == lines(5, 8));
  write_text(world.kept(6), read_text(world.kept(5)).substr(0, 9));
  world.keep(lines(6, 8));
  CHECK(world.back(6) == lines(6, 8));
  CHECK(world.store.verify("s").value().verdict == Verdict::clean);
}

TEST_CASE("a version that is gone or damaged is kept anew, and a finding until then") {
  World world;
  world.keep(lines(0, 10));
  fs::remove(world.kept());
  const auto verified = world.store.verify("s").value();
  REQUIRE(verified.findings.size() == 1);
  CHECK(verified.findings[0].kind == FindingKind::source);
  CHECK(verified.verdict == Verdict::damaged);
  CHECK_FALSE(world.keep(lines(0, 11)).changed);
  CHECK(world.back(2) == lines(0, 11));
}

TEST_CASE("every bit of a kept file counts") {
  World world;
  world.keep(lines(0, 3));
  const std::string whole = read_text(world.kept());
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    CAPTURE(bit);
    std::string changed = whole;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    write_text(world.kept(), changed);
    // Bits that say nothing of the content are the frame's own.
    if (world.back() != lines(0, 3)) CHECK(world.store.verify("s").value().finding_count == 1);
  }
}

TEST_CASE("redacted lines are gone from a kept file, which verifies") {
  World world;
  REQUIRE(world.store.append("s", {.type = "x", .payload = R"({"a":"hunter22"})"}));
  const std::string content = "{\"b\":\"it is hunter22\"}\n" + lines(0, 2000);
  world.keep(content);
  REQUIRE(world.store.redact("s", 1, "why"));
  CHECK(world.back() == "{\"redacted\":true}     \n" + lines(0, 2000));
  CHECK(world.store.verify("s").value().verdict == Verdict::clean);
  const auto files = world.store.kept_files("s").value();
  CHECK(files.versions[0].redacted_lines == std::vector<std::uint64_t>{1});
  // The file itself still has it, and is known.
  CHECK(world.keep(content + lines(0, 2)).new_bytes == lines(0, 2).size());
  CHECK(world.back().find("hunter22") == std::string::npos);
  CHECK(world.store.verify("s").value().verdict == Verdict::clean);
}

TEST_CASE("a write that fails leaves what was kept before, and can be done again") {
  const TempFolder folder;
  test::FaultSystem system;
  const auto backend = open_file_backend(folder / "data", {}, system).value();
  REQUIRE(backend->create(session_of("s")));
  REQUIRE(backend->keep_source("s", file_of("a", lines(0, 10))));
  bool fired = true;
  for (int k = 1; fired; ++k) {
    CAPTURE(k);
    system.fail_at(k, ENOSPC, 3);
    const auto kept = backend->keep_source("s", file_of("a", lines(0, 10 + k)));
    fired = system.fired();
    system.fail_at(0, 0);
    if (kept) continue;
    CHECK(kept.error().code != Code::invalid);
    CHECK(backend->check_source_files("s").empty());
  }
  const auto again = open_file_backend(folder / "data", {}, system).value();
  REQUIRE(again->keep_source("s", file_of("a", lines(0, 1000))));
  std::string content;
  REQUIRE(again->read_kept_file("s", 1, [&](std::string_view bytes) {
    content += bytes;
    return Result<void>{};
  }));
  CHECK(content == lines(0, 1000));
}

TEST_CASE("syncs that are put off come all at once, sources before the events that name them") {
  World world{Durability::deferred};
  world.keep(lines(0, 10));
  CHECK(world.types().empty());  // Its bytes are not known to be on the disk.
  REQUIRE(world.store.append("s", {.type = "x"}));
  REQUIRE(world.store.sync());
  CHECK(world.types() == std::vector<std::string>{"x", "agentstore.source_kept"});
  world.keep(lines(0, 20));
  REQUIRE(world.store.close());
  CHECK(world.types().size() == 3);
  CHECK(world.back() == lines(0, 20));
}

TEST_CASE("many sessions take few syncs, and a sync that fails leaves none of them to go on") {
  const TempFolder folder;
  test::FaultSystem system;
  const auto backend =
      open_file_backend(folder / "data", {.durability = Durability::deferred}, system).value();
  const log::CheckedDraft draft{"x", "{}", "{}", {}, std::nullopt};
  const auto fill = [&](char of) {
    for (int i = 0; i < 40; ++i) {
      std::string id{of};
      id += std::to_string(i);
      REQUIRE(backend->create(session_of(id)));
      REQUIRE(backend->append(id, {&draft, 1}, {}));
      REQUIRE(backend->keep_source(id, file_of("a", lines(0, 10))));
    }
  };
  fill('a');
  system.only = "sync";
  system.calls = 0;
  REQUIRE(backend->sync());
  CHECK(system.calls <= 4);
  fill('b');
  system.fail_at(1, EIO);
  CHECK(code_of(backend->sync()) == Code::io);
  system.fail_at(0, 0);
  CHECK(code_of(backend->append("b1", {&draft, 1}, {})) == Code::io);
  CHECK(backend->append("a1", {&draft, 1}, {}));
}

TEST_CASE("stores that keep no files say so") {
  Store store = Store::in_memory();
  REQUIRE(store.create_session({.id = "s"}));
  CHECK(code_of(store.keep_source("s", file_of("a", "{}\n"))) == Code::unsupported);
  CHECK(code_of(store.kept_files("s")) == Code::unsupported);
  World world;
  CHECK(code_of(world.store.keep_source("s", file_of("../a", "{}\n"))) == Code::invalid);
  CHECK(code_of(world.store.keep_source("t", file_of("a", "{}\n"))) == Code::not_found);
}

TEST_SUITE_END();

}  // namespace agentstore
