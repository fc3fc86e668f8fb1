// Events that a reader of a conversation passes over: what hooks did, progress, what the agent
// notes for itself. A timeline folds them into a line with their count.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "agentstore/event.hpp"

namespace agentstore::formats {

enum class Bookkeeping {
  hook,
  progress,
  note,      ///< an agent's own: settings of a turn, queues, snapshots of files
  custom,    ///< an event of that type without a text
  response,  ///< of a model, without a word: it called a tool, or tells what was used
};

/// What kind of bookkeeping an event is; nothing where it is something to read.
std::optional<Bookkeeping> bookkeeping_of(const EventView& event);

/// The kind of record that an importer made the event of, "progress/hook_progress"; else empty.
std::string record_type_of(const EventView& event);

/// How many were folded.
class FoldedEvents {
 public:
  void add(Bookkeeping kind) { ++counts_[static_cast<std::size_t>(kind)]; }
  bool any() const;
  void clear() { counts_ = {}; }
  /// "12 hook and progress events, 3 responses without text"
  std::string text() const;

 private:
  std::array<std::uint64_t, 5> counts_{};
};

}  // namespace agentstore::formats
