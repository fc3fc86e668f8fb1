// Upcasts: events of an older schema, read as if they were of the newest. The log never changes.
//
// An event says its schema's version in `metadata.schema_version`; one that does not is of version
// 1. A rule for a type takes it from one version to a later one. The form of the rules' file is
// that of agentstore-upcasts(5).

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "agentstore/event.hpp"
#include "agentstore/result.hpp"

namespace agentstore {

/// What an upcast may change of an event.
struct UpcastEvent {
  std::string type;
  std::string payload;    ///< JSON text
  bool redacted = false;  ///< the payload is gone; `null` stands in its place
};

/// Brings an event to a later version, or says why it does not fit. Thread-safe, and pure.
using Upcast = std::function<Result<void>(UpcastEvent& event)>;

/// Rules by type and version. A value: copies share nothing. Thread-safe once it is filled; nothing
/// of it blocks. What an Upcast throws reaches whoever reads.
///   Upcasts upcasts;
///   upcasts.add("BetPlaced", 1, 2, [](UpcastEvent& bet) -> Result<void> { return rename(bet); });
///   store.read(id, {.upcasts = &upcasts});
class Upcasts {
 public:
  /// Reads `{"rules":[{"type":"BetPlaced","from_version":1,"defaults":{"/game":"blackjack"}}]}`.
  /// Errors: invalid, naming the rule and its member.
  static Result<Upcasts> parse(std::string_view json);

  /// A rule for events of `type` whose version is at most `from_version`; they are of `to_version`
  /// afterwards. Of several, those of the smallest version come first.
  /// Errors: invalid (a rule for that type and version is there; a type that is no caller's;
  /// `to_version` not above `from_version`).
  Result<void> add(std::string_view type, std::int64_t from_version, std::int64_t to_version,
                   Upcast upcast);

  bool empty() const { return rules_.empty(); }

  /// Brings `event` to the newest version that there are rules for; its `upcast` says whether one
  /// applied. New texts go to `arena`, which has to live as long as the views.
  /// Errors: invalid, naming the rule and the event.
  Result<void> apply(EventView& event, std::deque<std::string>& arena) const;

 private:
  struct Rule {
    std::int64_t to_version = 0;
    Upcast upcast;
  };
  /// By type, then by from_version.
  std::map<std::string, std::map<std::int64_t, Rule>, std::less<>> rules_;
};

}  // namespace agentstore
