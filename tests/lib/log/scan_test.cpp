#include "log/scan.hpp"

#include <doctest/doctest.h>

#include <numeric>

#include "support/lines.hpp"

namespace agentstore::log {
namespace {

using test::lines_of;
using test::LogBuilder;
using test::replaced;
using test::scan;
using test::TextSource;

using Numbers = std::vector<std::uint64_t>;

Numbers up_to(std::uint64_t last) {
  Numbers numbers(last);
  std::iota(numbers.begin(), numbers.end(), 1);
  return numbers;
}

// Four writes: of one event, of three, of one, of two.
LogBuilder four_writes() {
  LogBuilder log;
  log.write();
  log.write(3);
  log.write(1, R"({"content":"é \"quoted\" {\"session_id\":"})");
  log.write(2);
  return log;
}

std::string joined(const std::vector<std::string>& lines) {
  return std::accumulate(lines.begin(), lines.end(), std::string{});
}

}  // namespace

TEST_SUITE_BEGIN("scan");

TEST_CASE("a whole log is clean, an unsealed one unsealed, an empty one clean") {
  const auto clean = scan(four_writes().text());
  CHECK(clean.numbers == up_to(7));
  CHECK(clean.report.verdict == Verdict::clean);
  CHECK(clean.report.events == 7);
  CHECK(clean.report.last_sequence_number == 7);
  CHECK(clean.report.end_offset_bytes == four_writes().text().size());
  CHECK(clean.report.finding_count == 0);
  CHECK(clean.position.head == four_writes().head());

  LogBuilder go;
  go.go_line();
  go.go_line();
  CHECK(scan(go.text()).report.verdict == Verdict::unsealed);
  CHECK(scan(go.text()).report.unsealed == 2);
  CHECK(scan(go.text()).position.head == go.head());
  CHECK(scan("").report.verdict == Verdict::clean);
  CHECK(scan("").numbers.empty());
}

TEST_CASE("a log cut at any byte gives the whole writes before the cut, and is torn or clean") {
  const LogBuilder log = four_writes();
  const Numbers events_at_end = {1, 4, 5, 7};
  for (std::size_t cut = 0; cut <= log.text().size(); ++cut) {
    std::size_t whole_bytes = 0;
    std::uint64_t events = 0;
    for (std::size_t i = 0; i < log.ends().size(); ++i) {
      if (log.ends()[i] > cut) break;
      whole_bytes = log.ends()[i];
      events = events_at_end[i];
    }
    const Verdict expected = whole_bytes == cut ? Verdict::clean : Verdict::torn;
    for (const OnCorrupt mode : {OnCorrupt::strict, OnCorrupt::prefix, OnCorrupt::skip}) {
      const auto scanned = scan(log.text().substr(0, cut), mode);
      const bool right = !scanned.error && scanned.numbers == up_to(events) &&
                         scanned.report.verdict == expected &&
                         scanned.report.end_offset_bytes == whole_bytes &&
                         (scanned.report.finding_count > 0) == (expected == Verdict::torn);
      if (right) continue;
      CAPTURE(cut);
      CAPTURE(static_cast<int>(mode));
      CHECK(right);
    }
  }
}

TEST_CASE("a payload that quotes an event makes no difference to where a log was cut") {
  LogBuilder log;
  log.write();
  const std::size_t start = log.text().size();
  log.write(1, R"({"seen":{"session_id":"other","sequence_number":9,"type":"x",)"
               R"("timestamp":"2026-03-07T12:00:00Z"},"more":1})");
  for (std::size_t cut = start + 1; cut < log.text().size(); ++cut) {
    const auto scanned = scan(log.text().substr(0, cut));
    if (scanned.report.verdict == Verdict::torn && !scanned.error) continue;
    CAPTURE(log.text().substr(start, cut - start));
    CHECK(scanned.report.verdict == Verdict::torn);
  }
}

TEST_CASE("a tail of zeros is torn") {
  const LogBuilder log = four_writes();
  for (const std::string& tail : {std::string(4096, '\0'), std::string(1, '\0')}) {
    const auto scanned = scan(log.text() + tail);
    CHECK(scanned.numbers == up_to(7));
    CHECK(scanned.report.verdict == Verdict::torn);
    CHECK(scanned.report.end_offset_bytes == log.text().size());
    CHECK(scanned.report.finding_count == 1);
  }
}

