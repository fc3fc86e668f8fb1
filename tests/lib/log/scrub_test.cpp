#include "log/scrub.hpp"

#include <doctest/doctest.h>

#include <set>

#include "support/lines.hpp"

namespace agentstore::log {
namespace {

const std::string secret = R"({"text":"meet me at the old mill at nine"})";
const std::string other = R"({"text":"an acknowledged event, torn later"})";

std::string line_of(std::uint64_t number, const std::string& id, const std::string& payload) {
  std::string out;
  NumberedEvent event{.session_id = "s",
                      .sequence_number = number,
                      .type = "user_message",
                      .timestamp = {1'772'884'800, 0},
                      .recorded_at = std::nullopt,
                      .metadata = "{}",
                      .event_id = id,
                      .batch = {},
                      .payload = payload};
  event.salt.fill(static_cast<unsigned char>(number));
  encode_line(out, event, Hash{});
  return out;
}

// What is left of bytes in quarantine after the event "e" was redacted.
struct Scrubbed {
  Scrubbed(const std::string& payload, std::string quarantined, std::set<std::string> in_log = {})
      : bytes{std::move(quarantined)} {
    KeptLines lines;
    KeptLine& kept = *lines.emplace_back(std::make_unique<KeptLine>());
    kept.text = line_of(7, "e", payload);
    kept.text.pop_back();
    REQUIRE(!parse_line(kept.text, kept.arena, kept.line));
    const Scrubber scrubber{lines, [&](std::string_view id) -> Result<bool> {
                              return in_log.contains(std::string{id});
                            }};
    const auto done = scrubber.scrub(bytes);
    REQUIRE(done);
    changed = *done;
  }
  bool has(std::string_view text) const { return bytes.find(text) != bytes.npos; }
  // No run of the payload, however it was cut.
  bool has_any_of(std::string_view payload) const {
    for (std::size_t i = 0; i + telling_bytes_min <= payload.size(); ++i)
      if (has(payload.substr(i, telling_bytes_min))) return true;
    return false;
  }

  std::string bytes;
  bool changed = false;
};

}  // namespace

TEST_SUITE_BEGIN("scrub");

TEST_CASE("the torn line of the event loses its payload, wherever it was cut") {
  const std::string line = line_of(7, "e", secret);
  for (std::size_t cut = 1; cut <= line.size(); ++cut) {
    CAPTURE(cut);
    const Scrubbed scrubbed{secret, line.substr(0, cut)};
    CHECK(scrubbed.bytes.size() == cut);
    CHECK_FALSE(scrubbed.has_any_of(R"(meet me at the old mill at nine)"));
    if (cut > line.find(",\"payload\":")) CHECK(scrubbed.has("\"event_id\":\"e\""));
  }
}

TEST_CASE("another event stays, byte for byte, however short the payload that goes is") {
  for (const std::string payload : {std::string{R"({"x":1})"}, std::string{"1"}, secret}) {
    CAPTURE(payload);
    const std::string line = line_of(8, "second", other);
    for (std::size_t cut = 1; cut <= line.size(); ++cut) {
      const Scrubbed scrubbed{payload, line.substr(0, cut)};
      CHECK_FALSE(scrubbed.changed);
      CHECK(scrubbed.bytes == line.substr(0, cut));
    }
  }
}

TEST_CASE("of a whole old log only the event's own payload goes") {
  const std::string before = line_of(6, "d", R"({"x":1})");
  const std::string after = line_of(8, "f", R"({"x":1})");
  const Scrubbed scrubbed{R"({"x":1})", before + line_of(7, "e", R"({"x":1})") + after};
  CHECK(scrubbed.changed);
  CHECK(scrubbed.bytes.starts_with(before));
  CHECK(scrubbed.bytes.ends_with(after));
  const std::string rest =
      scrubbed.bytes.substr(before.size(), scrubbed.bytes.size() - before.size() - after.size());
  CHECK(rest.find(R"({"x":1})") == rest.npos);
}

TEST_CASE("a copy that was never acknowledged loses its payload; one that the log has keeps it") {
  const std::string copy = line_of(7, "retried", secret);
  const Scrubbed gone{secret, copy};
  CHECK_FALSE(gone.has_any_of(R"(meet me at the old mill at nine)"));
  const Scrubbed torn{secret, copy.substr(0, copy.find("mill"))};
  CHECK_FALSE(torn.has_any_of(R"(meet me at the old )"));
  const Scrubbed kept{secret, copy, {"retried"}};
  CHECK_FALSE(kept.changed);
}

TEST_CASE("zeros within a torn write hide no bytes of the payload") {
  const std::string line = line_of(7, "e", secret) + line_of(8, "second", other);
  for (std::size_t from = 0; from < line.size(); from += 7) {
    CAPTURE(from);
    std::string bytes = line;
    for (std::size_t i = from; i < std::min(from + 60, bytes.size()); ++i) bytes[i] = '\0';
    const Scrubbed scrubbed{secret, bytes};
    CHECK_FALSE(scrubbed.has_any_of(R"(meet me at the old mill at nine)"));
    for (const std::string_view part : {"an acknowl", "edged even", "t, torn la"})
      if (bytes.find(part) != bytes.npos) CHECK(scrubbed.has(part));
  }
}

TEST_CASE("a line without an id, and bytes of no line at all, lose the payload") {
  const std::string go =
      R"({"session_id":"s","sequence_number":1,"type":"user_message","payload":)" + secret +
      R"(,"timestamp":"2026-03-07T12:00:00Z","metadata":{}})";
  CHECK_FALSE(Scrubbed{secret, go + "\n"}.has("old mill"));
  CHECK_FALSE(Scrubbed{secret, "some bytes: meet me at the old mill, and more"}.has("old mill"));
  CHECK(Scrubbed{secret, "some bytes: meet me at the old mill, and more"}.has("and more"));
}

TEST_SUITE_END();

}  // namespace agentstore::log
