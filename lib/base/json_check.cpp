// The validator: one pass, iterative. simdjson is none for our purpose: its On-Demand accepts what
// it does not visit, its DOM refuses big integers. But it tells fastest whether a text is UTF-8.

#include "base/json_check.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "agentstore/internal/foreign_json.hpp"
#include "base/json_keys.hpp"
#include "base/json_number.hpp"
#include "base/json_string.hpp"
#include "base/utf8.hpp"

namespace agentstore::json {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

const char* skip_allowed(const char* at, const char* end, const Rules& rules) {
  return rules.valid_utf8 ? skip_plain<HighBytes::looked_at>(at, end)
                          : skip_plain<HighBytes::let_through>(at, end);
}

constexpr std::size_t scratch_keys_max = 4096;

// What a check needs of the heap, kept for the next one of its thread.
struct Scratch {
  std::vector<Key> keys;
  std::vector<KeysOfObject> objects;
};

Scratch& scratch() {
  thread_local Scratch kept;
  if (kept.keys.capacity() > scratch_keys_max) kept = {};
  return kept;
}

class Checker {
 public:
  Checker(const char* start, const char* end, const Rules& rules)
      : start_(start),
        at_(start),
        end_(end),
        rules_(rules),
        keys_(scratch().keys),
        objects_(scratch().objects) {
    keys_.clear();
    objects_.clear();
  }

  std::optional<SyntaxError> value() {
    for (;;) {
      if (!scalar_or_open()) return error();
      if (opened_) continue;
      // A value is complete: close what it ends, or go on to the next one of its container.
      for (;;) {
        if (open_.empty()) return std::nullopt;
        skip_space();
        if (at_ == end_) return failed("ends inside a value");
        if (*at_ == ',') {
          ++at_;
          skip_space();
          if (open_.back() == '}' && !key()) return error();
          break;
        }
        if (*at_ != open_.back()) return failed("expected a comma or a bracket");
        ++at_;
        if (!close()) return error();
      }
    }
  }

  const char* at() const { return at_; }
  void skip_space() {
    if (at_ == end_ || !is_space(*at_)) return;
    spaced_ = true;
    while (at_ != end_ && is_space(*at_)) ++at_;
  }
  /// Whether white space was skipped.
  bool spaced() const { return spaced_; }
  std::optional<SyntaxError> failed(const char* what) {
    fail(what);
    return error();
  }

 private:
  bool fail(const char* what) {
    what_ = what;
    return false;
  }
  std::optional<SyntaxError> error() const {
    return SyntaxError{static_cast<std::size_t>(at_ - start_), what_};
  }

  // Takes a scalar, an empty container, or the opening of one up to its first value.
  bool scalar_or_open() {
    opened_ = false;
    skip_space();
    if (at_ == end_) return fail("ends where a value should stand");
    switch (*at_) {
      case '"': return string();
      case '{':
      case '[': return open(*at_ == '{');
      case 't': return word("true");
      case 'f': return word("false");
      case 'n': return word("null");
      default: return number();
    }
  }

  bool open(bool object) {
    if (static_cast<int>(open_.size()) >= rules_.depth_max) return fail("is nested too deeply");
    ++at_;
    open_ += object ? '}' : ']';
    if (object && rules_.unique_keys) objects_.emplace_back(keys_);
    skip_space();
    if (at_ == end_) return fail("ends inside a value");
    if (*at_ == open_.back()) {
      ++at_;
      return close();
    }
    opened_ = true;
    return !object || key();
  }

  bool close() {
    const bool object = open_.back() == '}';
    open_.pop_back();
    if (!object || !rules_.unique_keys) return true;
    const bool unique = objects_.back().end();
    objects_.pop_back();
    return unique || fail("has a duplicate key in the object that ends here");
  }

  // A key, its colon, and the white space after it.
  bool key() {
    if (at_ == end_ || *at_ != '"') return fail("expected a key");
    const char* const start = at_;
    escaped_ = false;
    if (!string()) return false;
    if (rules_.unique_keys) remember_key({start, static_cast<std::size_t>(at_ - start)});
    skip_space();
    if (at_ == end_ || *at_ != ':') return fail("expected a colon");
    ++at_;
    return true;
  }

  void remember_key(std::string_view token) {
    objects_.back().add({mark_of(token, escaped_, end_), token.data(),
                         static_cast<std::uint32_t>(token.size()), escaped_});
  }

