// Filters: which events of a session a reader wants.

#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "agentstore/event.hpp"

namespace agentstore {

/// All conditions hold together; a default filter takes everything. Times never stop a read early:
/// in an imported log they may run backwards. A value; nothing of it blocks or fails. What the
/// predicate throws reaches whoever reads.
///   store.read(id, {.filter = {.since = yesterday, .types = {"tool_*", "error"}}});
struct Filter {
  /// A log is read from shortly before this event on, wherever it lies.
  std::uint64_t from_seq = 1;
  std::uint64_t to_seq = std::numeric_limits<std::uint64_t>::max();  ///< inclusive
  std::optional<Timestamp> since = std::nullopt;                     ///< inclusive
  std::optional<Timestamp> until = std::nullopt;                     ///< inclusive
  std::optional<Timestamp> before = std::nullopt;                    ///< exclusive
  /// A reader of one session may leave out events that are not among the newest so many of its
  /// log, and need not read them; 0: none.
  std::uint64_t newest = 0;
  /// Patterns in which `*` stands for any text. Empty: every type.
  std::vector<std::string> types = {};
  std::vector<std::string> not_types = {};
  /// Asked last, of the events that the rest let through. Called from the reading thread.
  std::function<bool(const EventView&)> predicate = nullptr;

  /// Whether it is a default one.
  bool takes_all() const;
  bool matches(const EventView& event) const;
  /// Whether its number and time, which no upcast changes, pass.
  bool in_range(const EventView& event) const;
  /// Whether `types` and `not_types` let an event of this type pass.
  bool takes_type(std::string_view type) const;
};

/// Whether `type` fits `pattern`, in which `*` stands for any text.
bool matches_pattern(std::string_view pattern, std::string_view type);

}  // namespace agentstore
