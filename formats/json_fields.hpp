// Values of ours as JSON text; what does not apply is null.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "agentstore/json.hpp"
#include "agentstore/projection.hpp"
#include "agentstore/session.hpp"
#include "agentstore/timestamp.hpp"

namespace agentstore::formats {

inline std::string time_json(const std::optional<Timestamp>& at) {
  return at ? '"' + format_rfc3339(*at) + '"' : "null";
}

inline std::string number_json(const std::optional<std::int64_t>& number) {
  return number ? std::to_string(*number) : "null";
}

inline std::string text_json(const std::optional<std::string>& text) {
  return text ? json::quote(*text) : "null";
}

inline std::string labels_json(const Labels& labels) {
  std::string out = "{";
  for (const auto& [key, value] : labels) {
    if (out.size() > 1) out += ',';
    out += json::quote(key) + ':' + json::quote(value);
  }
  return out + '}';
}

inline std::string counts_json(const std::map<std::string, std::uint64_t, std::less<>>& counts) {
  std::string out = "{";
  for (const auto& [name, number] : counts) {
    if (out.size() > 1) out += ',';
    out += json::quote(name) + ':' + std::to_string(number);
  }
  return out + '}';
}

/// The sequence numbers of the events whose payloads a fold needed, and were redacted.
inline std::string incomplete_json(std::span<const FoldNote> notes) {
  std::set<std::uint64_t> numbers;  // several folds may have needed the same
  for (const FoldNote& note : notes)
    if (note.kind == FoldNote::Kind::incomplete) numbers.insert(note.sequence_number);
  std::string out = "[";
  for (const std::uint64_t number : numbers) {
    if (out.size() > 1) out += ',';
    out += std::to_string(number);
  }
  return out + ']';
}

}  // namespace agentstore::formats
