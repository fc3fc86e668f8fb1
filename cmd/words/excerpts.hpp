// Excerpts: where in an event a pattern of --grep matches.

#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "agentstore/event.hpp"
#include "agentstore/result.hpp"
#include "formats/events/excerpt.hpp"

namespace agentstore::cmd {

/// What gives the text around the first match of `pattern`, read as make_grep reads it: in what an
/// event says, else in its command or its other arguments, else anywhere in its payload, its
/// metadata or its type. Errors: as make_grep.
Result<std::function<std::optional<formats::Excerpt>(const EventView&)>> make_excerpts(
    std::string_view pattern);

}  // namespace agentstore::cmd
