// How a timeline is shown: what the flags say, and what suits the screen and the session.

#pragma once

#include "agentstore/filter.hpp"
#include "cmd/context.hpp"
#include "cmd/input/input.hpp"
#include "cmd/options.hpp"
#include "formats/events/timeline.hpp"

namespace agentstore::cmd {

/// What a timeline shows.
struct TimelineSource {
  const Input* session = nullptr;  ///< null: all of these
  const Inputs* all = nullptr;
  bool whole = false;  ///< every event of it, in order
};

/// Errors: invalid (flags that do not go together, a pattern of --grep).
Result<formats::TimelineOptions> timeline_options(const Context& context,
                                                  const ReplayCommand& options,
                                                  const TimelineSource& source);

/// How wide its columns have to be, as far as that is known before it is read.
formats::TimelineLayout layout_before(const Input* session,
                                      const formats::TimelineOptions& options);

}  // namespace agentstore::cmd
