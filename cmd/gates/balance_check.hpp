// Assertions on a running balance: which event was the first to break one.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agentstore/filter.hpp"
#include "cmd/context.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/words/assertions.hpp"

namespace agentstore::cmd {

struct BalanceCheck {
  std::span<Assertion> assertions;
  const Ledger& ledger;
  Filter filter = {};     ///< what the balance was folded from
  bool at_point = false;  ///< asked of the filter's end alone, not of the way there
  std::span<const std::string> assets = {};         ///< those that the balance has
  std::optional<std::string> asset = std::nullopt;  ///< whose balance `balance` is
  std::span<const FoldNote> told = {};              ///< what its fold noticed, told already
  OnCorrupt on_corrupt = OnCorrupt::strict;
};

/// Errors: invalid, where one of them cannot be asked.
Result<std::vector<Assertion>> parse_assertions(const std::vector<Condition>& conditions);

struct BalanceChecked {
  int status = 0;
  /// Of each assertion, why it could not be asked (no event moves what it names); empty: it was.
  std::vector<std::string> unjudged;
};

/// Asks after every event of the filter, in one reading. An assertion fails at the first event
/// after which it is met no more; what came before it was first met (a deposit, say) does not
/// count, but it has to be met once. At a point, it is asked once. Says what failed on standard
/// error; gives the exit status.
/// Errors: invalid (an expression, or a name in it, such as `balance` where there are several
/// assets); those of folding.
Result<BalanceChecked> check_balance(Context& context, const Input& input,
                                     const BalanceCheck& check);

}  // namespace agentstore::cmd
