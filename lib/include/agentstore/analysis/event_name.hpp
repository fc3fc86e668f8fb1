// What an event is called in the words of an answer.

#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace agentstore {

/// The name of an event, by its number in a history; null: "#12". Called by the thread that asks.
using EventNaming = std::function<std::string(std::uint64_t sequence_number)>;

inline std::string event_name(const EventNaming& naming, std::uint64_t sequence_number) {
  return naming ? naming(sequence_number) : '#' + std::to_string(sequence_number);
}

}  // namespace agentstore
