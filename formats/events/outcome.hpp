// What stands at the right of a timeline's line: how long it took, how it ended.

#pragma once

#include <cstddef>
#include <string>

#include "formats/events/talk.hpp"
#include "formats/text/line.hpp"

namespace agentstore::formats {

struct Outcome {
  std::string length;
  Ending ending;
  bool empty() const { return length.empty() && ending.words.empty(); }
};

/// The columns of a line that outcomes take: of a conversation a part of their own where there is
/// room for two, else whatever what is said leaves.
class OutcomeColumn {
 public:
  OutcomeColumn(std::size_t room_columns, bool talk, bool color)
      : room_columns_{room_columns}, talk_{talk}, color_{color} {}

  /// Of so many columns that an event has for itself; 0 where there is no room for two.
  std::size_t columns_of(std::size_t columns) const;
  /// `said`: where what the event says begins; it is cut where the outcome needs its room.
  void add(Line& line, Line::Place said, const Outcome& outcome) const;

 private:
  void make_room(Line& line, Line::Place said, std::size_t wanted_columns) const;
  void add_ending(Line& line, const Ending& ending, bool roomy) const;

  std::size_t room_columns_;
  bool talk_;
  bool color_;
};

}  // namespace agentstore::formats
