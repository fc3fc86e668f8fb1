// What each of several sessions came to, each response counted in one of them.

#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>

#include "agentstore/analysis/stats.hpp"
#include "cmd/input/input.hpp"

namespace agentstore::cmd {

/// Told of each input, by its place, how its reading ended.
using OnRead = std::function<void(std::size_t, Result<ReadReport>)>;

/// By session id. A session whose log is damaged, or a sum of whose overflows, is not among them.
/// Of an input that holds several sessions, each. `options`: how they are read.
std::map<std::string, Totals, std::less<>> totals_of_sessions(std::span<const Input* const> inputs,
                                                              const ReadOptions& options,
                                                              const OnRead& on_read);

}  // namespace agentstore::cmd
