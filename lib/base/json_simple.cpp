#include "base/json_simple.hpp"

#include <string_view>

#include "base/digits.hpp"
#include "base/json_string.hpp"

namespace agentstore::json {
namespace {

// Each function gives what is behind, or null where something else stands.

constexpr int depth_max = 8;

const char* skip_string(const char* at, const char* end) {
  if (at == end || *at != '"') return nullptr;
  at = skip_plain<HighBytes::let_through>(at + 1, end);
  return at != end && *at == '"' ? at + 1 : nullptr;
}

const char* skip_digits(const char* at, const char* end) {
  const char* const start = at;
  if (end - at >= 8) {  // Most numbers are short: no branch depends on how short.
    const unsigned count = count_digits(load_eight(at));
    if (count < 8) return count == 0 ? nullptr : at + count;
    at += 8;
  }
  while (at != end && *at >= '0' && *at <= '9') ++at;
  return at == start ? nullptr : at;
}

const char* skip_number(const char* at, const char* end) {
  if (*at == '-') ++at;
  const char* const start = at;
  at = skip_digits(at, end);
  if (at == nullptr || (*start == '0' && at - start > 1)) return nullptr;
  return at != end && *at == '.' ? skip_digits(at + 1, end) : at;
}

const char* skip_object(const char* at, const char* end, int depth_left);

const char* skip_value(const char* at, const char* end, int depth_left) {
  const auto skip_word = [&](std::string_view word) {
    return std::string_view{at, end}.starts_with(word) ? at + word.size() : nullptr;
  };
  switch (*at) {
    case '"': return skip_string(at, end);
    case '{': return depth_left > 0 ? skip_object(at, end, depth_left - 1) : nullptr;
    case 't': return skip_word("true");
    case 'f': return skip_word("false");
    case 'n': return skip_word("null");
    default: return skip_number(at, end);
  }
}

const char* skip_object(const char* at, const char* end, int depth_left) {
  if (++at != end && *at == '}') return at + 1;
  for (;; ++at) {
    at = skip_string(at, end);
    if (at == nullptr || end - at < 2 || *at != ':') return nullptr;
    at = skip_value(at + 1, end, depth_left);
    if (at == nullptr || at == end) return nullptr;
    if (*at == '}') return at + 1;
    if (*at != ',') return nullptr;
  }
}

}  // namespace

const char* skip_simple_object(const char* at, const char* end) {
  return skip_object(at, end, depth_max);
}

}  // namespace agentstore::json
