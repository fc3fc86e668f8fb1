// Code points, one at a time, and which of them a person must not be shown as they are.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace agentstore::formats {

struct CodePoint {
  std::int32_t value = -1;  ///< -1: a byte that is no UTF-8
  std::size_t bytes = 1;
};

/// The code point at the start of `text`, which is not empty.
CodePoint first_code_point(std::string_view text);

/// At most so many bytes from the start of `text`, which is UTF-8; no code point is cut in two.
std::string_view cut_utf8(std::string_view text, std::size_t bytes_max);

/// How many bytes from the start of `text` on are UTF-8.
std::size_t utf8_bytes(std::string_view text);
/// The text with U+FFFD in the place of each byte that is no UTF-8.
std::string valid_utf8(std::string_view text);

/// Writes a code point, none of the surrogates, as UTF-8; gives its bytes, 1 to 4.
std::size_t put_code_point(char* into, std::int32_t point);

/// Controls, and what hides itself or reorders its surroundings.
bool is_unprintable(std::int32_t point);

/// Columns on a terminal: 0 (combining), 1 or 2.
std::size_t columns_of(std::int32_t point);

/// Both, remembered by each thread for the characters of the few scripts that a log has.
struct Look {
  std::size_t columns = 1;
  bool unprintable = false;
  int bound_class = 1;  ///< utf8proc's: how it joins its neighbours; 1: not at all
};
Look look_of(std::int32_t point);

inline constexpr std::int32_t zero_width_joiner = 0x200D;

/// Counts the columns of characters, one after the other. A terminal draws a grapheme cluster (a
/// letter with its marks, two halves of a flag, a family of emoji) as one character, in at most two
/// columns.
class Clusters {
 public:
  struct Step {
    std::size_t columns = 0;  ///< that this character adds
    bool joined = false;      ///< to the cluster before it
  };
  Step next(std::int32_t point, const Look& look);
  /// Skips ASCII that ends in `last`.
  void after_ascii(char last) { begin(last, {}); }
  /// Whether a zero-width joiner may follow: an emoji is before it.
  bool ends_in_emoji() const;

 private:
  void begin(std::int32_t point, const Look& look) {
    previous_ = point;
    columns_ = look.columns;
    state_ = look.bound_class;
  }

  std::int32_t previous_ = 0;
  std::int32_t state_ = 0;  // utf8proc's
  std::size_t columns_ = 0;
};
/// Whether a zero-width joiner may stand before it.
bool is_emoji(std::int32_t point);

/// As much of a text as tells whether it starts a runner's command.
inline constexpr std::size_t runner_command_bytes_max = 35;
/// Whether `text` starts with "##[", "##vso[" or the like, which CI runners take for a command.
bool starts_runner_command(std::string_view text);

}  // namespace agentstore::formats
