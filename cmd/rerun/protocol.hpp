// What is said to a candidate and by it, in JSON lines. No process: lines go in and out.
//
//   it reads   {"turn":2,"prompt":TEXT|null,"input":TEXT,"history":[{"role","text"}…],
//               "tools":"recorded"|"live"}
//   it writes  drafts, as `append` takes them, and {"turn_end":true[,"turn":2]}
//   it reads   after a call, unless tools are live: {"tool_result":…[,"approximate":true]}, or
//              {"unmatched":true}

#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/analysis/rerun.hpp"
#include "agentstore/event.hpp"
#include "agentstore/result.hpp"

namespace agentstore::cmd {

/// Who said what before the turn.
struct SaidBefore {
  std::string role;  ///< "user", "assistant"
  std::string text;
};

/// The line that asks for a turn.
std::string question_of(const Turn& turn, const Rerun& rerun,
                        const std::vector<SaidBefore>& history);

struct TurnOptions {
  std::string source_id;  ///< the session whose turn was recorded
  std::string rerun_id;   ///< the session that the answer is for
  bool live_tools = false;
  std::set<std::string> known_ids = {};  ///< of events that the rerun has already
};

/// One turn of a candidate. `recorded` has to outlive it.
class TurnExchange {
 public:
  TurnExchange(const Turn& recorded, TurnOptions options);

  /// Takes a line that it wrote at some time. Gives the lines that it is to read next; may be
  /// empty. Errors: invalid (why this is no part of the turn); then the turn is over.
  Result<std::string> take(std::string_view line, Timestamp at);
  bool has_ended() const { return ended_; }
  /// What it wrote, and the results that it read, so far.
  const std::vector<Draft>& drafts() const { return drafts_; }

 private:
  Result<void> end(std::string_view line);
  Result<std::string> take_draft(Draft draft, Timestamp at);
  std::string answer_call(const Draft& call, Timestamp at);
  std::string own_id(std::string_view what);

  const Turn& recorded_;
  TurnOptions options_;
  RecordedTools tools_;
  std::vector<Draft> drafts_;
  std::size_t lines_ = 0;
  bool ended_ = false;
};

}  // namespace agentstore::cmd
