#include "log/verify.hpp"

#include <doctest/doctest.h>

#include "support/lines.hpp"

namespace agentstore::log {
namespace {

using test::lines_of;
using test::LogBuilder;
using test::verify;

}  // namespace

TEST_SUITE_BEGIN("verify");

TEST_CASE("a whole log verifies, with its head") {
  LogBuilder log;
  log.write(3);
  log.write();
  const auto verified = verify(log.text());
  CHECK(verified.verdict == Verdict::clean);
  CHECK(verified.finding_count == 0);
  CHECK(verified.events == 4);
  CHECK(verified.unsealed == 0);
  CHECK(verified.head == to_hex(bytes_of(log.head())));
  CHECK(verified.root.size() == 64);
  CHECK(verified.session_id == "s");
}

TEST_CASE("every bit of a sealed log that is flipped is reported") {
  LogBuilder log;
  log.write(1, R"({"content":"hi"})");
  log.write(2, R"({"n":1})", "custom");
  log.write(1, "null");
  for (std::size_t at = 0; at < log.text().size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string text = log.text();
      text[at] = static_cast<char>(text[at] ^ (1 << bit));
      const auto verified = verify(text);
      const bool reported = verified.finding_count > 0 && (verified.verdict == Verdict::torn ||
                                                           verified.verdict == Verdict::damaged);
      if (reported) continue;
      CAPTURE(at);
      CAPTURE(bit);
      CHECK(reported);
    }
  }
}

TEST_CASE("a bit flipped before the last write is damage, never a torn end") {
  LogBuilder log;
  log.write(1, R"({"content":"hi"})");
  log.write(2, R"({"n":1})", "custom");
  const std::size_t end = log.text().size();
  log.write(1, "null");
  for (std::size_t at = 0; at < end; ++at) {
    std::string text = log.text();
    text[at] = static_cast<char>(text[at] ^ (1 << (at % 8)));
    if (verify(text).verdict == Verdict::damaged) continue;
    CAPTURE(at);
    CHECK(verify(text).verdict == Verdict::damaged);
  }
}

TEST_CASE("lines that were exchanged, left out or taken from another log are reported") {
  LogBuilder log;
  for (int i = 0; i < 4; ++i) log.write(1, R"({"i":)" + std::to_string(i) + "}");
  LogBuilder twin;
  for (int i = 0; i < 4; ++i) twin.write(1, R"({"j":)" + std::to_string(i) + "}");
  const auto lines = lines_of(log.text());
  const auto others = lines_of(twin.text());
  for (const std::string& text :
       {lines[1] + lines[0] + lines[2] + lines[3], lines[0] + lines[2] + lines[3],
        lines[1] + lines[2] + lines[3], lines[0] + others[1] + lines[2] + lines[3],
        lines[0] + lines[1] + others[2] + others[3], lines[0] + lines[0] + lines[1] + lines[2]}) {
    const auto verified = verify(text);
    CHECK(verified.verdict == Verdict::damaged);
    CHECK(verified.finding_count > 0);
  }
}

TEST_CASE("a log that was cut between two writes verifies: that takes a checkpoint to see") {
  LogBuilder log;
  log.write();
  const std::string text = log.text();
  log.write();
  CHECK(verify(text).verdict == Verdict::clean);
}

TEST_CASE("an unsealed line behind a sealed one is readable, and a finding at its own line") {
  LogBuilder log;
  log.write();
  log.go_line();
  log.write();
  const auto verified = verify(log.text());
  CHECK(verified.verdict == Verdict::clean);
  CHECK(verified.events == 3);
  CHECK(verified.unsealed == 1);
  REQUIRE(verified.finding_count == 1);
  CHECK(verified.findings[0].kind == "unsealed");
  CHECK(verified.findings[0].line == 2);
  CHECK(verified.findings[0].sequence_number == 2);
}

TEST_CASE("findings behind damage name the line of the file") {
  LogBuilder log;
  const std::string first = log.write();
  const std::string go = log.go_line();
  const std::string last = log.write();
  const auto verified = verify(first + "bad\nworse\n" + go + last);
  REQUIRE(verified.finding_count == 3);
  CHECK(verified.findings[0].line == 2);
  CHECK(verified.findings[1].line == 3);
  CHECK(verified.findings[2].kind == "unsealed");
  CHECK(verified.findings[2].line == 4);
}

TEST_CASE("a wholly unsealed log is unsealed, and the first sealed line seals what is before it") {
  LogBuilder log;
  log.go_line();
  log.go_line();
  const auto unsealed = verify(log.text());
  CHECK(unsealed.verdict == Verdict::unsealed);
  CHECK(unsealed.finding_count == 0);
  log.write();
  CHECK(verify(log.text()).verdict == Verdict::clean);
  const std::string edited = test::replaced(log.text(), R"({"n":1})", R"({"n":2})");
  REQUIRE(edited != log.text());
  CHECK(verify(edited).finding_count > 0);
}

TEST_CASE("a log is held to the session that its file is named after") {
  LogBuilder log{"other"};
  log.write();
  const auto named = verify(log.text(), "s");
  CHECK(named.finding_count > 0);
  const auto unnamed = verify(log.text(), "");
  CHECK(unnamed.finding_count == 0);
  CHECK(unnamed.session_id == "other");
}

TEST_CASE("a redaction that no event explains, and an event that redacts nothing, are findings") {
  LogBuilder log;
  const std::string first = log.write(1, R"({"secret":1})");
  const std::string unsaid = log.write();
  Arena arena;
  Line line;
  const std::string text = first.substr(0, first.size() - 1);
  REQUIRE_FALSE(parse_line(text, arena, line));
  Salt salt;
  REQUIRE(from_hex(line.salt, salt.data(), salt.size()));
  const std::string payload_hash = to_hex(bytes_of(sha256({bytes_of(salt), line.event.payload})));
  const std::string gone = std::string{line.envelope} +
                           R"(,"payload":null,"redacted":3,"payload_hash":")" + payload_hash + '"' +
                           text.substr(text.find(",\"prev\"")) + "\n";
  const auto unexplained = verify(gone + unsaid);
  REQUIRE(unexplained.finding_count == 1);
  CHECK(unexplained.findings[0].kind == "redaction");
  CHECK(unexplained.findings[0].sequence_number == 1);

  const std::string why = R"({"sequence_number":1,"payload_hash":")" + payload_hash + "\"}";
  const std::string says = log.write(1, why, "agentstore.redacted");
  const auto explained = verify(gone + unsaid + says);
  CHECK(explained.finding_count == 0);
  CHECK(explained.redacted == 1);
  CHECK(explained.verdict == Verdict::clean);

  const auto still_there = verify(first + unsaid + says);
  REQUIRE(still_there.finding_count == 1);
  CHECK(still_there.findings[0].kind == "redaction");
  CHECK(still_there.findings[0].sequence_number == 3);
}

TEST_SUITE_END();

}  // namespace agentstore::log
