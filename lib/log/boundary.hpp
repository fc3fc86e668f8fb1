// A boundary: the place between two lines, as the line before it or the one after it tells of it.
// Parts of a log are read side by side, and joined where each ends as the next one begins.

#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/sha256.hpp"
#include "log/fast_parse.hpp"
#include "log/line.hpp"

namespace agentstore::log {

struct Boundary {
  std::uint64_t sequence_number = 0;  ///< of the event before it
  /// The hash of the line before it, as its digits or its bytes: one form within a reading. Empty:
  /// not known.
  std::string_view head;
  std::optional<Batch> open;  ///< the write that is not complete there, where that is known

  /// Whether the two may be one place: they are, where each knows all of it.
  bool fits(const Boundary& other) const {
    return sequence_number == other.sequence_number && has_head(other) &&
           (!open || !other.open || *open == *other.open);
  }

 private:
  bool has_head(const Boundary& other) const {
    if (head.empty() || other.head.empty()) return true;
    // Of known sizes, a comparison is a few instructions.
    if (head.size() == sizeof(HexText) && other.head.size() == sizeof(HexText))
      return std::memcmp(head.data(), other.head.data(), sizeof(HexText)) == 0;
    return head == other.head;
  }
};

// A write that begins after the boundary says that none is open there.

inline Boundary boundary_before(const Ends& ends) {
  const bool first = ends.batch && ends.batch->first == ends.sequence_number;
  return {ends.sequence_number - 1, ends.prev, first ? Batch{} : ends.batch};
}
inline Boundary boundary_after(const Ends& ends) {
  const bool complete = ends.batch && ends.batch->last == ends.sequence_number;
  return {ends.sequence_number, ends.hash, complete ? Batch{} : ends.batch};
}

/// Of a line with a seal. Views into it.
inline Boundary boundary_before(const Line& line) {
  const std::uint64_t number = line.event.sequence_number;
  return {number - 1, bytes_of(line.prev), line.batch.first < number ? line.batch : Batch{}};
}
inline Boundary boundary_after(const Line& line) {
  const std::uint64_t number = line.event.sequence_number;
  return {number, bytes_of(line.hash), line.batch.last == number ? Batch{} : line.batch};
}

/// One that outlives the lines.
class KeptBoundary {
 public:
  KeptBoundary() = default;
  explicit KeptBoundary(const Boundary& boundary)
      : sequence_number_(boundary.sequence_number),
        head_bytes_(static_cast<unsigned char>(boundary.head.size())),
        open_(boundary.open) {
    boundary.head.copy(head_.data(), head_.size());
  }

  std::uint64_t sequence_number() const { return sequence_number_; }
  /// Lives as long as this.
  Boundary view() const { return {sequence_number_, {head_.data(), head_bytes_}, open_}; }

 private:
  std::uint64_t sequence_number_ = 0;
  std::array<char, sizeof(HexText)> head_;
  unsigned char head_bytes_ = 0;
  std::optional<Batch> open_;
};

}  // namespace agentstore::log
