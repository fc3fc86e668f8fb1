// Several sessions answered at a time, each by one of several candidates.

#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "cmd/rerun/answering.hpp"

namespace agentstore::cmd {

struct SideBySide {
  std::size_t jobs = 1;
  std::chrono::nanoseconds interval{0};  ///< between turns
  AnsweringOptions answering;
  std::size_t sessions = 0;  ///< for the progress: how many there will be
};

/// Answers what `next` gives, which is called in the caller's thread, a few sessions ahead of the
/// answers; nothing: there is no more. Blocks until all is answered, or something stops it.
/// In the order of `next`.
std::vector<formats::MadeRerun> answer_side_by_side(
    Store& store, const SideBySide& options, const std::function<std::optional<RerunWork>()>& next);

}  // namespace agentstore::cmd
