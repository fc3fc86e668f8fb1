// JSON text, exactly as it was written: checked, walked and compacted without a number, an escape
// or the order of a key ever changing. (A parser into values would round 9007199254740993.)
// Everything here but `check` expects text that `check` accepts.

#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace agentstore::json {

/// What `check` asks beyond the grammar of RFC 8259.
struct Rules {
  int depth_max = 200;
  bool unique_keys = true;  ///< at every level, compared after their escapes are resolved
  bool valid_utf8 = true;   ///< in strings (RFC 3629); off: any byte from 0x80 is let through
};

/// What a payload or metadata must hold to be stored (like I-JSON, RFC 7493, but numbers of any
/// size and lone surrogate escapes are kept).
inline constexpr Rules rules_to_store{};
/// What a line must hold to be read: whatever the Go library may have written.
inline constexpr Rules rules_to_read{
    .depth_max = 10'000, .unique_keys = false, .valid_utf8 = false};

/// White space between values.
constexpr bool is_space(char c) {
  // Most characters are none, and are above it.
  return static_cast<unsigned char>(c) <= ' ' && (c == ' ' || c == '\t' || c == '\n' || c == '\r');
}
/// The text without the white space around it.
constexpr std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return text;
}

struct SyntaxError {
  std::size_t offset_bytes = 0;
  const char* what = "";
};

/// Checks that `text` is one JSON value with nothing but white space around it. Iterative: depth
/// costs heap, not stack.
std::optional<SyntaxError> check(std::string_view text, const Rules& rules);

/// Checks one value that starts at `start` (white space before it is not skipped); its end goes to
/// `end`.
std::optional<SyntaxError> check_value(const char* start, const char* limit, const Rules& rules,
                                       const char*& end);

/// Drops insignificant white space; changes nothing else.
std::string compact(std::string_view text);

enum class Kind { null, boolean, number, string, array, object };
Kind kind_of(std::string_view value);

/// Where a value stands in a text, noted when that was checked. The notes of what a value holds
/// follow its own, in their order.
struct Note {
  std::uint32_t begin_bytes;  ///< from the start of the text
  std::uint32_t bytes;
  std::uint32_t notes;           ///< its own and those of what it holds
  std::uint32_t key_bytes : 23;  ///< of its key's token; 0: none
  std::uint32_t key_gap : 8;     ///< from that token's end to the value: the colon and white space
  std::uint32_t key_escaped : 1;

  static constexpr std::uint32_t key_bytes_max = (1U << 23U) - 1;
  static constexpr std::uint32_t key_gap_max = (1U << 8U) - 1;
};

/// The text of a value; a walk of one with a note does not look for the ends of what it passes. A
/// view of the text and the notes.
class Value : public std::string_view {
 public:
  Value() = default;
  template <std::convertible_to<std::string_view> Text>
  // NOLINTNEXTLINE(google-explicit-constructor): any text may be a value.
  Value(const Text& text) : std::string_view{text} {}
  Value(const std::string&&) = delete;  // It would be gone before the view is used.
  Value(std::string_view text, const Note& note) : std::string_view{text}, note_{&note} {}

  /// Null: none was taken.
  const Note* note() const { return note_; }

 private:
  const Note* note_ = nullptr;
};

/// Walks the members of an object, or the elements of an array, in their order.
///   for (Walk walk{object}; walk.next();) use(walk.key(), walk.value());
class Walk {
 public:
  /// A value that is neither object nor array has nothing to walk.
  explicit Walk(const Value& container);
  bool next() { return note_ == nullptr ? find_next() : next_note(); }
  /// The key's token with its quotes; empty in an array.
  std::string_view key() const { return key_; }
  const Value& value() const { return value_; }
  /// Whether the key, its escapes resolved, is `text`.
  bool key_is(std::string_view text) const {
    return escaped_ ? key_reads(text)
                    : key_.size() == text.size() + 2 && key_.substr(1, text.size()) == text;
  }

 private:
  bool find_next();
  bool next_note();
  bool key_reads(std::string_view text) const;

  const char* at_;  // with notes: what they count from
  const char* end_;
  const Note* note_;  // of the next value
  const Note* notes_end_ = nullptr;
  bool object_ = false;
  bool escaped_ = false;  // whether an escape stands in the key
  std::string_view key_;
  Value value_;
};

/// The value that `text` begins with.
std::string_view first_value(std::string_view text);

/// The value of the last member of that name (which is the one that counts for Go), or nothing.
std::optional<Value> find(const Value& object, std::string_view key);

/// The value that a JSON Pointer (RFC 6901) leads to: "" is all of it, "/a/0" an element of an
/// array. Nothing where it leads nowhere, and of a text that is not a pointer.
std::optional<Value> find_pointer(const Value& value, std::string_view pointer);

/// What an escape in a string token stands for.
struct Escape {
  char32_t code_point = 0;  ///< U+FFFD for a lone surrogate
  std::size_t bytes = 0;    ///< of the escape: 2, 6, or 12 where it is a pair of surrogates
  bool lone_surrogate = false;
};
/// The escape that begins at the start of `text`, which goes on to the token's closing quote.
Escape first_escape(std::string_view text);

/// The text of a string token: escapes resolved, a lone surrogate escape as U+FFFD.
std::string text_of(std::string_view string_token);
/// Whether it has a lone surrogate escape: others read as the same text.
bool has_lone_surrogate(std::string_view string_token);
/// A member's text, where it is a string.
std::optional<std::string> find_text(const Value& object, std::string_view key);
/// A member's id: a text that is not empty, or a number as it is written.
std::optional<std::string> find_id(const Value& object, std::string_view key);
/// A member's integer, where it is one that fits.
std::optional<std::int64_t> find_integer(const Value& object, std::string_view key);
/// Reads an integer token; nothing where it has a fraction, an exponent, or does not fit.
std::optional<std::int64_t> integer_of(std::string_view number_token);

/// A string token for `text`: quotes, backslashes and control characters escaped, invalid UTF-8
/// as U+FFFD.
std::string quote(std::string_view text);
void append_quoted(std::string& out, std::string_view text);

}  // namespace agentstore::json
