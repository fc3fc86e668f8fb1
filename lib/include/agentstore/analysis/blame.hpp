// Blame: which event last set a value of the state, and which did before.
//
// An event sets what its payload holds, whether the value changes or not: the state holds the
// latest payload of each type. Sums and counts are set by the events that change them.

#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/analysis/whatif.hpp"
#include "agentstore/ledger.hpp"
#include "agentstore/projection.hpp"
#include "agentstore/result.hpp"
#include "agentstore/timestamp.hpp"

namespace agentstore {

/// An event that set a value.
struct Setter {
  std::uint64_t sequence_number = 0;
  std::string event_id;  ///< empty in lines of the Go library
  std::string type;
  Timestamp timestamp;
};

struct Setting {
  Setter by;
  std::string value;    ///< JSON; empty: it was taken away
  bool changed = true;  ///< off: it was that value before
};

struct Blame {
  std::string projection;        ///< where the value was found
  std::string pointer;           ///< in its state
  std::deque<Setting> settings;  ///< the newest first
  std::uint64_t setting_count = 0;
  std::vector<FoldNote> notes;  ///< among them settings that are not known: a payload was redacted
  ReadReport report;
};

/// Looks the pointer up in the state of `session`, then in the payload of the latest
/// state_updated, then in `balance` and `pnl`.
/// Errors: invalid (no pointer); not_found (it leads nowhere, and no state_updated ever had it);
/// those of reading.
Result<Blame> blame(const History& history, std::string_view pointer, std::size_t newest,
                    const Ledger& ledger = {}, OnCorrupt on_corrupt = OnCorrupt::strict);

/// A value of the state, and the event that set it last; number 0: none did, it is as at first.
struct BlamedField {
  std::string projection;
  std::string pointer;
  std::string value;
  Setter by;
};

struct BlamedState {
  std::vector<BlamedField> fields;
  std::vector<FoldNote> notes;
  ReadReport report;
};

/// Every value of `session`, and of `balance` and `pnl` where there are events of the ledger.
Result<BlamedState> blame_all(const History& history, const Ledger& ledger = {},
                              OnCorrupt on_corrupt = OnCorrupt::strict);

}  // namespace agentstore
