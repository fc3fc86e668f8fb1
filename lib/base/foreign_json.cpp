// One pass with simdjson's On-Demand over everything that the text holds. Its first stage has
// checked the UTF-8, and that no control character stands in a string; it accepts the rest of what
// it does not convert. So each token is checked here, digits and all, and no two keys of an object
// may be equal: what passes would pass `check`, and what does not is looked at once more by that.

#include "agentstore/internal/foreign_json.hpp"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "base/json_blocks.hpp"
#include "base/json_keys.hpp"
#include "base/json_number.hpp"
#include "base/json_string.hpp"

namespace agentstore::json {
namespace {

namespace ondemand = simdjson::ondemand;

static_assert(ForeignParser::padding_bytes >= simdjson::SIMDJSON_PADDING);

// simdjson keeps four bytes a byte of the longest text.
constexpr std::size_t text_bytes_max = std::size_t{4} << 20;
constexpr std::size_t text_bytes_min = std::size_t{64} << 10;

constexpr int depth_max = rules_to_store.depth_max;

#if defined(__SSE2__)
// Whether each backslash in [begin, end) begins an escape; a block after `end` can be read. Of a
// string that simdjson has found the end of, nothing else is left to check.
bool are_escapes(const char* begin, const char* end) {
  Escapes escapes;
  for (const char* at = begin; at < end; at += block_bytes) {
    const std::uint64_t backslashes = Block{at}.equal('\\');
    if ((backslashes | escapes.carried()) == 0) continue;
    std::uint64_t escaped = escapes.next(backslashes);
    if (end - at < block_bytes) escaped &= ~(~std::uint64_t{0} << (end - at));
    for (; escaped != 0; escaped &= escaped - 1) {
      const char* const first = at + __builtin_ctzll(escaped);
      const unsigned kind = class_of(*first);
      if ((kind & short_escape) == 0 && !is_escape(first, end)) return false;
    }
  }
  return true;
}
#else
bool are_escapes(const char* begin, const char* end) {
  return skip_checked(begin, end + 1) == end + 1;
}
#endif

}  // namespace

class ForeignParser::Impl {
 public:
  std::optional<Value> parse(std::string_view text, const char* readable_end) {
    text = trimmed(text);
    if (text.empty() || text.size() > text_bytes_max) return std::nullopt;
    // simdjson looks for what is missing beyond the text, unless that ends in a bracket.
    const bool object = text.front() == '{' && text.back() == '}';
    const bool array = text.front() == '[' && text.back() == ']';
    if (!object && !array) return std::nullopt;
    if (!fit(text.size())) return std::nullopt;
    start_ = text.data();
    if (static_cast<std::size_t>(readable_end - start_) < text.size() + padding_bytes) {
      padded_.resize(std::max(padded_.size(), text.size() + padding_bytes));
      std::memcpy(padded_.data(), text.data(), text.size());
      start_ = padded_.data();
    }
    end_ = start_ + text.size();
    next_ = start_;
    depth_ = 0;
    compact_ = true;
    notes_.clear();
    keys_.clear();
    ondemand::document document;
    ondemand::value root;
    if (parser_.iterate(start_, text.size(), text.size() + padding_bytes).get(document) != 0 ||
        document.get_value().get(root) != 0 || !take(root, Key{}))
      return std::nullopt;
    const char* more = nullptr;
    if (document.current_location().get(more) != simdjson::OUT_OF_BOUNDS) return std::nullopt;
    return Value{text, notes_.front()};
  }

  bool compact() const { return compact_; }

 private:
  // Whether there is room for a text of so many bytes. Lines get longer little by little.
  bool fit(std::size_t bytes) {
    if (bytes <= parser_.capacity()) return true;
    return parser_.allocate(std::max(std::bit_ceil(bytes), text_bytes_min)) == simdjson::SUCCESS;
  }

  std::uint32_t bytes_to(const char* at) const { return static_cast<std::uint32_t>(at - start_); }

  // A token begins at `at`; without white space it would at next_.
  void pass_to(const char* at) { compact_ = compact_ && at == next_; }

  // A value, and what it holds; next_ is after it then. False: `check` has to look at the text.
  bool take(ondemand::value& value, const Key& key) {
    ondemand::json_type type;
    if (value.type().get(type) != 0) return false;
    const std::size_t own = notes_.size();
    const std::string_view token = value.raw_json_token();
    if (!begin_note(key, token.data())) return false;
    pass_to(token.data());
    next_ = token.data() + 1;
    const bool taken = type == ondemand::json_type::object  ? take_object(value)
                       : type == ondemand::json_type::array ? take_array(value)
                                                            : take_scalar(value, type, token);
    if (!taken) return false;
    Note& note = notes_[own];
    note.bytes = bytes_to(next_) - note.begin_bytes;
    note.notes = static_cast<std::uint32_t>(notes_.size() - own);
    return true;
  }

  bool begin_note(const Key& key, const char* value) {
    const auto gap = key.bytes == 0 ? 0 : static_cast<std::uint32_t>(value - key.begin) - key.bytes;
    if (key.bytes > Note::key_bytes_max || gap > Note::key_gap_max) return false;
    Note& note = notes_.emplace_back();
    note.begin_bytes = bytes_to(value);
    note.key_bytes = key.bytes;
    note.key_gap = gap;
    note.key_escaped = key.escaped ? 1 : 0;
    return true;
  }

