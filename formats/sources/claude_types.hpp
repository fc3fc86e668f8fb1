// The types of records of a Claude Code transcript.

#pragma once

#include <array>
#include <string_view>

#include "formats/sources/texts.hpp"

namespace agentstore::formats {

/// What was said and done.
inline constexpr auto claude_deeds = std::to_array<std::string_view>({
    "user",
    "assistant",
    "system",
    "progress",
    "attachment",
    "pr-link",
});

/// Records that repeat what files held.
inline constexpr auto claude_snapshots = std::to_array<std::string_view>({
    "file-history-snapshot",
    "file-history-delta",
    "attribution-snapshot",
});

/// What Claude Code notes for itself between the messages.
inline constexpr auto claude_notes = std::to_array<std::string_view>({
    "summary",
    "queue-operation",
    "mode",
    "permission-mode",
    "ai-title",
    "custom-title",
    "agent-name",
    "agent-color",
    "agent-setting",
    "last-prompt",
    "task-summary",
    "tag",
    "speculation-accept",
    "worktree-state",
    "content-replacement",
    "marble-origami-commit",
    "marble-origami-snapshot",
    "bridge-session",
});

inline bool is_claude_type(std::string_view type) {
  return is_one_of(type, claude_deeds) || is_one_of(type, claude_snapshots) ||
         is_one_of(type, claude_notes);
}

}  // namespace agentstore::formats
