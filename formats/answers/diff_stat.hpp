// The summary of a diff: how many events are equal, changed, missing or added.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "formats/answers/diff.hpp"

namespace agentstore::formats {

/// Of what kind an event is: its type, and the tool that it is about, if any.
using EventSort = std::pair<std::string, std::string>;
EventSort sort_of(const EventView& event);

/// What was read of one side.
struct DiffStatSide {
  std::map<EventSort, std::uint64_t> events;
  std::optional<std::string> final_answer;  ///< the text of the last answer; absent: there is none
};

/// Counts the steps. agentstore/diff-stat/1 on one line, or a table for people.
class DiffStat final : public DiffWriter {
 public:
  DiffStat(Sink& sink, const DiffAnswer& answer, const DiffStatSide& a, const DiffStatSide& b,
           const Screen& screen, bool json)
      : sink_{sink}, answer_{answer}, a_{a}, b_{b}, screen_{screen}, json_{json} {}
  void begin() override {}
  void step(const EventView* a, const EventView* b, const Changes& changes) override;
  void end() override;

 private:
  struct Counts {
    std::uint64_t equal = 0;
    std::uint64_t changed = 0;
    std::uint64_t missing = 0;  // in b
    std::uint64_t added = 0;
  };

  bool same_final_answer() const { return a_.final_answer == b_.final_answer; }
  Counts sum() const;
  void write_json() const;
  void write_text() const;
  void write_table() const;
  void write_final_answers() const;

  Sink& sink_;
  const DiffAnswer& answer_;
  const DiffStatSide& a_;
  const DiffStatSide& b_;
  Screen screen_;
  bool json_;
  std::map<EventSort, Counts> counts_;
};

}  // namespace agentstore::formats
