// Events shown whole: a head, what was said or done, what belongs to it, and the figures.
//
//   #972  tool_called  Bash
//         Sun 8 Feb 2026 14:02:19.123 Europe/Berlin
//
//     command   mise run test
//
//     result #973 after 41.0 s, failed: exit 1
//       FAIL TestEnableDisable
//
//     cause     #971 llm_response

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agentstore/event.hpp"
#include "agentstore/session.hpp"
#include "formats/events/call_pairs.hpp"
#include "formats/exports/export.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// Another event that belongs to one.
struct EventReference {
  std::uint64_t sequence_number = 0;
  std::string type;
};

/// An event, and what is known of those around it. The views have to outlive it.
struct ShownEvent {
  EventView event;
  std::optional<EventReference> call;    ///< of a result
  std::optional<EventReference> result;  ///< of a call
  std::optional<EventReference> cause;   ///< that its causation id names
  std::vector<EventReference> caused;    ///< whose causation id names it; the first ones
  CallOutcome outcome;                   ///< of the call that it is, or answers
  /// Where they are not shown themselves: the input belongs to the result, and the other way round.
  std::optional<EventView> call_event;
  std::optional<EventView> result_event;
};

/// "shop-api · 1284c080 · a title", and the zone of the times below.
void write_show_head(Sink& sink, const Session& session, const std::string& title,
                     const Screen& screen);

/// Nothing is left out of what was said; `verbose` adds seal, place in the log and metadata.
void write_event(Sink& sink, const ShownEvent& shown, const Screen& screen, bool verbose = false);

/// What was said or done alone, with that indent.
void write_event_body(Sink& sink, const ShownEvent& shown, const Screen& screen);

/// agentstore/show/1: {"schema","session_id","events":[the stored lines],"parts":[…]}, an element
/// of `parts` for each event. Begin, add each, end.
class ShowJson {
 public:
  ShowJson(Sink& sink, std::string_view session_id);
  void add(const ShownEvent& shown);
  void end();

 private:
  Sink& sink_;
  JsonArray events_;
  std::string parts_;
};

}  // namespace agentstore::formats
