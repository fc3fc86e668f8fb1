// Titles: what people are shown of a session that nobody gave a name. A title is computed from the
// events each time, so that it goes with the payload that it was cut from, and addresses nothing.

#pragma once

#include <cstddef>
#include <string>

#include "agentstore/reader.hpp"

namespace agentstore {

/// Events that a title is looked for in, from the first on.
inline constexpr std::size_t title_events_max = 64;
inline constexpr std::size_t title_code_points_max = 72;

/// The title that an agent recorded, else the first line of the first message with words in it;
/// cut, with `…` at its end. Untrusted text. Empty: there is none, or it cannot be read.
std::string find_title(EventReader& reader);

}  // namespace agentstore
