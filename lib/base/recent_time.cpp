#include "base/recent_time.hpp"

#include <algorithm>
#include <cstring>

#include "base/digits.hpp"

namespace agentstore {
namespace {

unsigned digit_of(char c) {
  return static_cast<unsigned char>(c) - unsigned{'0'};
}

// ".171612392", or fewer digits, or nothing: nanoseconds.
bool read_fraction(std::string_view text, std::int32_t& nanoseconds) {
  nanoseconds = 0;
  if (text.empty()) return true;
  if (text.size() < 2 || text.size() > 10 || text[0] != '.') return false;
  std::uint32_t value = 0;
  std::size_t at = 1;
  if (text.size() > 8) {
    const std::uint64_t eight = load_eight(text.data() + 1);
    if (count_digits(eight) != 8) return false;
    value = number_of_eight(eight);
    at = 9;
  }
  for (; at < text.size(); ++at) {
    if (digit_of(text[at]) > 9) return false;
    value = value * 10 + digit_of(text[at]);
  }
  for (; at < 10; ++at) value *= 10;
  nanoseconds = static_cast<std::int32_t>(value);
  return true;
}

}  // namespace

bool RecentTime::read(std::string_view text, Timestamp& into) {
  if (read_in_minute(text, into)) return true;
  const auto read = parse_rfc3339(text);
  if (!read) return false;
  into = *read;
  if (text.back() == 'Z') {
    std::copy_n(text.begin(), minute_bytes, minute_.begin());
    minute_seconds_ = into.seconds - (digit_of(text[17]) * 10 + digit_of(text[18]));
  }
  return true;
}

bool RecentTime::read_in_minute(std::string_view text, Timestamp& into) const {
  if (text.size() < minute_bytes + 3 || text.back() != 'Z' ||
      std::memcmp(text.data(), minute_.data(), minute_bytes) != 0) {
    return false;
  }
  const unsigned tens = digit_of(text[17]);
  const unsigned ones = digit_of(text[18]);
  into.seconds = minute_seconds_ + tens * 10 + ones;
  return tens <= 5 && ones <= 9 &&
         read_fraction(text.substr(19, text.size() - 20), into.nanoseconds);
}

}  // namespace agentstore
