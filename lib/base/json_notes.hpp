// Notes: of JSON text that is checked, what stands where. Many walks of it cost no more than one.

#pragma once

#include <cstddef>
#include <memory>

#include "agentstore/json.hpp"

namespace agentstore::json {

/// Room for the notes of some values. Used by one thread.
class Notes {
 public:
  explicit Notes(std::size_t notes_max = notes_max_usual) : notes_max_{notes_max} {}

  /// Takes notes of the value that starts at `start` and ends before `limit`, and gives it. Empty:
  /// it is not good by `rules_to_read`; or is not compact, or there is no more room for its notes,
  /// and check_value has to look at it. Reads up to `limit`.
  Value take(const char* start, const char* limit);
  /// Ends the life of what was taken.
  void clear() { used_ = 0; }

 private:
  static constexpr std::size_t notes_max_usual = std::size_t{1} << 15U;  // of 16 bytes

  std::size_t notes_max_;
  std::size_t used_ = 0;
  std::unique_ptr<Note[]> notes_;  // made by the first value
};

/// Whether no object in a value with notes has two equal keys. False, too, where this cannot be
/// seen at once: the value has no notes, or a key has an escape; then `check` decides.
bool keys_differ(const Value& value);

}  // namespace agentstore::json
