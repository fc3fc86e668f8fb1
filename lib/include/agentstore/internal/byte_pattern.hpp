// A text that is looked for in raw bytes of JSON, before any of it is parsed: many files at the
// speed at which they are read. What is found may be a match; where nothing is found there is none.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace agentstore {

/// A value; its functions may be called by several threads. Nothing of it blocks or fails.
class BytePattern {
 public:
  static constexpr std::size_t npos = std::string_view::npos;

  /// Of the longest piece of `text` (UTF-8) that every way of writing it in JSON has in common, but
  /// for escapes of the form \uXXXX, which are looked for, too. `fold_case`: letters match both
  /// cases, as RE2 has it. Empty where `text` has no such piece: then everything may match.
  static BytePattern of(std::string_view text, bool fold_case);

  bool empty() const { return bytes_.empty(); }
  /// Of the piece.
  std::size_t size() const { return bytes_.size(); }
  /// How much it narrows a search down: the higher, the rarer the piece is in texts.
  std::size_t rarity() const { return rarity_; }
  /// Whether find_text decides: the piece is the whole text, in ASCII.
  bool decides() const { return decides_; }

  struct Found {
    std::size_t at = npos;
    bool escaped = false;  ///< an escape that may stand for one of the letters, not the piece
    explicit operator bool() const { return at != npos; }
  };
  /// The first place in JSON text from `from` on at which the piece stands, or an escape.
  Found find(std::string_view json, std::size_t from = 0) const;
  /// The first place in a text without escapes where the piece stands in letters of ASCII; npos:
  /// there is none. See may_fold.
  std::size_t find_text(std::string_view text, std::size_t from = 0) const;
  /// Whether a letter beyond ASCII may be a case of one of the piece's, as the long s is.
  bool may_fold() const { return folds_s_ || folds_k_; }

 private:
  struct Byte {
    unsigned char value;
    unsigned char mask;  ///< a byte fits that has `value` under it
  };
  template <bool json>
  struct Search;

  bool fits(std::string_view bytes, std::size_t at) const;
  bool is_escape(std::string_view bytes, std::size_t at) const;
  bool folds(std::string_view bytes, std::size_t at) const;
  void choose_anchors();

  std::vector<Byte> bytes_;
  std::size_t first_ = 0;  // the two rarest of the bytes
  std::size_t second_ = 0;
  std::size_t rarity_ = 0;
  std::array<std::uint64_t, 2> ascii_{};  // the bytes of ASCII that an escape may stand for
  bool beyond_ascii_ = false;
  bool folds_s_ = false;  // U+017F is a case of s
  bool folds_k_ = false;  // U+212A is a case of k
  bool decides_ = false;
};

}  // namespace agentstore
