// The state of the default projection as a value, beside its JSON.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "agentstore/result.hpp"
#include "agentstore/timestamp.hpp"

namespace agentstore {

/// What the projection `session` makes of events: the state of the Go library, field for field.
///   const auto state = SessionState::parse(store.state(id).value().json).value();
///   use(state.event_count, state.data.at("user_message"));
struct SessionState {
  std::string session_id = {};
  std::uint64_t version = 0;  ///< the number of the last event
  /// The latest payload, JSON text, of each type.
  std::map<std::string, std::string, std::less<>> data = {};
  Timestamp last_event_at = zero_time;
  std::uint64_t event_count = 0;
  std::int64_t tokens_in = 0;  ///< of llm_request and llm_response, as all three
  std::int64_t tokens_out = 0;
  double cost_usd = 0;
  std::uint64_t tool_calls = 0;
  std::uint64_t errors = 0;

  /// Reads what the projection writes, or the Go library. Errors: corrupt.
  static Result<SessionState> parse(std::string_view json);
  /// The same bytes as the projection's.
  std::string to_json() const;
};

}  // namespace agentstore
