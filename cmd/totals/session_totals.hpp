// What each of several sessions came to, each response counted in one of them.

#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/internal/response_index.hpp"
#include "cmd/input/input.hpp"

namespace agentstore::cmd {

/// Told of each input, by its place, how its reading ended.
using OnRead = std::function<void(std::size_t, Result<ReadReport>)>;

struct SessionTotalsOptions {
  OnRead on_read;
  /// Of a session that cannot be read to its end, what comes before; else nothing.
  bool up_to_damage = false;
  /// Further sessions, which may tell of the same responses; asked for where there are any. Null:
  /// there are none.
  std::function<Inputs()> others = nullptr;
  /// Where what sessions came to together is kept.
  SettledUses settled = {};
  ReadOptions read = {.seals = Seals::short_logs};
};

struct SessionTotals {
  /// In the order of the inputs; nothing where a log is damaged, or a sum overflows.
  struct OfInput {
    std::string session_id;  ///< of a file the one that it is of
    std::optional<Totals> totals;
  };
  std::vector<OfInput> of_inputs;
  /// Of inputs that hold several sessions each of them, in place of the sum of all.
  std::map<std::string, Totals, std::less<>> of_files;
  /// Of sub-agents of which only the session that started them tells, by its id; in no other sum.
  std::map<std::string, Totals, std::less<>> told_agents;

  /// By session id.
  std::map<std::string, Totals, std::less<>> by_id() const;
};

/// A session that another one was made of since counts for itself.
SessionTotals totals_of_sessions(std::span<const Input* const> inputs,
                                 const SessionTotalsOptions& options);

}  // namespace agentstore::cmd
