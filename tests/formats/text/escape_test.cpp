#include "formats/text/escape.hpp"

#include <doctest/doctest.h>

#include "agentstore/json.hpp"
#include "formats/text/code_points.hpp"
#include "formats/text/plain_text.hpp"

using namespace agentstore::formats;

TEST_SUITE_BEGIN("escape");

TEST_CASE("what could move, hide or reorder is shown as an escape") {
  CHECK(printable("red\x1b[31m") == "red\\u{1b}[31m");
  CHECK(printable("a\nb\tc\rd\x7f") == "a\\nb\\tc\\rd\\u{7f}");
  CHECK(printable("\xC2\x9B") == "\\u{9b}");
  CHECK(printable("\u061C\u200E\u200F\u202A\u202E\u2066\u2069") ==
        "\\u{61c}\\u{200e}\\u{200f}\\u{202a}\\u{202e}\\u{2066}\\u{2069}");
  CHECK(printable("a\u200Bb\u200C\u200D\u2060\uFEFF\u00AD\u180E\uFFF9\uFFFB") ==
        "a\\u{200b}b\\u{200c}\\u{200d}\\u{2060}\\u{feff}\\u{ad}\\u{180e}\\u{fff9}\\u{fffb}");
  CHECK(printable("\U000E0001\U000E0041\U000E0100\U000E0FFF") ==
        "\\u{e0001}\\u{e0041}\\u{e0100}\\u{e0fff}");
  CHECK(printable("\u2028\u2029") == "\\u{2028}\\u{2029}");
  CHECK(printable(std::string_view{"\0", 1}) == "\\u{0}");
}

TEST_CASE("every code point is read as it is written, and nothing else is") {
  for (std::int32_t point = 0; point < 0x110000; ++point) {
    if (point >= 0xD800 && point < 0xE000) continue;
    char bytes[4];
    const std::size_t size = put_code_point(bytes, point);
    const CodePoint read = first_code_point({bytes, size});
    REQUIRE(read.value == point);
    REQUIRE(read.bytes == size);
    const CodePoint cut = first_code_point({bytes, size - (size > 1)});
    REQUIRE(cut.value == (size > 1 ? -1 : point));
  }
  // Two bytes too short, three too short, half of a pair.
  for (const char* text : {"\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF"})
    CHECK(first_code_point(text).value == -1);
}

TEST_CASE("a byte that is not plain is found wherever it stands") {
  for (int byte = 0; byte < 256; ++byte) {
    const bool plain = byte >= 0x20 && byte < 0x7F && byte != '\\' && byte != '#';
    for (std::size_t at = 0; at < 40; ++at) {
      CAPTURE(byte);
      CAPTURE(at);
      std::string text(40, 'a');
      text[at] = static_cast<char>(byte);
      REQUIRE(plain_bytes(text) == (plain ? text.size() : at));
      for (const std::size_t bytes_max : {0, 1, 15, 16, 17, 33, 40, 50}) {
        std::string copy(bytes_max + 16, '?');
        const std::size_t copied = copy_plain(copy.data(), text, bytes_max);
        REQUIRE(copied == std::min(plain_bytes(text), bytes_max));
        REQUIRE(copy.starts_with(text.substr(0, copied)));
      }
    }
  }
}

TEST_CASE("bytes that are no UTF-8 are shown one by one") {
  CHECK(printable("a\xFF"
                  "b") == "a\\x{ff}b");
  CHECK(printable("\xC3") == "\\x{c3}");
  CHECK(printable("\xED\xA0\x80") == "\\x{ed}\\x{a0}\\x{80}");
  CHECK(printable("\xC0\xAF") == "\\x{c0}\\x{af}");
  CHECK(printable("\xF4\x90\x80\x80") == "\\x{f4}\\x{90}\\x{80}\\x{80}");
}

TEST_CASE("other text stays as it is") {
  for (const char* text :
       {"", "BER → MUC", "C:\\new", "日本語 ✈️ é", "# Title", "## Title", "a##b"}) {
    CAPTURE(text);
    CHECK(printable(text) == text);
  }
}

TEST_CASE("what a CI runner takes for a command is broken") {
  CHECK(printable("##[error]x") == "#\\u{23}[error]x");
  CHECK(printable("a ##vso[task.setvariable]") == "a #\\u{23}vso[task.setvariable]");
  CHECK(printable("##VSO[x]##teamcity[y]") == "#\\u{23}VSO[x]#\\u{23}teamcity[y]");
  CHECK(printable("###[group]") == "##\\u{23}[group]");
}

TEST_CASE("marks stacked without end are escaped") {
  std::string text = "e";
  for (int times = 0; times < 10; ++times) text += "\u0301";
  const std::string shown = printable(text);
  CHECK(shown.ends_with("\\u{301}\\u{301}"));
  CHECK(display_width(shown) == 1 + 2 * 7);
}

TEST_CASE("width counts columns") {
  CHECK(display_width("") == 0);
  CHECK(display_width("abc") == 3);
  CHECK(display_width("€→é") == 3);
  CHECK(display_width("日本") == 4);
  CHECK(display_width("e\u0301") == 1);
  CHECK(display_width("\\u{1b}") == 6);
}