TEST_CASE("a tail that no interrupted write leaves is damage, and said to be") {
  const LogBuilder log = four_writes();
  for (const std::string& tail :
       {std::string(100, '\0') + "\n", std::string{"\n"}, std::string{"garbage"},
        std::string{"garbage\n"}, std::string{"{}\n{}\n"}, std::string(300, '\n'),
        std::string{"\xFF\xFE"}, log.text().substr(0, 40) + std::string(50, '\0'),
        std::string{"{\"session_id\":\"s\"\n"}, log.text().substr(0, log.ends()[0])}) {
    CAPTURE(tail);
    const auto strict = scan(log.text() + tail);
    CHECK(strict.numbers == up_to(7));
    REQUIRE(strict.error);
    CHECK(strict.error->code == Code::corrupt);
    CHECK(strict.error->message.find("line 8") != std::string::npos);
    CHECK(strict.report.end_offset_bytes == log.text().size());
    const auto prefix = scan(log.text() + tail, OnCorrupt::prefix);
    CHECK(prefix.report.verdict == Verdict::damaged);
    CHECK(prefix.report.finding_count == 1);
    const auto skip = scan(log.text() + tail, OnCorrupt::skip);
    CHECK(skip.report.verdict == Verdict::damaged);
    CHECK(skip.report.finding_count > 0);
    CHECK(skip.report.findings[0].message.find("cut off") == std::string::npos);
  }
}

TEST_CASE("the last events, edited, are damage: a crash leaves at most one write by half") {
  const LogBuilder log = four_writes();
  const auto lines = lines_of(log.text());
  for (std::size_t edited = 1; edited <= lines.size(); ++edited) {
    CAPTURE(edited);
    auto changed = lines;
    for (std::size_t i = lines.size() - edited; i < lines.size(); ++i)
      changed[i] = replaced(changed[i], "user_message", "user_massage");
    const auto scanned = scan(joined(changed), OnCorrupt::skip);
    CHECK(scanned.report.verdict == Verdict::damaged);
    CHECK(scanned.report.finding_count == edited);
    CHECK(scanned.report.findings[0].message.find("seal") != std::string::npos);
  }
}

TEST_CASE("converted line ends, a byte order mark and a compressor are named in words") {
  const std::string text = four_writes().text();
  std::string crlf;
  for (const std::string& line : lines_of(text)) crlf += replaced(line, "\n", "\r\n");
  const std::pair<std::string, const char*> made[] = {{crlf, "CRLF"},
                                                      {"\xEF\xBB\xBF" + text, "byte order mark"},
                                                      {"\x1F\x8B\x08" + text, "gzip"},
                                                      {"\x28\xB5\x2F\xFD" + text, "Zstandard"},
                                                      {"\xFF\xFE" + text, "UTF-16"}};
  for (const auto& [log, word] : made) {
    CAPTURE(word);
    const auto strict = scan(log);
    REQUIRE(strict.error);
    CHECK(strict.error->message.find(word) != std::string::npos);
    CHECK(strict.report.verdict == Verdict::damaged);
    const auto skip = scan(log, OnCorrupt::skip);
    CHECK(skip.report.verdict == Verdict::damaged);
    REQUIRE(skip.report.finding_count > 0);
    CHECK(skip.report.findings[0].message.find(word) != std::string::npos);
  }
  CHECK(scan(crlf, OnCorrupt::skip).report.finding_count == 7);
}

TEST_CASE("what is valid of the write that was cut is not given") {
  LogBuilder log;
  log.write(2);
  const std::size_t start = log.text().size();
  const auto lines = lines_of(log.write(4));
  const std::string before = log.text().substr(0, start);
  // Zeros from the start up to a sector.
  std::string holed = lines[0] + lines[1] + lines[2] + lines[3];
  const std::size_t hole = 512 - start % 512;
  holed.replace(0, hole, hole, '\0');
  for (const std::string& rest : {lines[0], lines[0] + lines[1], holed}) {
    const auto scanned = scan(before + rest);
    CHECK(scanned.numbers == up_to(2));
    CHECK(scanned.report.verdict == Verdict::torn);
    CHECK(scanned.report.end_offset_bytes == start);
  }
  // 1 and 3, without the one between; 3 and 4 alone; all but the first.
  for (const std::string& rest : {lines[0] + lines[2] + lines[3], lines[2] + lines[3],
                                  std::string(50, '\0') + lines[3], lines[1] + lines[2]}) {
    const auto scanned = scan(before + rest);
    CHECK(scanned.numbers == up_to(2));
    CHECK(scanned.report.verdict == Verdict::damaged);
    CHECK(scanned.error);
  }
}