  bool take_object(ondemand::value& value) {
    ondemand::object object;
    if (depth_ == depth_max || value.get_object().get(object) != 0) return false;
    ++depth_;
    KeysOfObject keys{keys_};
    const char* after_comma = next_;
    for (auto each : object) {
      if (each.error() != 0) return false;
      ondemand::field&& field = std::move(each).value_unsafe();
      next_ = after_comma;
      Key key;
      if (!take_key(field, key)) return false;
      keys.add(key);
      if (!take(field.value(), key)) return false;
      after_comma = next_ + 1;
    }
    return keys.end() && close(value);
  }

  bool take_array(ondemand::value& value) {
    ondemand::array array;
    if (depth_ == depth_max || value.get_array().get(array) != 0) return false;
    ++depth_;
    const char* after_comma = next_;
    for (auto each : array) {
      if (each.error() != 0) return false;
      ondemand::value&& element = std::move(each).value_unsafe();
      next_ = after_comma;
      if (!take(element, Key{})) return false;
      after_comma = next_ + 1;
    }
    return close(value);
  }

  // The closing bracket of a container stands before the next token, or at the text's end.
  bool close(ondemand::value& value) {
    const char* end = end_;
    if (value.current_location().get(end) != 0) end = end_;
    while (is_space(end[-1])) --end;
    pass_to(end - 1);
    next_ = end;
    --depth_;
    return true;
  }

  bool take_key(ondemand::field& field, Key& key) {
    const char* const begin = field.key().raw() - 1;
    const char* end = field.value().raw_json_token().data();
    while (*--end != ':') {
    }
    do --end;
    while (*end != '"');
    ++end;
    key.begin = begin;
    key.bytes = static_cast<std::uint32_t>(end - begin);
    key.escaped = false;
    if (skip_short(begin + 1, end_) != end) {
      if (!are_escapes(begin + 1, end - 1)) return false;
      key.escaped = key.token().contains('\\');
    }
    key.mark = mark_of(key.token(), key.escaped, end_ + padding_bytes);
    pass_to(begin);
    next_ = end + 1;
    return true;
  }

  bool is_string(const char* begin, const char* end) const {
    return skip_short(begin + 1, end_) == end || are_escapes(begin + 1, end - 1);
  }

  static bool is_number(const char* at, const char* end) {
    return skip_number(at, end) && at == end;
  }

  bool take_scalar(ondemand::value& value, ondemand::json_type type, std::string_view token) {
    while (is_space(token.back())) token.remove_suffix(1);
    const char* const begin = token.data();
    const char* const end = begin + token.size();
    next_ = end;
    switch (type) {
      case ondemand::json_type::string: {
        ondemand::raw_json_string passed;
        return value.get_raw_json_string().get(passed) == 0 && token.size() > 1 &&
               token.back() == '"' && is_string(begin, end);
      }
      case ondemand::json_type::number: return is_number(begin, end);
      case ondemand::json_type::boolean: return token == "true" || token == "false";
      default: return token == "null";
    }
  }

  ondemand::parser parser_{text_bytes_max};
  std::vector<Note> notes_;
  std::vector<Key> keys_;  // of the objects that are open
  std::string padded_;
  const char* start_ = nullptr;
  const char* end_ = nullptr;
  const char* next_ = nullptr;
  int depth_ = 0;
  bool compact_ = true;
};

// A folder of transcripts takes thousands of parsers, one after the other: the memory of one is
// kept for the next of its thread.
struct ForeignParser::Spare {
  static Spare& of_thread() {
    thread_local Spare spare;
    return spare;
  }

  ~Spare() { gone = true; }

  std::unique_ptr<Impl> impl;
  // A parser in static memory lives longer than what the thread keeps.
  static inline thread_local bool gone = false;
};

ForeignParser::ForeignParser() {
  if (!Spare::gone) impl_ = std::move(Spare::of_thread().impl);
  if (!impl_) impl_ = std::make_unique<Impl>();
}
ForeignParser::ForeignParser(ForeignParser&&) noexcept = default;
ForeignParser& ForeignParser::operator=(ForeignParser&&) noexcept = default;
ForeignParser::~ForeignParser() {
  if (impl_ && !Spare::gone) Spare::of_thread().impl = std::move(impl_);
}

std::optional<Value> ForeignParser::parse(std::string_view text, const char* readable_end) {
  return impl_->parse(text, readable_end);
}

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

bool minify(std::string_view text, std::string& out) {
  bool done = false;
  out.resize_and_overwrite(text.size(), [&](char* into, std::size_t) {
    std::size_t bytes = 0;
    done = simdjson::minify(text.data(), text.size(), into, bytes) == simdjson::SUCCESS;
    return done ? bytes : 0;
  });
  return done;
}

bool ForeignParser::compact() const {
  return impl_->compact();
}

std::optional<SyntaxError> ForeignParser::check(std::string_view text, const Rules& rules,
                                                Value& value) {
  if (rules.depth_max >= depth_max)
    if (const auto parsed = parse(text)) {
      value = *parsed;
      return std::nullopt;
    }
  if (auto wrong = json::check(text, rules)) return wrong;
  value = trimmed(text);
  return std::nullopt;
}

}  // namespace agentstore::json
