// Blame: values of a state, and the events that set them.

#pragma once

#include <optional>
#include <string_view>

#include "agentstore/analysis/blame.hpp"
#include "agentstore/internal/rule_files.hpp"
#include "formats/text/incomplete.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// agentstore/blame/1, on one line: the value, and its settings, the newest first.
void write_blame_json(Sink& sink, std::string_view session_id, const Blame& blame,
                      const Incomplete& incomplete = {}, const RuleFiles& rules = {});
/// For people; times count from `start`.
void write_blame_text(Sink& sink, const Blame& blame, Timestamp start, const Screen& screen);

/// agentstore/blame/1, on one line: every value.
void write_blame_json(Sink& sink, std::string_view session_id, const BlamedState& state,
                      const Incomplete& incomplete = {}, const RuleFiles& rules = {});
void write_blame_text(Sink& sink, const BlamedState& state, Timestamp start, const Screen& screen);

}  // namespace agentstore::formats