TEST_CASE("a bad line with a later write behind it is damage: named, and never cut off") {
  const LogBuilder log = four_writes();
  auto lines = lines_of(log.text());
  lines[4] = replaced(lines[4], "user_message", "user_massage");  // #5, a write of its own
  const std::string text = joined(lines);
  const std::size_t offset = log.ends()[1];

  const auto strict = scan(text, OnCorrupt::strict);
  CHECK(strict.numbers == up_to(4));
  REQUIRE(strict.error);
  CHECK(strict.error->code == Code::corrupt);
  CHECK(strict.error->message.find("line 5") != std::string::npos);
  CHECK(strict.error->message.find("byte " + std::to_string(offset)) != std::string::npos);
  CHECK(strict.report.verdict == Verdict::damaged);

  const auto prefix = scan(text, OnCorrupt::prefix);
  CHECK_FALSE(prefix.error);
  CHECK(prefix.numbers == up_to(4));
  CHECK(prefix.report.verdict == Verdict::damaged);
  CHECK(prefix.report.finding_count == 1);

  const auto skip = scan(text, OnCorrupt::skip);
  CHECK_FALSE(skip.error);
  CHECK(skip.numbers == Numbers{1, 2, 3, 4, 6, 7});
  CHECK(skip.report.verdict == Verdict::damaged);
  REQUIRE(skip.report.finding_count == 1);
  CHECK(skip.report.findings[0].line == 5);
  CHECK(skip.report.findings[0].sequence_number == 5);
  CHECK(skip.report.findings[0].kind == FindingKind::hash);
}

TEST_CASE("any line of any write but the last, damaged in any way, is named") {
  const LogBuilder log = four_writes();
  for (std::size_t damaged = 0; damaged < 5; ++damaged) {
    for (const char* const what : {"", "\n", "garbage\n", "{}\n", "\0\0\0\n", "gone", "twice"}) {
      CAPTURE(damaged);
      CAPTURE(what);
      auto lines = lines_of(log.text());
      const std::string whole = lines[damaged];
      lines[damaged] = std::string_view{what} == "twice"  ? whole + whole
                       : std::string_view{what} == "gone" ? ""
                                                          : std::string{what};
      const auto scanned = scan(joined(lines), OnCorrupt::skip);
      CHECK(scanned.report.verdict == Verdict::damaged);
      CHECK(scanned.report.finding_count > 0);
      for (std::uint64_t number = 1; number <= 7; ++number) {
        if (number == damaged + 1) continue;
        CAPTURE(number);
        CHECK(std::count(scanned.numbers.begin(), scanned.numbers.end(), number) == 1);
      }
      CHECK(scan(joined(lines), OnCorrupt::strict).error.has_value());
    }
  }
}

TEST_CASE("objects that were glued to a torn line are damage, and named") {
  LogBuilder go;
  const auto first = go.go_line();
  const auto second = go.go_line();
  const auto third = go.go_line();
  const std::string glued = first + second.substr(0, 30) + third;
  const auto scanned = scan(glued, OnCorrupt::skip);
  CHECK(scanned.numbers == up_to(1));
  CHECK(scanned.report.verdict == Verdict::damaged);
  CHECK(scanned.report.finding_count > 0);
  CHECK(scan(first + second.substr(0, second.size() - 1) + third).report.verdict ==
        Verdict::damaged);
}

TEST_CASE("two writers without a lock are damage, and every event of theirs is given") {
  LogBuilder one;
  const auto a = one.go_line(R"({"who":"a"})");
  const auto b = one.go_line(R"({"who":"b"})");
  const std::string doubled = a + b + b + one.go_line();
  const auto scanned = scan(doubled, OnCorrupt::skip);
  CHECK(scanned.numbers == Numbers{1, 2, 2, 3});
  CHECK(scanned.report.verdict == Verdict::damaged);
  CHECK(scanned.report.finding_count == 1);
}

TEST_CASE("another session's line is damage, not the end") {
  LogBuilder mine{"s"};
  LogBuilder other{"t"};
  const std::string text = mine.write() + other.write() + other.write();
  CHECK(scan(text).report.verdict == Verdict::damaged);
  const auto skipped = scan(text, OnCorrupt::skip);
  CHECK(skipped.numbers == up_to(1));
  CHECK(skipped.report.finding_count == 2);
  CHECK(skipped.report.findings[0].kind == FindingKind::session);
}

