// The grammar of JSON's numbers (RFC 8259, section 6).

#pragma once

#include "base/digits.hpp"

namespace agentstore::json {

/// What follows the digits from `at` on; null where there is none.
inline const char* skip_digits(const char* at, const char* limit) {
  const char* const start = at;
  if (limit - at >= 8) {
    const unsigned digits = count_digits(load_eight(at));
    at += digits;
    if (digits < 8) return digits == 0 ? nullptr : at;
  }
  while (at != limit && *at >= '0' && *at <= '9') ++at;
  return at == start ? nullptr : at;
}

/// What follows the number that begins at `at`, which is not `limit`; null where none begins.
inline const char* skip_number(const char* at, const char* limit) {
  if (*at == '-') ++at;
  const char* const start = at;
  at = skip_digits(at, limit);
  if (at == nullptr || (*start == '0' && at - start > 1)) return nullptr;
  if (at != limit && *at == '.') at = skip_digits(at + 1, limit);
  if (at == nullptr || at == limit || (*at | 0x20) != 'e') return at;
  ++at;
  if (at != limit && (*at == '+' || *at == '-')) ++at;
  return skip_digits(at, limit);
}

}  // namespace agentstore::json
