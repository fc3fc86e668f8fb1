// A file of another tool's, converted whole.

#pragma once

#include <doctest/doctest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "agentstore/analysis/responses.hpp"
#include "agentstore/json.hpp"
#include "formats/sources/transcript.hpp"

namespace agentstore::formats {

struct Conversion {
  Result<void> result;
  std::vector<SourceEvent> events;
  std::vector<SourceSession> sessions;
  Tally tally;
  const Source* format = nullptr;

  /// What the sessions came to. All of them, or one.
  Totals totals(std::optional<std::size_t> session = {}) const {
    CountedTotals sum;
    std::uint64_t number = 0;
    for (const SourceEvent& event : events) {
      if (session && event.session != *session) continue;
      EventView view;
      view.session_id = sessions[event.session].id;
      view.sequence_number = ++number;
      view.type = event.draft.type;
      view.timestamp = *event.draft.timestamp;
      view.metadata = event.draft.metadata;
      view.payload = event.draft.payload;
      REQUIRE(sum.add(view));
    }
    const auto counted = sum.sum();
    REQUIRE(counted);
    return *counted;
  }
  std::uint64_t of_type(std::string_view type) const {
    const auto found = tally.by_type.find(type);
    return found == tally.by_type.end() ? 0 : found->second;
  }
  /// Those that have no time of their own left out.
  std::pair<Timestamp, Timestamp> times() const {
    Timestamp first{seconds_max, 0};
    Timestamp last{seconds_min, 0};
    for (const SourceEvent& event : events) {
      if (event.draft.metadata.find("\"timestamp_source\"") != std::string::npos) continue;
      first = std::min(first, *event.draft.timestamp);
      last = std::max(last, *event.draft.timestamp);
    }
    return {first, last};
  }
};

inline Conversion convert(std::string_view bytes, std::size_t piece_bytes = 1 << 16,
                          const Source* as = nullptr) {
  Transcript transcript{{.fallback_id = "fallback", .file_changed_at = {1, 0}}, as};
  Conversion conversion;
  for (std::size_t at = 0; at < bytes.size() && conversion.result; at += piece_bytes)
    conversion.result = transcript.feed(bytes.substr(at, piece_bytes));
  if (conversion.result) conversion.result = transcript.end();
  conversion.events = transcript.take_events();
  conversion.sessions = transcript.sessions();
  conversion.tally = transcript.tally();
  conversion.format = transcript.format();
  return conversion;
}

inline std::string bytes_of_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::stringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

}  // namespace agentstore::formats