TEST_CASE("blank lines, CRLF, a byte order mark and a run of NULs in the middle are damage") {
  const LogBuilder log = four_writes();
  const auto lines = lines_of(log.text());
  for (const std::string& text :
       {lines[0] + "\n" + log.text().substr(lines[0].size()), replaced(log.text(), "\n", "\r\n"),
        "\xEF\xBB\xBF" + log.text(),
        lines[0] + std::string(512, '\0') + log.text().substr(lines[0].size())}) {
    const auto scanned = scan(text, OnCorrupt::skip);
    CHECK(scanned.report.verdict == Verdict::damaged);
    CHECK(scanned.report.finding_count > 0);
    CHECK(scanned.numbers.size() >= 6);
  }
}

TEST_CASE("a writer at work makes a cut write in flight, and no finding") {
  const LogBuilder log = four_writes();
  for (std::size_t cut = log.ends()[2] + 1; cut < log.text().size(); cut += 17) {
    TextSource source{log.text().substr(0, cut)};
    source.tail = ByteSource::Tail::writing;
    const auto scanned = scan(source, {.session_id = "s"});
    CHECK(scanned.numbers == up_to(5));
    CHECK(scanned.report.verdict == Verdict::in_flight);
    CHECK(scanned.report.finding_count == 0);
  }
}

TEST_CASE("a write of 5,000 events is given whole, once, or not at all") {
  LogBuilder log;
  log.write();
  log.write(5'000);
  log.write();
  CHECK(scan(log.text()).numbers == up_to(5'002));
  const auto cut = scan(log.text().substr(0, log.ends()[1] - 1));
  CHECK(cut.numbers == up_to(1));
  CHECK(cut.report.verdict == Verdict::torn);
}

TEST_CASE("a line of 64 MiB and more is damage, in the middle and at the end") {
  LogBuilder log;
  const std::string first = log.write();
  log.write();
  const std::string later = log.write();
  std::string endless(line_bytes_max + 1000, 'x');
  const auto at_end = scan(first + endless);
  CHECK(at_end.numbers == up_to(1));
  CHECK(at_end.report.verdict == Verdict::damaged);
  endless += "\n";
  const std::string text = first + endless + later;
  CHECK(scan(text).report.verdict == Verdict::damaged);
  const auto skipped = scan(text, OnCorrupt::skip);
  CHECK(skipped.numbers == Numbers{1, 3});
  CHECK(skipped.report.finding_count == 1);
}

TEST_CASE("the longest line that fits is read") {
  LogBuilder probe;
  const std::size_t overhead = probe.write(1, "\"\"").size();
  LogBuilder log;
  log.write(1, "\"" + std::string(line_bytes_max - overhead, 'x') + "\"");
  REQUIRE(log.text().size() == line_bytes_max);
  log.write();
  const auto scanned = scan(log.text());
  CHECK(scanned.numbers == up_to(2));
  CHECK(scanned.report.verdict == Verdict::clean);
}

TEST_CASE("the first thousand findings are kept, and all are counted") {
  LogBuilder log;
  std::string text = log.write();
  for (int i = 0; i < 3'000; ++i) text += "bad\n";
  log.write();
  text += log.write();
  const auto scanned = scan(text, OnCorrupt::skip);
  CHECK(scanned.report.finding_count == 3'000);
  CHECK(scanned.report.findings.size() == 1'000);
  CHECK(scanned.numbers == Numbers{1, 3});
}

TEST_CASE("a scan that begins at a position gives what stands behind it") {
  const LogBuilder log = four_writes();
  TextSource source{log.text().substr(0, log.ends()[1])};
  const auto half = scan(source, {.session_id = "s", .check_hashes = true});
  REQUIRE(half.position.sequence_number == 4);
  TextSource whole{log.text()};
  const auto rest = scan(whole, {.session_id = "s", .check_hashes = true, .start = half.position});
  CHECK(rest.numbers == Numbers{5, 6, 7});
  CHECK(rest.report.verdict == Verdict::clean);
  CHECK(rest.position.head == log.head());
}

TEST_CASE("behind damage a long write is whole, wherever the buffer ends in it") {
  LogBuilder log;
  log.write();
  const std::size_t damage_at = log.text().size();
  log.write();
  log.write();
  log.write(600, '"' + std::string(2000, 'x') + '"');
  log.write();
  std::string text = log.text();
  text[damage_at] = '[';
  const auto scanned = scan(text, OnCorrupt::skip);
  CHECK(scanned.numbers.size() == log.events() - 1);
  CHECK(scanned.report.finding_count == 1);
}

TEST_SUITE_END();

}  // namespace agentstore::log
