// What agents themselves remember of their sessions, beside the transcripts: histories of prompts
// and lists of sessions. They outlive the transcripts, and so tell which of those are gone.
//
//   Claude Code  history.jsonl                  {"display","timestamp","project","sessionId"}, a
//                                               prompt a line; older versions name no session
//                projects/*/sessions-index.json {"entries":[{"sessionId","summary","firstPrompt",
//                                               "modified","projectPath"}]}
//   Codex        history.jsonl                  {"session_id","ts","text"}, a prompt a line
//                session_index.jsonl            {"id","thread_name","updated_at"}

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/timestamp.hpp"
#include "cmd/input/transcript_folder.hpp"

namespace agentstore::cmd {

/// What the indexes say of a session.
struct NamedSession {
  std::string agent;    ///< "claude-code", "codex"
  std::string title;    ///< its name or summary, else its first prompt; may be empty
  std::string project;  ///< its folder; may be empty
  std::optional<Timestamp> last_at = std::nullopt;
  std::string index;  ///< the path of the first that names it
};

struct SessionIndexes {
  std::map<std::string, NamedSession> sessions;  ///< by their ids
  std::uint64_t without_id = 0;                  ///< entries that do not say whose they are
};

/// Adds what the indexes in a tool's folder say. One that is not there says nothing; of a file, or
/// line, that cannot be read `warn` is told, and the rest counts.
void read_indexes(const ToolHome& home, SessionIndexes& into,
                  const std::function<void(const std::string&)>& warn);

}  // namespace agentstore::cmd
