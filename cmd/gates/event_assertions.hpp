// Assertions about each event: conditions over its fields that all of them have to meet.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agentstore/event.hpp"
#include "agentstore/filter.hpp"
#include "cmd/gates/gate.hpp"
#include "cmd/options.hpp"

namespace agentstore::cmd {

/// A copy shares what was seen.
class EventAssertions {
 public:
  /// Errors: as Expression::parse.
  static Result<EventAssertions> parse(const std::vector<Condition>& conditions);

  bool empty() const { return seen_ == nullptr; }
  /// Lets the filter show them each event that passes it.
  void watch(Filter& filter) const;
  /// After the reading: names the first event that does not meet one, and tells the gate what
  /// kept them from being judged. Whether they held.
  bool tell(Context& context, Gate& gate) const;

 private:
  struct Seen;
  std::shared_ptr<Seen> seen_;
};

}  // namespace agentstore::cmd
