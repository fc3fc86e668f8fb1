#include "log/torn_end.hpp"

#include <doctest/doctest.h>

#include <random>

#include "support/lines.hpp"
#include "support/seed.hpp"

namespace agentstore::log {
namespace {

using test::lines_of;
using test::LogBuilder;
using test::replaced;

constexpr std::size_t sector_bytes = 512;

std::string padded(std::size_t size) {
  return R"({"text":")" + std::string(size, 'x') + R"( é \"\u00e9 [{","n":[1,-2.50e+3,{}]})";
}

// Whether `end` may be what an interrupted write left behind the log.
bool is_torn(const LogBuilder& log, std::string_view end) {
  return !why_not_torn(end, {.session_id = "s",
                             .offset_bytes = log.text().size(),
                             .sequence_number = log.events(),
                             .head = log.head(),
                             .after_unsealed = log.events() == 0});
}

// Some lines, and a write behind them.
struct Written {
  LogBuilder before;
  std::string write;
};

Written written(std::size_t events, std::size_t payload_bytes = 5) {
  Written made;
  made.before.write(1, padded(40));
  made.before.write(2);
  LogBuilder after = made.before;
  made.write = after.write(events, padded(payload_bytes));
  return made;
}

std::vector<Written> writes() {
  return {written(1), written(1, 1400), written(3), written(4, 300), written(2, 700)};
}

// With zeros in place of the sectors of the file that `lost` names.
std::string without_sectors(std::string text, std::size_t offset, std::uint64_t lost) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t sector = (offset + at) / sector_bytes - offset / sector_bytes;
    if (sector < 64 && (lost >> sector & 1U) != 0) text[at] = '\0';
  }
  return text;
}

}  // namespace

TEST_SUITE_BEGIN("torn_end");

TEST_CASE("a write that was cut at any byte is torn, but for a whole one") {
  for (const Written& one : writes()) {
    for (std::size_t cut = 1; cut < one.write.size(); ++cut) {
      if (is_torn(one.before, one.write.substr(0, cut))) continue;
      CAPTURE(one.write.substr(0, cut));
      CHECK(is_torn(one.before, one.write.substr(0, cut)));
    }
    CHECK_FALSE(is_torn(one.before, one.write));
  }
}

TEST_CASE("a write that lost any of its sectors, and its end, is torn") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  for (const Written& one : writes()) {
    for (int round = 0; round < 1500; ++round) {
      const std::string text = without_sectors(one.write.substr(0, 1 + random() % one.write.size()),
                                               one.before.text().size(), random() | random());
      if (text == one.write || is_torn(one.before, text)) continue;
      CAPTURE(text);
      CHECK(is_torn(one.before, text));
    }
  }
}

TEST_CASE("zeros alone are torn, where sectors end or the log does") {
  const Written one = written(1);
  CHECK(is_torn(one.before, std::string(4096, '\0')));
  CHECK(is_torn(one.before, std::string(3, '\0')));
  CHECK_FALSE(is_torn(one.before, std::string(3, '\0') + one.write));
  CHECK_FALSE(is_torn(one.before, one.write.substr(0, 40) + std::string(3, '\0')));
}

TEST_CASE("text that begins no event of the log is not torn") {
  const Written one = written(1);
  LogBuilder other{"t"};
  other.write(3);
  LogBuilder twin;
  twin.write(1, "1");
  twin.write(2);
  const std::string head = R"({"session_id":"s","sequence_number":)";
  for (const std::string& text :
       {std::string{"x"},
        std::string{"\n"},
        std::string{"{}"},
        std::string{"{\"session_id\": "},
        std::string{"done\n"},
        std::string{"\xFF"},
        std::string{"\r\n"},
        head + "3",
        head + "40",
        head + "4 ",
        head + R"(4,"event)",
        head + R"(4,"type":7)",
        head + R"(4,"type":"a","timestamp":"2026-03-07 )",
        head + R"(4,"type":"a","timestamp":"2026-03-77T12:00:00.000000000Z")",
        head + R"(4,"type":"a","payload":)",
        std::string{"\xEF\xBB\xBF"} + one.write,
        other.write(),
        twin.write(),
        one.write + "x",
        one.write + one.write,
        " " + one.write}) {
    CAPTURE(text);
    CHECK_FALSE(is_torn(one.before, text));
  }
}

TEST_CASE("a last event that was edited is not torn, however its end was cut") {
  const Written one = written(1);
  const std::string line = one.write.substr(0, one.write.size() - 1);
  const std::string hash = line.substr(line.size() - 66, 64);
  for (const std::string& edited :
       {replaced(line, "xxxx", "xxyx"), replaced(line, "user_message", "user_massage"),
        replaced(line, R"("e4")", R"("e5")"), replaced(line, R"("prev":")", R"("prev":"0)"),
        replaced(line, "\"salt\":\"04", "\"salt\":\"05"), replaced(line, ",\"type", ", \"type"),
        replaced(line, "}", " }"), replaced(line, hash, std::string(64, 'a'))}) {
    CAPTURE(edited);
    REQUIRE(edited != line);
    for (const std::string& text : {edited + "\n", edited, edited.substr(0, edited.size() - 2),
                                    edited.substr(0, edited.size() - 40)}) {
      CAPTURE(text);
      CHECK_FALSE(is_torn(one.before, text));
    }
  }
}

