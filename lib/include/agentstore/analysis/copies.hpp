// Copies of events: what save_what_if wrote into other sessions of a store, as the metadata of each
// copy says under `forked_from`; and the records that one transcript repeats of another, as that of
// a resumed session does. A redaction removes a payload from one session; these hold it, too.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/result.hpp"

namespace agentstore {

class Store;

/// An event, and the one that it was copied from.
struct EventCopy {
  std::string session_id;
  std::uint64_t sequence_number = 0;
  std::string from_session_id;
  std::uint64_t from_sequence_number = 0;
};

struct Copies {
  std::vector<EventCopy> events;    ///< by session and number
  std::vector<std::string> unread;  ///< sessions that could not be searched, each with the reason
};

/// The copies of these events of a session, and the copies of copies, whose payloads are still
/// there. In sessions that were imported (label `source`), also events of the same id, type and
/// payload; where the payload is gone from the first, id and type decide: ask before a redaction.
/// Reads every session of the store, and those that hold copies again for each step of a
/// chain. Errors: not_found; io; those of reading the session itself.
Result<Copies> find_copies(const Store& store, std::string_view session_id,
                           std::span<const std::uint64_t> sequence_numbers);

}  // namespace agentstore
