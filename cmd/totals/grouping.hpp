// Groups of events: what `--by` takes, and which group an event is of.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/analysis/responses.hpp"
#include "agentstore/event.hpp"
#include "agentstore/session.hpp"
#include "cmd/times.hpp"

namespace agentstore::cmd {

/// What --by asks for, in order: words of group_words(), or "label:KEY".
struct Grouping {
  std::vector<std::string> by;
  Zone zone;  ///< of hours, days, weeks and months
};

/// agent, user, project, label:KEY, session, hour, day, week, month, type, tool, file, command,
/// model.
const std::vector<std::string>& group_words();

/// Reads them, each one or several with commas. Errors: invalid.
Result<std::vector<std::string>> parse_grouping(const std::vector<std::string>& words);

bool groups_by(const Grouping& grouping, std::string_view word);
/// Whether the groups are told by the payloads of events.
bool needs_payloads(const Grouping& grouping);

/// Another text for whatever would put the same events into other groups.
std::string fingerprint_of(const Grouping& grouping, const Labels& labels);

/// The group of an event; `labels` are those of its session.
GroupValues group_key(const EventView& event, const Grouping& grouping, const Labels& labels);

/// How long a tool ran, of its result.
std::optional<std::int64_t> duration_of(const EventView& event);

}  // namespace agentstore::cmd
