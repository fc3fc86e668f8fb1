// The grammar of JSON's numbers (RFC 8259, section 6).

#pragma once

#include "base/digits.hpp"

namespace agentstore::json {

/// Moves `at` behind the digits that begin there. False: there is none.
inline bool skip_digits(const char*& at, const char* limit) {
  const char* const start = at;
  if (limit - at >= 8) {
    const unsigned digits = count_digits(load_eight(at));
    at += digits;
    if (digits < 8) return digits != 0;
  }
  while (at != limit && *at >= '0' && *at <= '9') ++at;
  return at != start;
}

/// Moves `at`, which is not `limit`, behind the number that begins there. False: none begins, and
/// `at` is where that shows.
inline bool skip_number(const char*& at, const char* limit) {
  if (*at == '-') ++at;
  const char* const start = at;
  if (!skip_digits(at, limit)) return false;
  if (*start == '0' && at - start > 1) {
    at = start + 1;
    return false;
  }
  if (at != limit && *at == '.' && !skip_digits(++at, limit)) return false;
  if (at == limit || (*at | 0x20) != 'e') return true;
  if (++at != limit && (*at == '+' || *at == '-')) ++at;
  return skip_digits(at, limit);
}

}  // namespace agentstore::json
