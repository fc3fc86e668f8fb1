// What the reading of a log has learnt, for people.

#pragma once

#include <string_view>

#include "agentstore/reader.hpp"
#include "cmd/context.hpp"
#include "cmd/input/input.hpp"

namespace agentstore::cmd {

/// Says on standard error what a reader that came to its end has learnt of damage; the exit status
/// that this leads to.
int tell_report(Context& context, const ReadReport& report, OnCorrupt on_corrupt);

/// Adds to an error of reading what to do about it.
Error with_advice(Error error, const Input& input);

/// "strict", "prefix", "skip". Errors: invalid.
Result<OnCorrupt> parse_on_corrupt(std::string_view word);

}  // namespace agentstore::cmd
