// What a fold noticed: the first thousand things, so that a log cannot fill the memory with them.

#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "agentstore/projection.hpp"

namespace agentstore {

class Notes {
 public:
  /// The fold needed the payload of `event`, and it was redacted.
  void incomplete(const EventView& event, const std::string& what_is_missing) {
    add(FoldNote::Kind::incomplete, event, "its payload was redacted: " + what_is_missing);
  }
  /// What the fold needed is there, but cannot be read; it was not guessed.
  void unreadable(const EventView& event, std::string what) {
    add(FoldNote::Kind::incomplete, event, std::move(what));
  }
  void finding(const EventView& event, std::string what) {
    add(FoldNote::Kind::finding, event, std::move(what));
  }
  void remark(const EventView& event, std::string what) {
    add(FoldNote::Kind::remark, event, std::move(what));
  }
  std::span<const FoldNote> all() const { return notes_; }

 private:
  static constexpr std::size_t notes_max = 1000;

  void add(FoldNote::Kind kind, const EventView& event, std::string message) {
    if (notes_.size() > notes_max) return;
    if (notes_.size() == notes_max) message += "; what was noticed at later events is not listed";
    notes_.push_back({kind, event.sequence_number, std::move(message)});
  }

  std::vector<FoldNote> notes_;
};

}  // namespace agentstore
