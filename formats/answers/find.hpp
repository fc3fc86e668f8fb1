// What was found of words in sessions.
//
//   1284c080  shop-api  2026-02-08 14:02  7 hits: 4 calls, 3 results  "got merge conflicts…"
//             Bash   …&& mise run «lint» -- --fix

#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "agentstore/analysis/kinds.hpp"
#include "agentstore/event.hpp"
#include "agentstore/timestamp.hpp"
#include "formats/events/excerpt.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// The event that tells best what was found.
struct FoundEvent {
  std::uint64_t sequence_number = 0;  ///< 0: not known, without reading what lies before it
  std::string event_id;
  std::string type;
  std::string tool_name;  ///< of a call or a result, as far as it is known
  Timestamp timestamp;
  Excerpt excerpt;
};

struct FoundSession {
  std::string session_id;
  std::string store;  ///< as --store takes it; empty: only one was searched
  std::string name;
  std::string title;
  std::string project;
  std::uint64_t hits = 0;  ///< events
  std::map<EventKind, std::uint64_t> by_kind = {};
  Timestamp newest_at;  ///< of the hits
  FoundEvent best;
};

/// agentstore/find/1, on one line. `incomplete`: what could not be read, in words.
void write_find_json(Sink& sink, std::span<const FoundSession> found,
                     std::span<const std::string> incomplete);

/// Two lines a session; in a pipe ids are whole.
void write_find_text(Sink& sink, std::span<const FoundSession> found, const Screen& screen);

/// An event at or beside a hit; `excerpt`, if not null, is what was found in it.
void write_beside_found(Sink& sink, const EventView& event, const Excerpt* excerpt,
                        const Screen& screen);

/// "user", the tool of a call, else the word of its kind: who a line is of.
std::string who_found(const FoundEvent& event);

}  // namespace agentstore::formats
