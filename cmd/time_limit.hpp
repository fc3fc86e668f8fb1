// Work that a user's words ask for and that may take for ever: a pattern or an expression over one
// long text. The libraries that do it cannot be told to stop, so the program ends instead.

#pragma once

#include <chrono>

#include "cmd/context.hpp"

namespace agentstore::cmd {

/// Who is to say that a limit was reached; has to live as long as pieces of work are watched.
void report_time_limit_to(Context& context);

/// One piece of work, for as long as this lives. Where it takes longer than two seconds, and no
/// other is begun or ended meanwhile, a thread of its own says so, cleans up as at a signal, and
/// ends the program as for rejected input. Costs four atomic additions; watches nothing where no
/// thread can be made.
class LimitedWork {
 public:
  /// `flag` is whose words are at work, for the message; has to live on.
  explicit LimitedWork(const char* flag);
  /// Work of another kind, with a limit of its own. `what` says what takes too long: "the rule x
  /// takes"; both have to live on.
  LimitedWork(const char* what, std::chrono::seconds limit, const char* hint);
  LimitedWork(const LimitedWork&) = delete;
  LimitedWork& operator=(const LimitedWork&) = delete;
  ~LimitedWork();

  /// What takes time now is not the work's own: its limit begins anew. Any thread.
  static void goes_on();

 private:
  void begin();
};

}  // namespace agentstore::cmd
