// The scans of strings, held against a scan byte by byte, at every place of a block of sixteen.

#include "base/json_string.hpp"

#include <doctest/doctest.h>

#include <string>

namespace agentstore::json {
namespace {

template <HighBytes high_bytes>
std::size_t plain_bytes(const std::string& text) {
  return static_cast<std::size_t>(skip_plain<high_bytes>(text.data(), text.data() + text.size()) -
                                  text.data());
}

// Where a string that goes on at the start of `text` ends; 0: nowhere.
std::size_t string_bytes(const std::string& text) {
  const char* const behind = skip_checked(text.data(), text.data() + text.size());
  return behind == nullptr ? 0 : static_cast<std::size_t>(behind - text.data());
}

}  // namespace

TEST_SUITE("JSON strings") {
  TEST_CASE("each byte stops a scan, or does not, wherever it stands") {
    for (int value = 0; value < 256; ++value) {
      const char byte = static_cast<char>(value);
      CAPTURE(value);
      for (std::size_t at = 0; at < 40; at += 3) {
        std::string text(41, 'x');
        text[at] = byte;
        CHECK(plain_bytes<HighBytes::looked_at>(text) ==
              (is_plain<HighBytes::looked_at>(byte) ? text.size() : at));
        CHECK(plain_bytes<HighBytes::let_through>(text) ==
              (is_plain<HighBytes::let_through>(byte) ? text.size() : at));
      }
    }
  }

  TEST_CASE("a string ends at its quote, whatever is escaped before") {
    for (const std::string before :
         {"", "plain", R"(\")", R"(\\)", R"(\u00e9\n)", R"(ends in \\)", "\xC3\xA9 \xFF"}) {
      for (std::size_t filler = 0; filler < 35; ++filler) {
        const std::string text = std::string(filler, 'y') + before;
        CAPTURE(text);
        CHECK(string_bytes(text + "\",1") == text.size() + 1);
        CHECK(string_bytes(text) == 0);
      }
    }
  }

  TEST_CASE("controls and unknown escapes are refused") {
    for (const char* const text :
         {"a\nb\"", "\t\"", R"(\q")", R"(\u12")", R"(\u12G4")", R"(\)", R"(\u)", R"(\U0041")"}) {
      CAPTURE(text);
      CHECK(string_bytes(text) == 0);
    }
  }

  TEST_CASE("a short string without escapes is found in one look, any other is left") {
    const std::string room(16, ' ');
    const auto look = [&](const std::string& text) {
      const std::string all = text + room;
      const char* const behind = skip_short(all.data(), all.data() + all.size());
      return behind == nullptr ? 0 : behind - all.data();
    };
    for (const std::size_t size : {0, 1, 8, 14})
      CHECK((look(std::string(size, 'k') + '"') == static_cast<long>(size) + 1 ||
             look(std::string(size, 'k') + '"') == 0));
    CHECK(look("a\\\"b\"") == 0);
    CHECK(look("a\nb\"") == 0);
    CHECK(look(std::string(30, 'k') + '"') == 0);
  }
}

}  // namespace agentstore::json
