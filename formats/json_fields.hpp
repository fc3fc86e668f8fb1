// Values of ours as JSON text; what does not apply is null.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "agentstore/json.hpp"
#include "agentstore/session.hpp"
#include "agentstore/timestamp.hpp"
#include "formats/incomplete.hpp"

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

/// Sequence numbers of the events whose redacted payloads were needed, then texts.
inline std::string incomplete_json(const Incomplete& incomplete) {
  std::string out = "[";
  const auto add = [&](const std::string& element) {
    if (out.size() > 1) out += ',';
    out += element;
  };
  for (const std::uint64_t number : incomplete.events) add(std::to_string(number));
  for (const std::string& input : incomplete.inputs) add(json::quote(input));
  return out + ']';
}

}  // namespace agentstore::formats
