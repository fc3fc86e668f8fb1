// How long other tools keep their transcripts.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace agentstore::cmd {

/// After how many days a transcript that has not changed is deleted.
struct Retention {
  std::uint64_t days = 0;
  bool chosen = false;  ///< by a setting; else it is the tool's default
};

/// Of Claude Code, where `folder` is its own: what `cleanupPeriodDays` of its settings says, else
/// its default. Nothing for other folders.
std::optional<Retention> retention_of_claude(const std::string& folder);

}  // namespace agentstore::cmd
