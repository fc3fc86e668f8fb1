// An event as a conversation is told: who, what, how long, how it ended. The parts are for
// timelines and whatever else shows calls and what came of them.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "agentstore/event.hpp"
#include "formats/text/line.hpp"
#include "formats/text/paint.hpp"

namespace agentstore::formats {

struct TalkNames {
  std::string agent = "agent";  ///< who answers: "claude", "codex"
  std::string folder = {};      ///< where it worked: paths in it are shown without it
};

/// Adds who it is: "user", the agent, the name of a tool, of a record of bookkeeping what kind.
void add_who(Line& line, const EventView& event, const TalkNames& names, std::size_t columns);

/// Whether an answer begins with what the model thought.
bool is_thinking(const EventView& answer);

/// Adds what it says or does: a message's words, a call's command, file or arguments, what came out
/// of a tool ("→ …"), a plan's steps, an error.
void add_what(Line& line, const EventView& event, const TalkNames& names, std::size_t columns,
              bool tool_failed);

/// What a call does: "mise run test", "cmd/root.go", "TODO in lib". Without the tool's name.
void add_call_words(Line& line, const EventView& call, const TalkNames& names, std::size_t columns);

/// How long a call or a turn took, where its event says so.
std::optional<std::int64_t> duration_ms_of(const EventView& event);

/// How a call ended; not printable yet.
struct Ending {
  std::string words;   ///< "failed: exit 1", "rejected", "interrupted", "timed out"; empty: well
  std::string detail;  ///< what came out of it, or why it failed
  Paint paint = Paint::none;
};
Ending ending_of(const EventView& result, bool failed, std::size_t bytes_max);

/// What an answer used, where the event tells it for good: "320 out" and "~$0.02".
struct AnswerUse {
  std::string tokens;
  std::string cost;
  bool empty() const { return tokens.empty() && cost.empty(); }
};
AnswerUse use_of(const EventView& answer);
/// The same, whether or not another event of its response tells more.
AnswerUse use_told_by(const EventView& answer);
/// The response that an answer is a part of; empty: it does not say.
std::string response_of(const EventView& answer);

}  // namespace agentstore::formats
