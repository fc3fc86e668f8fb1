// Texts that events have whose records do not: what the converters write themselves.

#pragma once

#include <string_view>

namespace agentstore::formats {

/// Whether an event that a converter makes may have this text, which is of letters and digits, in
/// any case, though no raw record of its file has it: a part of a word that converters write, or
/// digits as digests and sums have them.
bool may_be_made(std::string_view text);

}  // namespace agentstore::formats
