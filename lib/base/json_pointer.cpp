#include "base/json_pointer.hpp"

#include <algorithm>
#include <charconv>

namespace agentstore::json {
namespace {

// Resolves a token's escapes; nothing where one of them is none.
std::optional<std::string> unescaped(std::string_view token) {
  std::string out;
  for (std::size_t at = 0; at < token.size(); ++at) {
    if (token[at] != '~') {
      out += token[at];
      continue;
    }
    const char escaped = ++at < token.size() ? token[at] : '\0';
    if (escaped != '0' && escaped != '1') return std::nullopt;
    out += escaped == '0' ? '~' : '/';
  }
  return out;
}

// An element's number: digits alone, without a leading zero.
std::optional<Value> find_element(const Value& array, std::string_view token) {
  std::size_t index = 0;
  const char* const end = token.data() + token.size();
  const auto [at, status] = std::from_chars(token.data(), end, index);
  if (status != std::errc{} || at != end || (token.size() > 1 && token[0] == '0'))
    return std::nullopt;
  for (Walk walk{array}; walk.next();) {
    if (index-- == 0) return walk.value();
  }
  return std::nullopt;
}

std::optional<Value> find_child(const Value& value, std::string_view token) {
  return kind_of(value) == Kind::array ? find_element(value, token) : find(value, token);
}

// Cuts the next token off a pointer that begins with a slash.
std::string_view next_token(std::string_view& pointer) {
  pointer.remove_prefix(1);
  const std::string_view token = pointer.substr(0, pointer.find('/'));
  pointer.remove_prefix(token.size());
  return token;
}

}  // namespace

std::optional<std::vector<std::string>> pointer_tokens(std::string_view text) {
  std::vector<std::string> tokens;
  if (!text.empty() && text[0] != '/') return std::nullopt;
  while (!text.empty()) {
    auto token = unescaped(next_token(text));
    if (!token) return std::nullopt;
    tokens.push_back(std::move(*token));
  }
  return tokens;
}

void append_pointer(std::string& pointer, std::string_view key) {
  pointer += '/';
  for (const char byte : key) {
    if (byte == '~') pointer += "~0";
    else if (byte == '/') pointer += "~1";
    else pointer += byte;
  }
}

std::optional<Value> find_at(const Value& value, std::span<const std::string> tokens) {
  std::optional<Value> found = value;
  for (const std::string& token : tokens) {
    if (!found) break;
    found = find_child(*found, token);
  }
  return found;
}

// As pointer_tokens and find_at, without a copy of the tokens: folds ask this of every event.
std::optional<Value> find_pointer(const Value& value, std::string_view pointer) {
  if (!pointer.empty() && pointer[0] != '/') return std::nullopt;
  std::optional<Value> found = value;
  while (!pointer.empty()) {
    const std::string_view token = next_token(pointer);
    if (token.contains('~')) {
      const auto name = unescaped(token);
      if (!name) return std::nullopt;
      if (found) found = find_child(*found, *name);
    } else if (found) {
      found = find_child(*found, token);
    }
  }
  return found;
}

}  // namespace agentstore::json
