// Which raw lines of a file may hold what is looked for: asked before any of them is parsed.

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "agentstore/internal/byte_pattern.hpp"

namespace agentstore::cmd {

/// Patterns of which one has to be there; none: anything may be it.
using OneOf = std::vector<BytePattern>;

class RawFilter {
 public:
  /// A line may hold it where each of them does, or, with `any`, one of them.
  RawFilter() = default;
  RawFilter(std::vector<OneOf> needs, bool any);

  /// Whether it lets every line pass, so that there is no use in asking.
  bool takes_all() const { return takes_all_; }
  /// Whether bytes of a file may hold it, wherever lines begin; of several needs the rarest alone
  /// is looked for.
  bool may_hold(std::string_view bytes) const;
  /// Bytes that have to be looked at again together with those that follow.
  std::size_t overlap_bytes() const { return overlap_bytes_; }
  /// Whether the line may hold an event that says it. Names of members, and what stands under
  /// "type" and "role", are left out: see event_texts.hpp.
  bool line_may_say(std::string_view line) const;

 private:
  friend class RawLines;
  std::vector<OneOf> needs_;
  bool any_ = false;
  bool takes_all_ = true;
  OneOf driver_;  // those that are looked for first
  std::size_t overlap_bytes_ = 0;
};

/// The lines of whole-line bytes that may say it, front to back. Views of `bytes`; `filter`
/// outlives it, and does not take all.
class RawLines {
 public:
  RawLines(const RawFilter& filter, std::string_view bytes);
  /// The next line, with its newline where it has one.
  std::optional<std::string_view> next();

 private:
  const RawFilter& filter_;
  const std::string_view bytes_;
  std::vector<std::size_t> places_;  // of each of the driver's patterns, the next
  std::size_t at_ = 0;               // after the line that was given
};

}  // namespace agentstore::cmd
