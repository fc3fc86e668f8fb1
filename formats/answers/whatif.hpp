// What-ifs: what an altered history would have come to, beside what was.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agentstore/analysis/fields.hpp"
#include "agentstore/analysis/whatif.hpp"
#include "agentstore/internal/rule_files.hpp"
#include "formats/text/event_name.hpp"
#include "formats/text/incomplete.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

struct WhatIfAnswer {
  std::string session_id;
  std::optional<SeveralSessions> several;  ///< in place of the one
  std::string altered;                     ///< "without #5 BetPlaced 340.55"; may quote log content
  bool only_left_out;                      ///< nothing is replaced, inserted or cut off
  std::string views;                       ///< "balance, pnl"
  const WhatIf& what;
  std::vector<FieldPair> fields;  ///< actual and altered
  Incomplete incomplete = {};
  std::optional<std::string> saved_as = std::nullopt;
  RuleFiles rules = {};
};

/// agentstore/whatif/1, on one line.
void write_whatif_json(Sink& sink, const WhatIfAnswer& answer);

/// For people: the fields that change.
void write_whatif_text(Sink& sink, const WhatIfAnswer& answer, const Screen& screen);

}  // namespace agentstore::formats
