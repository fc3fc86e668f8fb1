#include "formats/text/prose.hpp"

#include <doctest/doctest.h>

#include "formats/text/escape.hpp"

namespace agentstore::formats {

using Lines = std::vector<std::string>;

TEST_SUITE("prose") {
  TEST_CASE("in a pipe a line stays a line") {
    CHECK(prose_lines("one two three four\nfive\n\n", 0) == Lines{"one two three four", "five"});
    CHECK(prose_lines("", 0) == Lines{""});
  }

  TEST_CASE("on a terminal lines go on at words, indented as they begin") {
    CHECK(prose_lines("one two three four five", 16) == Lines{"one two three", "four five"});
    CHECK(prose_lines("  - one two three four", 16) == Lines{"  - one two", "  three four"});
    CHECK(prose_lines("abcdefghijklmnopqrstuvw", 16) == Lines{"abcdefghijklmnop", "qrstuvw"});
  }

  TEST_CASE("no line is wider than it may be, whatever is in it") {
    const std::string family = "\U0001f469\u200d\U0001f469\u200d\U0001f467";
    const std::string text = "日本語の文章はスペースがない \u202e reversed " + family + family +
                             family + family + " \x1b[31m red\x1b[0m " +
                             "a\u0301a\u0301a\u0301a\u0301a\u0301a\u0301a\u0301a\u0301";
    for (std::size_t columns = 16; columns < 40; ++columns) {
      CAPTURE(columns);
      for (const std::string& line : prose_lines(text, columns))
        CHECK(display_width(line) <= columns);
    }
  }

  TEST_CASE("nothing in it moves a cursor or speaks to a runner") {
    CHECK(prose_lines("\x1b[2Jx\ty\r\n", 0) == Lines{"\\u{1b}[2Jx   y"});
    CHECK(prose_lines("::set-output name=x::y\n  ::error::z", 0) ==
          Lines{"\\u{3a}:set-output name=x::y", "  \\u{3a}:error::z"});
    // Nor where a line goes on.
    for (const std::string& line : prose_lines("twelve chars ::error::now it is here", 16))
      CHECK_FALSE(line.starts_with("::"));
    for (std::size_t columns = 12; columns < 40; ++columns) {
      CAPTURE(columns);
      for (const std::string& line : wrapped("#14  tool  ::set-output name=x::y::z ::a", columns)) {
        CHECK_FALSE(line.starts_with("::"));
        CHECK(display_width(line) <= columns);
      }
    }
  }

  TEST_CASE("a text for a page is the same lines as one") {
    CHECK(prose_text("\n one\r\n\n::error::two\t\x1b\n\n") ==
          " one\n\n\\u{3a}:error::two    \\u{1b}");
    CHECK(prose_text("").empty());
  }
}

}  // namespace agentstore::formats