TEST_CASE("of a write of several events only the last ones may be missing") {
  const Written one = written(4);
  const auto lines = lines_of(one.write);
  const Written next = [&] {
    Written more = one;
    LogBuilder log = one.before;
    log.write(4, padded(5));
    more.write = log.write(2);
    return more;
  }();
  for (const std::string& text :
       {lines[1] + lines[2] + lines[3], lines[0] + lines[2] + lines[3], lines[0] + lines[2],
        lines[0] + lines[1] + lines[3], lines[2] + lines[3], lines[1] + lines[0],
        lines[0] + lines[0], lines[0] + lines[1] + next.write, one.write + next.write,
        lines[0] + replaced(lines[1], "xxx", "xyx"), lines[0] + replaced(lines[1], "}\n", "}\r\n"),
        lines[0] + "appended\n", lines[0] + "{}", lines[0] + lines[1] + "\n"}) {
    CAPTURE(text);
    CHECK_FALSE(is_torn(one.before, text));
  }
  CHECK(is_torn(one.before, lines[0] + lines[1] + lines[2]));
}

TEST_CASE("what follows lost sectors has to be of the same write") {
  const Written one = written(4, 300);
  const std::size_t offset = one.before.text().size();
  const std::string holed = without_sectors(one.write, offset, 2);
  const std::size_t after = holed.rfind('\0') + 1;
  const auto lines = lines_of(holed);
  const std::string last = lines.back();
  REQUIRE(is_torn(one.before, holed));
  LogBuilder twin;
  twin.write();
  twin.write(2);
  const auto others = lines_of(twin.write(4, padded(301)));
  const auto with_last = [&](const std::string& line) {
    return holed.substr(0, holed.size() - last.size()) + line;
  };
  for (const std::string& text :
       {with_last(replaced(last, "xxx", "xyx")), with_last(others[3]), with_last(last + "x"),
        with_last(last + last), with_last("garbage\n"), holed.substr(0, after) + "garbage\n",
        holed.substr(0, after) + "\r\n", with_last(lines_of(one.write)[0])}) {
    CAPTURE(text);
    CHECK_FALSE(is_torn(one.before, text));
  }
}

TEST_CASE("a line of the Go library may be cut off where no sealed event stands before it") {
  LogBuilder go;
  const LogBuilder empty;
  const std::string first = go.go_line(R"({"a":[1,"é",null]})");
  LogBuilder both = go;
  const std::string second = both.go_line();
  const auto is_torn_after = [](std::uint64_t number, std::string_view end) {
    return !why_not_torn(end, {.session_id = "s",
                               .offset_bytes = 1000,
                               .sequence_number = number,
                               .after_unsealed = true});
  };
  for (std::size_t cut = 1; cut < first.size(); ++cut) {
    CAPTURE(cut);
    CHECK(is_torn(empty, first.substr(0, cut)));
    CHECK(is_torn_after(1, second.substr(0, std::min(cut, second.size() - 1))));
  }
  CHECK(is_torn_after(1, R"({ "type" : "a", )"));
  CHECK(is_torn_after(1, second.substr(0, 24) + std::string(512, '\0') + second.substr(80)));
  for (const std::string& text :
       {second, second + "x", replaced(second, "}\n", "}\r\n"), std::string{"[1"},
        std::string{"{\"a\":1}"}, replaced(second, ":2,", ":3,").substr(0, 50),
        replaced(second, ":2,", ":7,"), std::string{R"({"event_id":"a",)"}, std::string{"text"},
        std::string{R"({"session_id":"t",)"}}) {
    CAPTURE(text);
    CHECK_FALSE(is_torn_after(1, text));
  }
  // After a sealed event the library's line is none of ours.
  LogBuilder sealed;
  sealed.write();
  CHECK_FALSE(
      is_torn(sealed, R"({"session_id":"s","sequence_number":2,"type":"custom","payload":)"));
}

TEST_CASE("what was done to a log is said in words") {
  const auto words = [](const std::string& text) {
    const auto why = why_not_torn(text, {.session_id = "s", .after_unsealed = true});
    return why ? why->message : std::string{};
  };
  CHECK(words("\xEF\xBB\xBF{").find("byte order mark") != std::string::npos);
  CHECK(words("\xFF\xFE{").find("UTF-16") != std::string::npos);
  CHECK(words(std::string{"{\0\"\0s\0", 6}).find("UTF-16") != std::string::npos);
  CHECK(words("\x1F\x8B\b").find("gzip") != std::string::npos);
  CHECK(words("\x28\xB5\x2F\xFD").find("Zstandard") != std::string::npos);
}

TEST_SUITE_END();

}  // namespace agentstore::log
