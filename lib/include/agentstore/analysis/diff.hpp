// Differences: two histories, event by event. What a repeated run changes anyway does not count:
// generated ids, and times.

#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/analysis/fields.hpp"
#include "agentstore/analysis/stats.hpp"
#include "agentstore/reader.hpp"
#include "agentstore/result.hpp"

namespace agentstore {

struct DiffOptions {
  /// Members of payloads that do not count: JSON pointers (RFC 6901).
  std::vector<std::string> ignored = {};
  /// Patterns of types whose events may come at any place: results of tools that run side by side.
  std::vector<std::string> unordered = {};
  /// Events that are aligned behind the common prefix, on each side; 96 bytes each.
  std::size_t aligned_max = std::size_t{1} << 17;
  /// Places in which stretches may differ before the search for the best alignment is cut off.
  std::size_t cost_max = 512;
};

/// One event of each side that differs, or one that the other side lacks.
struct DiffStep {
  std::uint64_t a = 0;  ///< sequence number; 0: there is none
  std::uint64_t b = 0;
  friend bool operator==(const DiffStep&, const DiffStep&) = default;
};

struct Diff {
  std::uint64_t common_prefix = 0;  ///< events that are equal from the start
  std::uint64_t equal = 0;          ///< events that are equal, those of the prefix included
  std::vector<DiffStep> steps;      ///< what is not, in order
  /// The search was cut off: every step is a difference, but there may be more than needed.
  bool cut_off = false;
  /// Types of results that came in another order than on the other side, and are equal: those of
  /// calls that were in flight together.
  std::set<std::string> moved_types;
  /// Events behind `aligned_max`, which were not aligned: they count as different.
  std::uint64_t unaligned_a = 0;
  std::uint64_t unaligned_b = 0;
  Totals totals_a;
  Totals totals_b;

  bool same() const { return steps.empty() && unaligned_a == 0 && unaligned_b == 0; }
};

/// Compares what two readers give. Events are equal where type, payload, and the metadata's model
/// and tool_name are. Of those that are not, a call of the same tool with the same arguments is
/// taken for the other's, then one of the same tool or type between equal ones. The results of
/// calls that were in flight together are a set: in which order they come does not count. Memory:
/// 96 bytes for each of up to 2 · aligned_max events. Errors: those of the readers; invalid (a
/// pointer); overflow.
Result<Diff> diff(EventReader& a, EventReader& b, const DiffOptions& options = {});

/// A member that differs; empty values: it is missing there. Views of what was compared.
struct FieldChange {
  std::string pointer;
  std::string_view a;
  std::string_view b;
};

/// Takes a change; false: that was enough.
using UseChange = std::function<bool(const FieldChange&)>;

/// Gives what of two events differs, by the same rules, one change at a time; pointers begin with
/// /payload or /metadata, or are "/type". Nothing where a pointer of the options is not one.
void for_each_change(const EventView& a, const EventView& b, const DiffOptions& options,
                     const UseChange& use);

/// Gives what of two JSON objects differs: pointers of the members, in the order of the first.
void for_each_change(std::string_view a, std::string_view b, const DiffOptions& options,
                     const UseChange& use);

}  // namespace agentstore
