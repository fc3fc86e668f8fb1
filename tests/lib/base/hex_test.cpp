#include "base/hex.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

namespace agentstore {

TEST_SUITE("hex") {
  TEST_CASE("every byte is two lower-case digits, and comes back") {
    std::string bytes;
    for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
    const std::string text = to_hex(bytes);
    REQUIRE(text.size() == 512);
    CHECK(text.starts_with("000102"));
    CHECK(text.ends_with("fdfeff"));
    std::array<unsigned char, 256> back{};
    REQUIRE(from_hex(text, back.data(), back.size()));
    CHECK(std::string(back.begin(), back.end()) == bytes);
    std::string appended = "hash ";
    append_hex(appended, std::string_view{"\x0A\xFF", 2});
    CHECK(appended == "hash 0aff");
  }

  TEST_CASE("one other character at any place, or another length, is none") {
    std::array<unsigned char, 32> into{};
    const std::string good(64, 'e');
    CHECK(is_hex(good));
    CHECK(from_hex(good, into.data(), into.size()));
    for (const char bad : {'/', ':', '`', 'g', 'A', 'F', ' ', '\0'}) {
      for (std::size_t at = 0; at < good.size(); ++at) {
        std::string text = good;
        text[at] = bad;
        CHECK_FALSE(is_hex(text));
        CHECK_FALSE(from_hex(text, into.data(), into.size()));
      }
    }
    CHECK_FALSE(from_hex(good.substr(1), into.data(), into.size()));
    CHECK_FALSE(from_hex(good + "e", into.data(), into.size()));
  }
}

}  // namespace agentstore
