#include "formats/text/code_points.hpp"

#include <doctest/doctest.h>

#include <string>

namespace agentstore::formats {

TEST_SUITE("code points") {
  TEST_CASE("every code point is written and read back; a surrogate is no UTF-8") {
    for (std::int32_t point = 1; point < 0x110000; point += point < 0x3000 ? 1 : 97) {
      if (point >= 0xD800 && point < 0xE000) continue;
      char bytes[4];
      const std::size_t size = put_code_point(bytes, point);
      const CodePoint read = first_code_point({bytes, size});
      CHECK(read.value == point);
      CHECK(read.bytes == size);
      CHECK(first_code_point({bytes, size - 1 + (size == 1)}).value == (size == 1 ? point : -1));
    }
    CHECK(first_code_point("\xED\xA0\x80").value == -1);
    CHECK(first_code_point("\xC0\x80").value == -1);
    CHECK(first_code_point("\xF4\x90\x80\x80").value == -1);
  }

  TEST_CASE(
      "a text is cut between code points, and what is no UTF-8 in it is replaced byte by byte") {
    CHECK(cut_utf8("aé", 2) == "a");
    CHECK(cut_utf8("aé", 3) == "aé");
    CHECK(cut_utf8("日本", 5) == "日");
    CHECK(utf8_bytes("plain text, and é\xFF") == 18);
    CHECK(valid_utf8("a\xFF\xFEz\xC3") == "a\uFFFD\uFFFDz\uFFFD");
    CHECK(valid_utf8("12345678é") == "12345678é");
  }

  TEST_CASE("what hides or reorders is unprintable; letters, and Arabic number signs, are not") {
    for (const std::int32_t point :
         {0x1B, 0x7F, 0x9B, 0xAD, 0x200B, 0x202E, 0x2066, 0xFEFF, 0xE0041})
      CHECK(is_unprintable(point));
    for (const std::int32_t point : {0x20, 0x7E, 0xA0, 0xE9, 0x600, 0x4E2D, 0x1F600})
      CHECK_FALSE(is_unprintable(point));
  }

  TEST_CASE("columns: wide, narrow, and none for a combining mark") {
    CHECK(columns_of('a') == 1);
    CHECK(columns_of(0x4E2D) == 2);
    CHECK(columns_of(0x1F600) == 2);
    CHECK(columns_of(0x301) == 0);
    for (const std::int32_t point : {0x41, 0x4E2D, 0x301, 0x202E}) {
      CHECK(look_of(point).columns == (point == 0x41 ? 1 : columns_of(point)));
      CHECK(look_of(point).unprintable == is_unprintable(point));
    }
  }

  TEST_CASE("what a CI runner takes for a command") {
    for (const char* const text : {"##[error]x", "##vso[task]", "##[", "##a["})
      CHECK(starts_runner_command(text));
    for (const char* const text : {"", "#[error]", "## [x", "##", "##1[", " ##[x", "##abc"})
      CHECK_FALSE(starts_runner_command(text));
  }
}

}  // namespace agentstore::formats
