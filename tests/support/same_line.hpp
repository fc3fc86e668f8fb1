// Two ways to take a line apart, held to each other.

#pragma once

#include "log/line.hpp"

namespace agentstore::test {

/// What differs between two views of one event; null: nothing does.
inline const char* difference(const EventView& left, const EventView& right) {
  if (left.session_id != right.session_id) return "session_id";
  if (left.sequence_number != right.sequence_number) return "sequence_number";
  if (left.type != right.type) return "type";
  if (left.timestamp != right.timestamp) return "timestamp";
  if (left.metadata != right.metadata) return "metadata";
  if (left.payload != right.payload) return "payload";
  if (left.event_id != right.event_id) return "event_id";
  if (left.hash != right.hash) return "hash";
  if (left.redacted_by != right.redacted_by) return "redacted_by";
  return left.line != right.line ? "line" : nullptr;
}

inline const char* difference(const log::Line& left, const log::Line& right) {
  if (const char* const differs = difference(left.event, right.event)) return differs;
  if (left.seal != right.seal) return "seal";
  if (left.batch != right.batch) return "batch";
  if (left.envelope != right.envelope) return "envelope";
  if (left.salt != right.salt) return "salt";
  if (left.payload_hash != right.payload_hash) return "payload_hash";
  if (left.recorded_at != right.recorded_at) return "recorded_at";
  return left.prev != right.prev || left.hash != right.hash ? "links" : nullptr;
}

}  // namespace agentstore::test
