// Rows of a timeline that wait: a call for its result, an answer for what it used. Few, and in
// their order.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "agentstore/event.hpp"
#include "formats/events/edit_size.hpp"
#include "formats/events/talk.hpp"
#include "formats/text/line.hpp"

namespace agentstore::formats {

struct HeldRow {
  Line line;
  Line::Place said;   ///< where what the event says begins
  bool open = false;  ///< it waits still
  bool answer = false;
  bool dim = false;
  AnswerUse use = {};  ///< of an answer, what it says itself
  std::string session_id = {};
  std::string call_id =
      {};  ///< of an answer, the response that it is a part of; empty: it has none
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
  /// The answer that waits; null: there is none.
  HeldRow* answer_of(std::string_view session_id);
  /// Writes the rows up to the first open one. Of more than so many rows it is not waited for.
  void write_done(const Write& write);
  /// Writes all of them.
  void write_all(const Write& write);

 private:
  std::deque<HeldRow> rows_;
};

}  // namespace agentstore::formats
