// Events as an agent's session has them: the mix of types, the sizes, the words, the metadata. The
// same seed gives the same events.

#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "agentstore/event.hpp"

namespace agentstore::perf {

/// Payloads have a median of 300 bytes, a mean of 550 and no more than 64 KiB. Some quote what a
/// search for a type looks for: escaped in a text, and one event in 125 as a key of its own.
class AgentEvents {
 public:
  explicit AgentEvents(std::uint64_t seed) : random_(seed) {}

  /// The next event, without a time.
  Draft next();

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  void text(std::string& out, std::size_t bytes);
  std::string payload(std::string_view type, std::size_t bytes);
  std::string metadata(std::string_view type);

  std::mt19937_64 random_;
};

}  // namespace agentstore::perf
