// Turns: a session as a conversation, from one message of a person to the next. A message of any
// source begins a turn (see kinds.hpp), and what the agent did until the next one is its answer.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/event.hpp"
#include "agentstore/result.hpp"

namespace agentstore {

/// A call of a tool, and what came of it. Untrusted text.
struct TurnCall {
  std::uint64_t sequence_number = 0;
  std::string tool;                  ///< empty: none is named
  std::string arguments;             ///< a JSON object; empty: they were redacted, or are none
  std::size_t group = 0;             ///< the same for calls that were in flight together
  std::uint64_t result_number = 0;   ///< the event with its result; 0: there is none
  std::string result_event_id = {};  ///< may be empty
  std::optional<std::string> result = {};  ///< that event's payload; nothing: none, or redacted
};

struct Turn {
  std::uint64_t number = 0;  ///< from 1
  // The message that begins it.
  std::uint64_t sequence_number = 0;
  std::string event_id;  ///< may be empty
  std::string type;
  std::string payload;    ///< as stored
  std::string metadata;   ///< as stored
  std::string input;      ///< its words
  bool redacted = false;  ///< its words are gone
  // What followed.
  std::string answer;            ///< the words of its answers, joined by line breaks
  bool answer_redacted = false;  ///< some of them are gone
  std::vector<TurnCall> calls;
  std::string error;  ///< of an error that nothing followed; empty: there is none
  Totals totals;      ///< of its events
  /// From the message to the last answer, call, result or error; nothing where there is none, or
  /// where times run backwards.
  std::optional<std::int64_t> latency_ms;
  /// What its answers say that they took (`duration_ms`); nothing where one of them does not.
  std::optional<std::int64_t> told_ms;
};

/// Makes turns of a session's events. One thread at a time. Memory: the turns.
class Turns {
 public:
  Turns();
  Turns(Turns&&) noexcept;
  Turns& operator=(Turns&&) noexcept;
  ~Turns();

  /// Takes the next event; what comes before the first message is of no turn. Errors: overflow,
  /// naming the event.
  Result<void> take(const EventView& event);
  /// All turns; call it once, after the last event. Errors: overflow.
  Result<std::vector<Turn>> finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace agentstore
