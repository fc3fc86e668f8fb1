// How long other tools keep their transcripts.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace agentstore::cmd {

/// After how many days Claude Code deletes a transcript that has not changed, where `folder` is its
/// own: what `cleanupPeriodDays` of its settings says, else its default. Nothing for other folders.
std::optional<std::uint64_t> days_claude_keeps(const std::string& folder);

}  // namespace agentstore::cmd
