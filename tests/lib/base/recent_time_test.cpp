#include "base/recent_time.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

#include "base/digits.hpp"
#include "support/seed.hpp"

namespace agentstore {

TEST_SUITE_BEGIN("recent time");

namespace {

// Both ways to read a text have to agree.
void check_same(RecentTime& recent, const std::string& text) {
  CAPTURE(text);
  const auto plain = parse_rfc3339(text);
  Timestamp at;
  REQUIRE(recent.read(text, at) == plain.has_value());
  if (plain) REQUIRE(at == *plain);
}

}  // namespace

TEST_CASE("times are read as they are without memory, whatever stood before") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  RecentTime recent;
  Timestamp at{1'772'884'800, 0};
  for (int i = 0; i < 20'000; ++i) {
    at.seconds += static_cast<std::int64_t>(random() % 20) - 5;
    at.nanoseconds = static_cast<std::int32_t>(random() % 1'000'000'000);
    if (i % 3 == 0) at.nanoseconds -= at.nanoseconds % 1'000'000;
    std::string text = i % 2 == 0 ? format_rfc3339(at) : format_rfc3339_short(at);
    if (i % 7 == 0) text.replace(text.size() - 1, 1, i % 2 == 0 ? "z" : "+02:30");
    check_same(recent, text);
    // One character of it is another one.
    static constexpr std::string_view others = "0123456789:/;.-+TtZz \"\\\x7f\xb0";
    text[random() % text.size()] = others[random() % others.size()];
    check_same(recent, text);
  }
}

TEST_CASE("what is cut off, or too long, is refused as ever") {
  const std::string text = "2026-03-07T12:00:00.123456789Z";
  for (std::size_t size = 0; size < text.size(); ++size) {
    RecentTime recent;
    check_same(recent, text);
    check_same(recent, text.substr(0, size));
    check_same(recent, text.substr(0, size) + 'Z');
  }
  RecentTime recent;
  check_same(recent, text);
  check_same(recent, "2026-03-07T12:00:59.9999999999Z");
  check_same(recent, "2026-03-07T12:00:60Z");
}

TEST_CASE("digits are counted and read, eight at a time") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  for (int i = 0; i < 20'000; ++i) {
    std::string text(8, '0');
    for (char& c : text)
      c = static_cast<char>(random() % 4 == 0 ? random() % 256 : '0' + random() % 10);
    CAPTURE(text);
    std::size_t digits = 0;
    while (digits < 8 && text[digits] >= '0' && text[digits] <= '9') ++digits;
    const std::uint64_t eight = load_eight(text.data());
    REQUIRE(count_digits(eight) == digits);
    if (digits > 0)
      REQUIRE(number_of(eight, static_cast<unsigned>(digits)) ==
              std::stoul(text.substr(0, digits)));
  }
}

TEST_SUITE_END();

}  // namespace agentstore
