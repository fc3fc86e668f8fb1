#include "base/recent_time.hpp"

#include <algorithm>
#include <cstring>

#include "base/digits.hpp"

namespace agentstore {
namespace {

unsigned digit_of(char c) {
  return static_cast<unsigned char>(c) - unsigned{'0'};
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
  const std::string_view fraction = text.substr(19, text.size() - 20);
  const auto nanoseconds = fraction.empty()            ? std::optional{0}
                           : fraction.starts_with('.') ? billionths_of(fraction.substr(1))
                                                       : std::nullopt;
  if (tens > 5 || ones > 9 || !nanoseconds) return false;
  into = {minute_seconds_ + tens * 10 + ones, *nanoseconds};
  return true;
}

}  // namespace agentstore
