#include "log/source_scrub.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "agentstore/internal/record_digest.hpp"
#include "agentstore/store.hpp"
#include "base/system.hpp"
#include "log/file_source.hpp"
#include "support/folder.hpp"

namespace agentstore::log {
namespace {

/// A session with some events, and a scrubber for the first of them.
class Scrubbed {
 public:
  explicit Scrubbed(std::vector<Draft> drafts, const Labels& labels = {}) {
    {
      Store store = Store::open(folder_ / "data").value();
      REQUIRE(store.create_session({.id = "s"}));
      for (const Draft& draft : drafts) REQUIRE(store.append("s", draft));
    }
    const auto log =
        FileSource::open(linux_system(), folder_ / "data/events/s.jsonl", {}, false).value();
    const std::uint64_t first[] = {1};
    const auto lines = find_lines(*log, first);
    REQUIRE(lines);
    scrubber_ = SourceScrubber::of(*lines, *log, nullptr, labels).value();
  }

  std::vector<std::uint64_t> gone(std::string lines) const {
    return gone_lines(std::move(lines)).numbers;
  }
  GoneLines gone_lines(std::string lines) const {
    GoneLines gone;
    const std::size_t size = lines.size();
    scrubber_->scrub(lines, 1, gone);
    CHECK(lines.size() == size);
    return gone;
  }

 private:
  test::TempFolder folder_;
  std::optional<SourceScrubber> scrubber_;
};

using Numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_SUITE_BEGIN("source scrub");

TEST_CASE("the record of an event goes, found by its id") {
  const Scrubbed one{{{.type = "x", .payload = R"({"a":"no"})", .event_id = "u-1.2"}}};
  CHECK(one.gone("{\"uuid\":\"u-1\"}\n{\"uuid\" : \"u-1\"}\n{\"parentUuid\":\"u-1\"}\n") ==
        Numbers{1, 2});
  const std::string record = R"({"a": "a record without an id"})";
  const Scrubbed other{{{.type = "x", .event_id = "line-" + record_digest(record) + "~2.1"}}};
  CHECK(other.gone("{}\n " + record + " \n{}\n") == Numbers{2});
}

TEST_CASE("a line that repeats a text goes, however it is escaped") {
  const Scrubbed scrubbed{{{.type = "x", .payload = R"({"a":["say \"hunter2\" twice"]})"}}};
  CHECK(scrubbed.gone(R"({"b":"they say \"hunter2\" twice"}
{"b":"{\"c\":\"say \\\"hunter2\\\" twice\"}"}
{"b":"say hunter2"}
)") == Numbers{1, 2});
}

TEST_CASE("the beginning of a long text is enough") {
  const std::string text = "this is a long text, of which a title is only the beginning";
  const Scrubbed scrubbed{{{.type = "x", .payload = R"({"a":")" + text + "\"}"}}};
  CHECK(scrubbed.gone("{\"title\":\"" + text.substr(0, 45) + "…\"}\n") == Numbers{1});
  CHECK(scrubbed.gone("{\"title\":\"" + text.substr(0, 30) + "\"}\n").empty());
}

TEST_CASE("texts that other events hold, and labels, are no reason") {
  const Scrubbed scrubbed{{{.type = "x", .payload = R"({"tool":"WebSearch","in":"/w/project"})"},
                           {.type = "x", .payload = R"({"tool":"WebSearch"})"}},
                          {{"cwd", "/w/project"}}};
  CHECK(scrubbed.gone("{\"tool\":\"WebSearch\",\"cwd\":\"/w/project\"}\n").empty());
}

TEST_CASE(
    "a blank record stands in the place of a line, as long, and is left when it is met again") {
  const Scrubbed scrubbed{{{.type = "x", .payload = R"({"a":"hunter22"})"}}};
  const Scrubbed* const one = &scrubbed;
  CHECK(one->gone("hunter22\n{\"redacted\":true}      \n") == Numbers{1});
}

TEST_CASE("a line that no id tells is known again by its digest, and its text alone by none") {
  const Scrubbed scrubbed{{{.type = "x", .payload = R"({"a":"hunter22"})", .event_id = "u-1"}}};
  const std::string line = R"({"b":"it is hunter22"})";
  const GoneLines gone =
      scrubbed.gone_lines("{\"uuid\":\"u-1\",\"a\":\"hunter22\"}\n" + line + "\n");
  CHECK(gone.numbers == Numbers{1, 2});
  REQUIRE(gone.removed.size() == 1);
  CHECK(gone.removed[0].bytes == line.size());
  CHECK(gone.removed[0].is(line));
  CHECK_FALSE(gone.removed[0].is(R"({"b":"it is hunter23"})"));
  const SourceScrubber again{{}, gone.removed, {}};
  std::string lines = "{}\n" + line + "\n{\"c\":\"hunter22\"}\n";
  GoneLines gone_again;
  again.scrub(lines, 1, gone_again);
  CHECK(gone_again.numbers == Numbers{2});
  CHECK(gone_again.removed.empty());
}

TEST_CASE("texts of payloads that are gone go, unless the log holds them") {
  const test::TempFolder folder;
  {
    Store store = Store::open(folder / "data").value();
    REQUIRE(store.create_session({.id = "s"}));
    REQUIRE(store.append("s", {.type = "x", .payload = R"("WebSearch")"}));
  }
  const auto log =
      FileSource::open(linux_system(), folder / "data/events/s.jsonl", {}, false).value();
  GoneTexts texts{{{"cwd", "/w/project"}}};
  texts.add(R"(["hunter22","WebSearch","/w/project"])");
  REQUIRE(texts.leave_those_in(*log, {}));
  const SourceScrubber scrubber{{}, {}, texts.finder()};
  std::string lines = "hunter22\nWebSearch\n/w/project\n";
  GoneLines gone;
  scrubber.scrub(lines, 1, gone);
  CHECK(gone.numbers == Numbers{1});
}

TEST_CASE("of a log, the ids of redacted events are known") {
  const test::TempFolder folder;
  {
    Store store = Store::open(folder / "data").value();
    REQUIRE(store.create_session({.id = "s"}));
    REQUIRE(store.append("s", {.type = "x", .payload = "1", .event_id = "u-1"}));
    REQUIRE(store.append("s", {.type = "x", .payload = "2", .event_id = "u-2"}));
    REQUIRE(store.redact("s", 2, "why"));
  }
  const auto log =
      FileSource::open(linux_system(), folder / "data/events/s.jsonl", {}, false).value();
  const auto records = redacted_records(*log);
  REQUIRE(records);
  CHECK(records->has(R"({"uuid":"u-2"})"));
  CHECK_FALSE(records->has(R"({"uuid":"u-1"})"));
}

TEST_SUITE_END();

}  // namespace agentstore::log
