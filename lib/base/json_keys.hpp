// Whether an object has two equal keys, found while its keys come one after the other.

#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/json.hpp"
#include "base/digits.hpp"

namespace agentstore::json {

/// A key's token, and a number that equal keys have in common.
struct Key {
  std::uint64_t mark;
  const char* begin;
  std::uint32_t bytes;
  bool escaped;  ///< an escape stands in it

  std::string_view token() const { return {begin, bytes}; }
};

/// The mark of a key's text: its length, and its first and last eight bytes. Up to `readable_end`
/// bytes may be read.
inline std::uint64_t mark_of_text(std::string_view text, const char* readable_end) {
  constexpr std::uint64_t odd = 0x9E37'79B9'7F4A'7C15;
  // Few branches: how long a key is, nobody can foresee.
  const std::size_t shown = std::min<std::size_t>(text.size(), 8);
  const std::uint64_t mask = shown == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * shown)) - 1;
  std::uint64_t first = 0;
  if (readable_end - text.data() >= 8) first = load_eight(text.data()) & mask;
  else std::memcpy(&first, text.data(), shown);
  std::uint64_t last = first;
  if (text.size() > 8) last = load_eight(text.data() + text.size() - 8);
  return (first ^ std::rotl(last * odd, 29)) * odd + text.size();
}

/// The mark of a key's token. Keys that are equal once their escapes are resolved have one mark.
inline std::uint64_t mark_of(std::string_view token, bool escaped, const char* readable_end) {
  if (!escaped) return mark_of_text(token.substr(1, token.size() - 2), readable_end);
  const std::string text = text_of(token);
  return mark_of_text(text, text.data() + text.size());
}

inline bool same_key(const Key& left, const Key& right) {
  if (left.mark != right.mark) [[likely]]
    return false;
  if (!left.escaped && !right.escaped) return left.token() == right.token();
  return text_of(left.token()) == text_of(right.token());
}

/// The keys of one object.
class KeysOfObject {
 public:
  /// `keys` has those of the objects around it; they are at its end again once this has ended.
  explicit KeysOfObject(std::vector<Key>& keys) : keys_{&keys}, first_{keys.size()} {}

  void add(const Key& key) {
    // A set with false positives: most objects have so few keys that none of them is looked for.
    const std::uint64_t bit = std::uint64_t{1} << (key.mark >> 58U);
    const bool looked_for = (seen_ & bit) != 0 && keys_->size() - first_ < looked_for_max;
    seen_ |= bit;
    if (looked_for)
      for (std::size_t i = first_; i < keys_->size(); ++i)
        repeated_ = repeated_ || same_key((*keys_)[i], key);
    // Field by field: what was just written in parts is slow to read as a whole.
    Key& kept = keys_->emplace_back();
    kept.mark = key.mark;
    kept.begin = key.begin;
    kept.bytes = key.bytes;
    kept.escaped = key.escaped;
  }

  /// After the last one: whether no two are equal.
  bool end() {
    if (keys_->size() - first_ > looked_for_max)
      repeated_ = repeated_ || !all_differ(keys_->data() + first_, keys_->data() + keys_->size());
    keys_->resize(first_);
    return !repeated_;
  }

 private:
  static constexpr std::size_t looked_for_max = 32;

  static bool all_differ(Key* begin, Key* end) {
    std::sort(begin, end, [](const Key& left, const Key& right) { return left.mark < right.mark; });
    for (const Key* one = begin; one != end; ++one)
      for (const Key* other = one + 1; other != end && other->mark == one->mark; ++other)
        if (same_key(*one, *other)) return false;
    return true;
  }

  std::vector<Key>* keys_;
  std::size_t first_;
  std::uint64_t seen_ = 0;
  bool repeated_ = false;
};

}  // namespace agentstore::json
