// What a headless run used. Its result lines state, for each model, what the process used so far:
// sub-agents and side calls included, and nothing of earlier processes of the session. The main
// loop's own part of it is stated for each turn.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/decimal.hpp"
#include "agentstore/json.hpp"
#include "formats/sources/event_maker.hpp"
#include "formats/sources/usage.hpp"

namespace agentstore::formats {

/// A model's use.
struct ModelUse {
  Usage tokens;
  std::int64_t searches = 0;    ///< of the web
  std::optional<Decimal> cost;  ///< in USD, as recorded
  std::string unread;           ///< a figure that cannot be read, in words
};

/// What one session used of one model, from the start of the process.
struct RunShare {
  std::size_t session = 0;  ///< of the file's sessions
  std::string model;        ///< empty: it is not told
  ModelUse use;
  bool of_agents = false;     ///< its cost is stated with the main session's
  std::size_t shared_by = 1;  ///< sub-agents that the figures are of together
};

/// The run of a session, as far as a stream tells it. Threads: none.
class ClaudeRun {
 public:
  explicit ClaudeRun(std::size_t session) : session_{session} {}

  /// A response of that model in that session: the run's own, or a sub-agent's.
  void respond(std::size_t session, std::string_view model);
  /// Takes a result line. The shares replace those of the last result of the same process.
  std::vector<RunShare> end_turn(const json::Value& result, std::string_view id);
  /// Names the process of the last result: the same in every copy of the stream.
  const std::string& process() const { return process_; }

 private:
  using Models = std::map<std::string, ModelUse, std::less<>>;

  void begin_process(std::string_view id);
  bool is_new_process(const Models& models, const Usage& turn) const;
  std::vector<RunShare> shares(const Models& models) const;
  void share_model(const std::string& model, const ModelUse& use,
                   std::vector<RunShare>& into) const;
  std::vector<std::size_t> agents_with(std::string_view model) const;

  std::size_t session_;
  std::string process_;
  std::map<std::size_t, std::set<std::string, std::less<>>> models_;  // by session
  std::vector<std::size_t> agents_;                                   // in their order
  Usage total_;                                                       // at the last result
  Usage main_;                                                        // of the process's turns
};

/// Adds the figures to an event's metadata.
void add_run_use(EventMetadata& metadata, const RunShare& share);

}  // namespace agentstore::formats
