// States: what a projection made of a session.

#pragma once

#include <cstdint>
#include <string_view>

#include "agentstore/internal/rule_files.hpp"
#include "agentstore/point.hpp"
#include "agentstore/store.hpp"
#include "formats/text/incomplete.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// agentstore/state/1, on one line; the projection's own text stands in it as it is.
void write_state_json(Sink& sink, const State& state, const Point& point = {},
                      const Incomplete& incomplete = {}, const RuleFiles& rules = {});

/// The same of so many sessions as one: of no session, and without a last sequence number.
void write_sessions_state_json(Sink& sink, const State& state, std::uint64_t sessions,
                               const Point& point, const Incomplete& incomplete,
                               const RuleFiles& rules);

/// The projection's state alone, indented, as JSON that is safe to look at. On a screen a line
/// before it says which session's, which projection's and as of which event it is; `name`: the
/// session's.
void write_state_text(Sink& sink, const State& state, std::string_view name, const Point& point,
                      const Screen& screen);

}  // namespace agentstore::formats
