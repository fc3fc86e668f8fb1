#include "log/kept_sources.hpp"

#include <doctest/doctest.h>

#include <string>

namespace agentstore::log {
namespace {

const std::string hash(64, 'a');

bool take(Sources& sources, const CheckedDraft& event) {
  return sources.take(event.type, event.payload);
}

}  // namespace

TEST_SUITE_BEGIN("kept sources");

TEST_CASE("ranges of a version follow each other, and others do not count") {
  Sources sources;
  CHECK(take(sources, kept_event("p/a.jsonl", "", 1, 0, {10, hash})));
  CHECK(take(sources, kept_event("p/a.jsonl", "", 1, 10, {5, hash})));
  CHECK_FALSE(take(sources, kept_event("p/a.jsonl", "", 1, 10, {5, hash})));
  CHECK_FALSE(take(sources, kept_event("p/a.jsonl", "", 2, 1, {5, hash})));
  CHECK_FALSE(take(sources, kept_event("p/a.jsonl", "", 1, 15, {5, "no hash"})));
  REQUIRE(sources.versions.size() == 1);
  CHECK(sources.versions[0].kept.bytes == 15);
  CHECK(sources.versions[0].read.size() == 2);
  CHECK(take(sources, kept_event("p/a.jsonl", "", 3, 0, {7, hash})));
  CHECK_FALSE(take(sources, kept_event("p/a.jsonl", "", 2, 0, {7, hash})));
  CHECK(sources.last_number() == 3);
}

TEST_CASE("a range without bytes gives another name") {
  Sources sources;
  CHECK(take(sources, kept_event("a", "", 1, 0, {10, hash})));
  CHECK(take(sources, kept_event("b", "", 1, 10, {0, hash})));
  CHECK(sources.versions[0].kept.name() == "b");
  CHECK(sources.versions[0].kept.names.size() == 2);
  CHECK(sources.versions[0].read.size() == 1);
}

TEST_CASE("a redaction says what is stored, and leaves what was read") {
  Sources sources;
  CHECK(take(sources, kept_event("a", "", 1, 0, {10, hash})));
  CHECK(take(sources, kept_event("a", "", 1, 10, {10, hash})));
  const std::string other(64, 'b');
  const RemovedLine line = RemovedLine::of("a line");
  CHECK_FALSE(take(sources, redacted_event(1, {19, other}, {{2}, {}})));
  CHECK_FALSE(take(sources, redacted_event(2, {20, other}, {{2}, {}})));
  CHECK(take(sources, redacted_event(1, {20, other}, {{4, 2}, {}})));
  CHECK(take(sources, redacted_event(1, {20, other}, {{4, 3}, {line}})));
  const SourceVersion& version = sources.versions[0];
  CHECK(version.kept.redacted_lines == std::vector<std::uint64_t>{2, 3, 4});
  CHECK(version.stored.size() == 1);
  CHECK(version.stored[0].sha256 == other);
  CHECK(version.read.size() == 2);
  REQUIRE(sources.removed.size() == 1);
  CHECK(sources.removed[0].is("a line"));
}

TEST_CASE("what is said of removed lines and makes no sense does not count") {
  Sources sources;
  CHECK(take(sources, kept_event("a", "", 1, 0, {10, hash})));
  const std::string salt(32, '0');
  const std::string start =
      R"({"kept_as":"1.zst","bytes":10,"sha256":")" + hash + R"(","lines":[],)";
  CHECK(sources.take(source_redacted, start +
                                          R"("removed":[1,{},{"bytes":-1},{"bytes":6,"salt":"0)" +
                                          R"(","pbkdf2":")" + hash + R"("}]})"));
  CHECK(sources.take(source_redacted, start + R"("removed":{}})"));
  CHECK(sources.removed.empty());
}

TEST_CASE("names that may lead elsewhere do not count") {
  for (const char* const name : {"", "/a", "../a", "a/../b", "a/.", "a//b", "a/", "."}) {
    CAPTURE(name);
    CHECK_FALSE(is_source_name(name));
    Sources sources;
    CHECK_FALSE(take(sources, kept_event(name, "", 1, 0, {10, hash})));
    CHECK_FALSE(take(sources, kept_elsewhere_event({name, "s"})));
  }
  CHECK_FALSE(is_source_name(std::string_view{"a\0b", 3}));
  CHECK(is_source_name("a/..b/c.jsonl"));
  Sources sources;
  CHECK(take(sources, kept_elsewhere_event({"a", "s"})));
  CHECK(take(sources, kept_elsewhere_event({"a", "t"})));
  REQUIRE(sources.elsewhere.size() == 1);
  CHECK(sources.elsewhere[0].session_id == "t");
}

TEST_CASE("versions are numbers as they are written") {
  for (const char* const kept_as : {"0.zst", "01.zst", "1.zs", "x.zst", "../1.zst", "1.zst.zst"}) {
    CAPTURE(kept_as);
    Sources sources;
    CHECK_FALSE(sources.take(source_kept, R"({"file":"a","offset":0,"bytes":1,"sha256":")" + hash +
                                              R"(","kept_as":")" + kept_as + R"("})"));
  }
}

TEST_SUITE_END();

}  // namespace agentstore::log
