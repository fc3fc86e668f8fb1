// Rows of a timeline that wait for the result of a call before them: few, and in their order.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "agentstore/event.hpp"
#include "formats/edit_size.hpp"
#include "formats/line.hpp"

namespace agentstore::formats {

struct HeldRow {
  Line line;
  Line::Place said;   ///< where what the event says begins
  bool open = false;  ///< a call without its result
  std::string session_id = {};
  std::string call_id = {};  ///< empty: it has none
  std::string tool = {};
  Timestamp at = {};
  std::optional<EditSize> edit = std::nullopt;
};

class HeldRows {
 public:
  using Write = std::function<void(HeldRow&)>;

  bool empty() const { return rows_.empty(); }
  void clear() { rows_.clear(); }
  void add(HeldRow row) { rows_.push_back(std::move(row)); }
  /// The open call whose result an event is; null: it is not here.
  HeldRow* call_of(const EventView& result);
  /// Writes the rows up to the first open call. Of more than so many rows it is not waited for.
  void write_done(const Write& write);
  /// Writes all of them.
  void write_all(const Write& write);

 private:
  std::deque<HeldRow> rows_;
};

}  // namespace agentstore::formats
