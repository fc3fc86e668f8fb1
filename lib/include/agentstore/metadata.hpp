// Metadata as a value, beside its JSON: the keys that have a meaning (agentstore-log(5)).

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace agentstore {

/// Absent: the metadata does not say, or not in the form that the key has.
///   draft.metadata = Metadata{.model = "m-1", .tokens_in = 12}.to_json();
///   const Metadata said = Metadata::of(event.metadata);
struct Metadata {
  std::optional<std::string> worker_id = {};
  std::optional<std::int64_t> tokens_in = {};
  std::optional<std::int64_t> tokens_out = {};
  std::optional<std::string> model = {};
  std::optional<std::string> tool_name = {};
  std::optional<std::int64_t> duration_ms = {};
  std::optional<double> cost_usd = {};  ///< sums are to be made of the JSON, whose digits are exact
  std::map<std::string, std::string> extra = {};
  std::optional<std::string> causation_id = {};
  std::optional<std::string> correlation_id = {};
  std::optional<std::int64_t> schema_version = {};

  /// Of an event's metadata; other keys are passed over. As for Go, the case of a key's letters
  /// does not count, and of equal keys the last one does.
  static Metadata of(std::string_view json);
  /// A JSON object of what is there, in this order. A cost that is not finite is left out.
  std::string to_json() const;

  friend bool operator==(const Metadata&, const Metadata&) = default;
};

}  // namespace agentstore
