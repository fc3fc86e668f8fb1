// Bisections: the event at which an answer about a session's state changed.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agentstore/analysis/bisect.hpp"
#include "agentstore/internal/rule_files.hpp"
#include "agentstore/timestamp.hpp"
#include "formats/text/event_name.hpp"
#include "formats/text/incomplete.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// An event, as far as it is shown.
struct BisectEvent {
  std::uint64_t sequence_number = 0;
  std::string event_id = {};
  std::string type = {};
  Timestamp timestamp = {};
  std::string summary = {};  ///< printable
};

/// A value that the expression reads; JSON.
struct BisectValue {
  std::string name;
  std::string before;
  std::string after;
};

struct BisectAnswer {
  std::string session_id;
  std::optional<SeveralSessions> several;  ///< in place of the one
  std::optional<std::string> expression;   ///< or
  std::optional<std::string> command;
  std::uint64_t events = 0;
  bool at_start = false;                       ///< it is true before the first event
  std::optional<std::uint64_t> start_ends_at;  ///< the event at which that ends
  std::optional<BisectEvent> first;  ///< absent: it never becomes true; the newest state is good
  std::vector<BisectValue> values;
  std::vector<Flip> later;  ///< flips after the first event
  std::uint64_t later_count = 0;
  std::uint64_t trials = 0;            ///< of the command
  std::vector<std::uint64_t> skipped;  ///< before `first`, and may be it
  Incomplete incomplete = {};
  RuleFiles rules = {};
};

/// agentstore/bisect/1, on one line.
void write_bisect_json(Sink& sink, const BisectAnswer& answer);

/// A sentence; nothing where there is no such event.
void write_bisect_text(Sink& sink, const BisectAnswer& answer, const Screen& screen);

}  // namespace agentstore::formats
