// Reruns: the turns of a session, answered once more by another agent, the candidate. The answers
// are a session of their own; this is what says of it which session it answers, how, and how far.
// The library asks nobody: it says what is to be asked and what to make of the answer.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/analysis/turns.hpp"
#include "agentstore/event.hpp"
#include "agentstore/result.hpp"
#include "agentstore/session.hpp"

namespace agentstore {

/// The label by which a session is a rerun: the id of the session whose turns it answers.
inline constexpr std::string_view rerun_label = "rerun_of";

/// What a rerun is of, and by whom.
struct Rerun {
  std::string session_id;                   ///< whose turns are answered
  std::optional<std::uint64_t> until = {};  ///< up to that event of it; nothing: all
  std::string candidate;                    ///< what people call who answers
  std::string command;                      ///< how it is called
  std::optional<std::string> prompt = {};   ///< the text that it is given; nothing: none
  bool own_history = false;  ///< it reads its own answers as history, not those recorded
  bool live_tools = false;   ///< it calls tools itself, and reads no recorded results

  /// SHA-256 of the prompt, 64 hex digits; empty without one.
  std::string prompt_sha256() const;
  /// rerun_of, candidate, command; prompt_sha256 where there is a prompt; until, where it is of a
  /// beginning; history and tools where they are not the usual ones.
  Labels labels() const;
  /// An id that is always the same for the same rerun, the `attempt`th of it, from 1.
  std::string session_id_of(std::uint64_t attempt) const;
};

/// What the message that begins a turn of a rerun says of it, in its metadata.
struct RerunMark {
  static constexpr std::int64_t version_now = 1;

  std::int64_t version = version_now;
  std::uint64_t turn = 0;                       ///< of the session that is answered
  std::uint64_t sequence_number = 0;            ///< its message there
  std::string path = {};                        ///< of a file that it was read from; empty: a store
  std::optional<std::int64_t> latency_ms = {};  ///< from the question to the end of the answer
  bool failed = false;                          ///< the candidate gave no whole answer

  /// Metadata for a copy of `message`, with this and where the message comes from.
  std::string metadata_of(const Turn& message, std::string_view session_id) const;
  /// Nothing where the metadata has none. Of another version only that is read.
  static std::optional<RerunMark> of(std::string_view metadata);
};

/// Turns of a rerun by their number in the session that is answered: of each the last one that
/// did not fail, else the last one. Those without a mark are left out.
std::map<std::uint64_t, const Turn*> answered_turns(const std::vector<Turn>& turns);

/// Finds results for a candidate's calls among those recorded in a turn; each is given once.
class RecordedTools {
 public:
  /// `turn` has to outlive it.
  explicit RecordedTools(const Turn& turn);
  RecordedTools(RecordedTools&&) noexcept;
  RecordedTools& operator=(RecordedTools&&) noexcept;
  ~RecordedTools();

  struct Match {
    const TurnCall* call = nullptr;  ///< with a result; null: nothing matches
    bool approximate = false;        ///< by tool and position: other arguments
  };
  /// The call of the same tool with the same arguments (in whatever order their members come), else
  /// that of the same tool at the same position among its calls, else its first one that is left.
  Match match(std::string_view tool, std::string_view arguments);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The payload of a result that stands for none, and its metadata's member `unmatched`.
inline constexpr std::string_view unmatched_result = R"({"unmatched":true})";

}  // namespace agentstore
