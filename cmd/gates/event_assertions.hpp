// Assertions about each event: expressions over its fields that have to be true of all of them.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agentstore/event.hpp"
#include "agentstore/filter.hpp"
#include "cmd/gates/gate.hpp"

namespace agentstore::cmd {

/// A copy shares what was seen.
class EventAssertions {
 public:
  /// Errors: as Expression::parse.
  static Result<EventAssertions> parse(const std::vector<std::string>& texts);

  bool empty() const { return seen_ == nullptr; }
  /// Lets the filter show them each event that passes it.
  void watch(Filter& filter) const;
  /// After the reading: names the first event of which one is not true, and tells the gate what
  /// kept them from being judged. Whether they held.
  bool tell(Context& context, Gate& gate) const;

 private:
  struct Seen;
  std::shared_ptr<Seen> seen_;
};

}  // namespace agentstore::cmd
