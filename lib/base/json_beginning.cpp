#include "base/json_beginning.hpp"

#include <algorithm>
#include <string>

#include "base/json_number.hpp"
#include "base/json_string.hpp"
#include "base/utf8.hpp"

namespace agentstore::json {
namespace {

// Whether more bytes could make a character of those up to `end`.
bool begins_character(const char* at, const char* end) {
  constexpr const char* endings[] = {"\x80",     "\xBF",         "\x80\x80",
                                     "\xBF\xBF", "\x80\x80\x80", "\xBF\xBF\xBF"};
  return std::ranges::any_of(endings, [&](const char* ending) {
    const std::string text = std::string{at, end} + ending;
    return utf8_length(text.data(), text.data() + text.size()) == text.size();
  });
}

// Whether more bytes could make an escape of those behind a backslash, up to `end`.
bool begins_escape(const char* at, const char* end) {
  if (at == end) return true;
  if ((class_of(*at) & long_escape) == 0 || end - at > 4) return false;
  return std::all_of(at + 1, end, [](char c) { return (class_of(c) & hex_digit) != 0; });
}

class Reader {
 public:
  Reader(const char* at, const char* end, const BeginningRules& rules,
         std::vector<std::string_view>* keys)
      : at_(at), end_(end), rules_(rules), keys_(keys) {}

  const char* at() const { return at_; }

  Beginning value() {
    for (;;) {
      Beginning begun = scalar_or_open();
      if (begun != Beginning::whole) return begun;
      while (!opened_) {
        if (open_.empty()) return Beginning::whole;
        skip_space();
        if (at_ == end_) return Beginning::cut;
        if (*at_ == open_.back()) {
          ++at_;
          open_.pop_back();
          continue;
        }
        if (*at_ != ',') return Beginning::bad;
        ++at_;
        opened_ = true;
        if (open_.back() == '}' && (begun = key()) != Beginning::whole) return begun;
      }
    }
  }

 private:
  void skip_space() {
    while (!rules_.compact && at_ != end_ && is_space(*at_)) ++at_;
  }

  // `opened_`: a value is due next.
  Beginning scalar_or_open() {
    opened_ = false;
    skip_space();
    if (at_ == end_) return Beginning::cut;
    switch (*at_) {
      case '"': return begin_string(at_, end_, rules_.valid_utf8);
      case '{':
      case '[': return open(*at_ == '{' ? '}' : ']');
      case 't': return word("true");
      case 'f': return word("false");
      case 'n': return word("null");
      default: return number();
    }
  }

  Beginning open(char closing) {
    if (static_cast<int>(open_.size()) >= rules_.depth_max) return Beginning::bad;
    ++at_;
    skip_space();
    if (at_ == end_) return Beginning::cut;
    if (*at_ == closing) {
      ++at_;
      return Beginning::whole;
    }
    open_ += closing;
    opened_ = true;
    return closing == '}' ? key() : Beginning::whole;
  }

  // A key and its colon.
  Beginning key() {
    skip_space();
    if (at_ == end_) return Beginning::cut;
    if (*at_ != '"') return Beginning::bad;
    const char* const start = at_;
    const Beginning begun = begin_string(at_, end_, rules_.valid_utf8);
    if (begun != Beginning::whole) return begun;
    if (keys_ != nullptr && open_.size() == 1) keys_->emplace_back(start, at_);
    skip_space();
    if (at_ == end_) return Beginning::cut;
    return *at_++ == ':' ? Beginning::whole : Beginning::bad;
  }

  Beginning word(std::string_view expected) {
    const std::string_view have = std::string_view{at_, end_}.substr(0, expected.size());
    if (!expected.starts_with(have)) return Beginning::bad;
    at_ += have.size();
    return have.size() == expected.size() ? Beginning::whole : Beginning::cut;
  }

  // One that reaches the end goes on, or needs one digit more.
  Beginning number() {
    const char* behind = at_;
    if (skip_number(behind, end_)) {
      at_ = behind;
      return at_ == end_ ? Beginning::cut : Beginning::whole;
    }
    if (behind != end_) return Beginning::bad;
    const std::string text = std::string{at_, end_} + '0';
    const char* at = text.data();
    return skip_number(at, text.data() + text.size()) ? Beginning::cut : Beginning::bad;
  }

  const char* at_;
  const char* const end_;
  const BeginningRules& rules_;
  std::vector<std::string_view>* const keys_;
  std::string open_;  // what closes the containers that are open
  bool opened_ = false;
};

}  // namespace

Beginning begin_value(const char*& at, const char* end, const BeginningRules& rules,
                      std::vector<std::string_view>* keys) {
  Reader reader{at, end, rules, keys};
  const Beginning begun = reader.value();
  at = reader.at();
  return begun;
}

Beginning begin_string(const char*& at, const char* end, bool valid_utf8) {
  ++at;
  for (;;) {
    at = valid_utf8 ? skip_plain<HighBytes::looked_at>(at, end)
                    : skip_plain<HighBytes::let_through>(at, end);
    if (at == end) return Beginning::cut;
    const auto byte = static_cast<unsigned char>(*at);
    if (byte == '"') {
      ++at;
      return Beginning::whole;
    }
    if (byte < 0x20) return Beginning::bad;
    if (byte == '\\') {
      if (!is_escape(at + 1, end))
        return begins_escape(at + 1, end) ? Beginning::cut : Beginning::bad;
      at += at[1] == 'u' ? 6 : 2;
    } else if (const std::size_t length = utf8_length(at, end); length > 0) {
      at += length;
    } else {
      return end - at < 4 && begins_character(at, end) ? Beginning::cut : Beginning::bad;
    }
  }
}

}  // namespace agentstore::json
