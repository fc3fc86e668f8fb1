#include "formats/text/line.hpp"

#include <doctest/doctest.h>

#include "formats/events/parts.hpp"
#include "formats/events/values.hpp"

using namespace agentstore::formats;

TEST_SUITE_BEGIN("line");

TEST_CASE("a line knows the columns of all that was added") {
  Line line;
  line.add("#");
  line.add_number(12);
  line.add_blanks(2);
  CHECK(line.add_printable("日本", 10));
  CHECK(line.add_text_of(R"("a\u001bb")", 10));
  CHECK_FALSE(line.add_text_of("[1,2,3]", 4));
  CHECK(line.text() == "#12  日本a\\u{1b}b[1,…");
  CHECK(line.end().columns == display_width(line.text()));
}

TEST_CASE("what was added can be cut, dropped and coloured") {
  Line line;
  line.add("ab ");
  const Line::Place place = line.end();
  line.add("cdef");
  CHECK_FALSE(line.cut(place, 4));
  CHECK(line.cut(place, 3));
  CHECK(line.text() == "ab cd…");
  CHECK(line.columns_since(place) == 3);
  line.paint(place, 2, Paint::red);
  CHECK(line.text() == "ab \x1b[31mcd\x1b[0m…");
  line.go_back(place);
  CHECK(line.is_at(place));
  line.trim();
  CHECK(line.text() == "ab");
}

TEST_CASE("parts have blanks between them, and none for a part that is empty") {
  Line line;
  line.add("> ");
  Parts parts{line, 9};
  CHECK(parts.left() == 9);
  parts.add([&](std::size_t left) { line.add_printable("abc", left); });
  CHECK(parts.left() == 4);
  parts.add([](std::size_t) {});
  parts.add([&](std::size_t left) { add_quoted(line, R"("defg")", left); });
  CHECK(parts.left() == 0);
  parts.add([&](std::size_t) { line.add("x"); });
  parts.end();
  CHECK(line.text() == "> abc  \"d……");
}

TEST_CASE("words that just fill their columns are cut where others follow") {
  const auto words = [](std::string_view content, std::size_t columns) {
    Line line;
    add_words(line, content, columns);
    return std::string{line.text()};
  };
  CHECK(words(R"(["abcd","e"])", 8) == R"("abcd e")");
  CHECK(words(R"(["abcd","e"])", 7) == R"("abcd…")");
  CHECK(words(R"(["abcd","e"])", 6) == R"("abc…")");
  CHECK(words(R"(["abcd",""])", 7) == R"("abcd ")");
  CHECK(words(R"(["","abcd"])", 6) == R"("abcd")");
  CHECK(words(R"(["日本語","x"])", 7) == R"("日本…")");
}

TEST_SUITE_END();
