// Sessions: one agent run, or one account; a stream of events under one id.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "agentstore/timestamp.hpp"

namespace agentstore {

using Labels = std::map<std::string, std::string>;

struct Session {
  std::string id;
  std::string name;  ///< may be empty
  Labels labels;
  Timestamp created_at;
  Timestamp updated_at;  ///< the last event's time; created_at where there is none
  std::uint64_t event_count = 0;
};

/// What a caller may choose of a new session.
struct NewSession {
  /// [A-Za-z0-9][A-Za-z0-9._:-]{0,127}, not beginning with "agentstore."; empty: a UUIDv4.
  std::string id = {};
  std::string name = {};
  Labels labels = {};
  /// When it began; absent: now.
  std::optional<Timestamp> created_at = std::nullopt;
};

}  // namespace agentstore