TEST_CASE("a grapheme cluster is one character of at most two columns, and is never cut") {
  const std::string family = "\U0001F468\u200D\U0001F469\u200D\U0001F467";
  const std::string flags = "\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7";
  for (const std::string& text :
       {family, flags.substr(0, 8), std::string{"\U0001F44D\U0001F3FD"}, std::string{"日"},
        std::string{"\u2764\uFE0F"}, std::string{"1\uFE0F\u20E3"}, std::string{"\uD55C"},
        std::string{"\u1112\u1161\u11AB"}}) {
    CAPTURE(text);
    CHECK(printable(text) == text);
    CHECK(display_width(text) == 2);
    CHECK(cut("a" + text + "b", 4) == "a" + text + "b");
    CHECK(cut("a" + text + "bc", 4) == "a" + text + "…");
    CHECK(cut("a" + text + "b", 3) == "a…");
    CHECK(printable_cut("a" + text + "bc", 4) == "a" + text + "…");
    CHECK(printable_cut("a" + text + "b", 3) == "a…");
  }
  CHECK(display_width(flags) == 4);
  CHECK(cut(flags, 3) == flags.substr(0, 8) + "…");
  CHECK(display_width("e\u0301") == 1);
  CHECK(cut("ne\u0301e", 2) == "n…");
  // A joiner joins emoji alone: elsewhere it hides.
  CHECK(printable("a\u200Db \U0001F468\u200Dx") == "a\\u{200d}b \U0001F468\\u{200d}x");
  std::string chain = "\U0001F468";
  for (int i = 0; i < 1000; ++i) chain += "\u200D\U0001F468";
  const std::string shown = printable(chain);
  CHECK(shown.contains("\\u{"));
  for (const std::size_t columns : {1U, 2U, 3U, 10U, 50U}) {
    CHECK(printable_cut(chain, columns).size() <= printable_bytes_max(chain, columns));
    CHECK(printable_cut(chain, columns) == cut(shown, columns));
  }
}

TEST_CASE("a cut never splits a character or an escape") {
  CHECK(cut("abcdef", 6) == "abcdef");
  CHECK(cut("abcdef", 5) == "abcd…");
  CHECK(cut("日本語", 5) == "日本…");
  CHECK(cut("日本語", 4) == "日…");
  CHECK(cut("ab\\u{1b}cd", 8) == "ab…");
  CHECK(cut("ab\\u{1b}cd", 9) == "ab\\u{1b}…");
  CHECK(cut("ab\\nc", 4) == "ab…");
  CHECK(cut("e\u0301e\u0301e\u0301", 2) == "e\u0301…");
  CHECK(cut("abc", 1) == "…");
  CHECK(cut("abc", 0) == "");
}

TEST_CASE("a text cut at any width fits it, escaped first or as it is escaped") {
  const std::string text = "a\x1b[1m日本\u202E##[x]e\u0301\xFF zz\n\u200B…";
  for (std::size_t columns = 0; columns < 80; ++columns) {
    CAPTURE(columns);
    CHECK(display_width(printable_cut(text, columns)) <= columns);
    CHECK(printable_cut(text, columns) == cut(printable(text), columns));
  }
}

TEST_CASE("the text of a JSON string is shown as if it had been read before") {
  const std::string tokens[] = {
      R"("")",
      R"("plain text that is longer than sixteen bytes")",
      R"("a\u001b[1m日本\u202e##[x]e\u0301\n\"q\" C:\\new \u65e5\ud83d\ude00 \ud83d")",
      R"("\u0023\u0023\u0076so[x] ###[\u005b #\\u{1b} ##vso \/")",
      "\"\xC3\\u00e9 \xE6\x97\\n\xFF\"",
  };
  for (const std::string& token : tokens) {
    for (std::size_t columns = 0; columns < 80; ++columns) {
      CAPTURE(token);
      CAPTURE(columns);
      std::string room(printable_bytes_max(token, columns), 'x');
      const Written written = write_printable_string(room.data(), token, columns);
      const std::string shown = room.substr(0, written.bytes);
      const std::string whole = agentstore::json::text_of(token);
      CHECK(shown == printable_cut(whole, columns));
      CHECK(written.columns == display_width(shown));
      CHECK(written.whole == (written.columns == display_width(printable(whole))));
    }
  }
}

TEST_CASE("a short text is shown as a part of a longer one") {
  for (std::size_t size = 1; size <= 20; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (const int byte : {0x00, 0x1F, 0x20, 0x22, 0x23, 0x5C, 0x7E, 0x7F, 0x80, 0xFF}) {
        std::string text(size, 'a');
        text[at] = static_cast<char>(byte);
        CAPTURE(text);
        CHECK(printable_cut(text, 120) + "|z" == printable(text + "|z"));
        CHECK(printable_cut(text, size) == cut(printable(text), size));
      }
    }
  }
}

TEST_CASE("a huge text is cut as a short one is") {
  const std::string text(std::size_t{60} << 20, '\x1b');
  CHECK(printable_cut(text, 12) == "\\u{1b}…");
}

TEST_SUITE_END();
