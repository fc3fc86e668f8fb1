// Usage that events tell of in a form that cannot be read, by file and line.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "agentstore/analysis/stats.hpp"
#include "cmd/input/input.hpp"

namespace agentstore::cmd {

/// "FILE:LINE: usage: input_tokens is ..." of a log by path or a transcript, else with the session
/// and the event. Of a transcript, reads it once more.
std::vector<std::string> places_of(const Input& input, std::span<const UnreadUsage> unread);
/// Where no file is known.
std::string place_of(const UnreadUsage& unread);

}  // namespace agentstore::cmd
