// Where: events by what an expression says of their fields.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agentstore/event.hpp"
#include "cmd/context.hpp"

namespace agentstore::cmd {

/// The expressions of --where, and what they met. A copy shares both.
class Where {
 public:
  /// All of them have to be true. Errors: as Expression::parse.
  static Result<Where> parse(const std::vector<std::string>& texts);

  /// The predicate; null where there are no expressions.
  std::function<bool(const EventView&)> predicate() const;

  /// `predicate`, which looks into payloads, with an eye on the redacted ones that it turns down.
  std::function<bool(const EventView&)> minding_redacted(
      std::function<bool(const EventView&)> predicate);
  /// After the reading: events that were left out and whose payloads, had they not been redacted,
  /// might have let them pass.
  std::uint64_t redacted() const;

  /// After the reading: names that no event had are told, and events that an expression could say
  /// nothing of; the exit status that these lead to, if `status` is fine.
  int tell(Context& context, int status) const;

 private:
  struct Asked;
  std::shared_ptr<Asked> asked_;
};

}  // namespace agentstore::cmd