  bool string() {
    ++at_;
    at_ = skip_allowed(at_, end_, rules_);
    if (at_ != end_ && *at_ == '"') {
      ++at_;
      return true;
    }
    if (!rules_.valid_utf8) {
      escaped_ = true;  // Or it would have ended before.
      if (const char* const behind = skip_checked(at_, end_)) {
        at_ = behind;
        return true;
      }
    }
    return rest_of_string();  // What is wrong is for who goes byte by byte.
  }

  bool rest_of_string() {
    for (;;) {
      at_ = skip_allowed(at_, end_, rules_);
      if (at_ == end_) return fail("ends inside a string");
      const auto byte = static_cast<unsigned char>(*at_);
      if (byte == '"') {
        ++at_;
        return true;
      }
      if (byte == '\\') {
        escaped_ = true;
        if (!is_escape(at_ + 1, end_)) return bad_escape();
        at_ += at_[1] == 'u' ? 6 : 2;
      } else if (byte < 0x20) {
        return fail("has a raw control character in a string");
      } else if (!characters()) {
        return fail("has invalid UTF-8 in a string");
      }
    }
  }

  // Those from here on that are not ASCII.
  bool characters() {
    while (at_ != end_ && static_cast<unsigned char>(*at_) >= 0x80) {
      const std::size_t length = utf8_length(at_, end_);
      if (length == 0) return false;
      at_ += length;
    }
    return true;
  }

  bool bad_escape() {
    if (end_ - at_ < 2) return fail("ends inside a string");
    return fail(at_[1] == 'u' ? "has a bad \\u escape" : "has a bad escape");
  }

  bool word(std::string_view expected) {
    if (std::string_view{at_, end_}.substr(0, expected.size()) != expected) {
      return fail("is no JSON value");
    }
    at_ += expected.size();
    return true;
  }

  bool number() {
    if (*at_ != '-' && !is_digit(*at_)) return fail("is no JSON value");
    if (skip_number(at_, end_)) return true;
    return fail(at_ != end_ && is_digit(*at_) ? "has a number with a leading zero"
                                              : "has a malformed number");
  }

  const char* start_;
  const char* at_;
  const char* end_;
  const Rules& rules_;
  const char* what_ = "";
  bool opened_ = false;
  bool escaped_ = false;
  bool spaced_ = false;
  std::string open_;  // what closes the containers that are open; a few take no allocation
  std::vector<Key>& keys_;
  std::vector<KeysOfObject>& objects_;  // that are open
};

// Of text that is UTF-8 as a whole, no byte of a string needs a look for that.
Rules rules_for(std::string_view text, Rules rules) {
  if (rules.valid_utf8 && is_utf8(text)) rules.valid_utf8 = false;
  return rules;
}

std::optional<SyntaxError> check_whole(Checker& checker, std::string_view text) {
  if (auto error = checker.value()) return error;
  checker.skip_space();
  if (checker.at() != text.data() + text.size()) return checker.failed("goes on after the value");
  return std::nullopt;
}

}  // namespace

std::optional<SyntaxError> check(std::string_view text, const Rules& rules) {
  const Rules enough = rules_for(text, rules);
  Checker checker{text.data(), text.data() + text.size(), enough};
  return check_whole(checker, text);
}

std::optional<SyntaxError> check_and_compact(std::string_view text, const Rules& rules,
                                             std::string& out) {
  const Rules enough = rules_for(text, rules);
  Checker checker{text.data(), text.data() + text.size(), enough};
  if (auto error = check_whole(checker, text)) return error;
  if (checker.spaced()) out = compact(text);
  else out = text;
  return std::nullopt;
}

std::optional<SyntaxError> check_compact(std::string_view text, const Rules& rules) {
  const Rules enough = rules_for(text, rules);
  Checker checker{text.data(), text.data() + text.size(), enough};
  if (auto error = check_whole(checker, text)) return error;
  if (checker.spaced()) return SyntaxError{0, "has white space between its tokens"};
  return std::nullopt;
}

std::optional<SyntaxError> check_value(const char* start, const char* limit, const Rules& rules,
                                       const char*& end) {
  if (start != limit && *start == '"') {  // Most values, and all keys, are plain strings.
    const char* const stop = skip_allowed(start + 1, limit, rules);
    if (stop != limit && *stop == '"') {
      end = stop + 1;
      return std::nullopt;
    }
  }
  Checker checker{start, limit, rules};
  auto error = checker.value();
  end = checker.at();
  return error;
}

}  // namespace agentstore::json
