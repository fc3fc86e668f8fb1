// The calls of models in sessions, each response once, as the sums of `stats` have them.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "agentstore/analysis/responses.hpp"
#include "cmd/context.hpp"
#include "cmd/input/input.hpp"
#include "formats/exports/csv_export.hpp"

namespace agentstore::cmd {

class ModelCalls {
 public:
  /// Takes what an input tells. Errors: as Input::read.
  Result<ReadReport> add(const Input& input);
  /// Takes an event that was read already.
  void take(const EventView& event);
  /// When all was read: every call, in the order of time.
  Result<std::vector<formats::ModelCall>> settle();

 private:
  Responses responses_;
  std::vector<formats::ModelCall> calls_;
  std::map<std::string, std::string, std::less<>> projects_;  // of sessions
  std::string project_;                                       // of the input that is read
};

/// Writes the calls in all of the inputs as CSV to `context.out`, or a row a session. The exit
/// status; what went wrong was said.
int write_calls_csv(Context& context, const Inputs& inputs, bool by_session);

}  // namespace agentstore::cmd
