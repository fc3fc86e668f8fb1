// Values of ours as JSON text; what does not apply is null.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agentstore/json.hpp"
#include "agentstore/session.hpp"
#include "agentstore/timestamp.hpp"
#include "formats/text/incomplete.hpp"

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

/// What `write` makes of each item, with commas between.
template <class Range, class Write>
std::string joined_json(const Range& range, Write write) {
  std::string out;
  for (const auto& item : range) {
    if (!out.empty()) out += ',';
    out += write(item);
  }
  return out;
}

/// An array; `write` makes an element of each item.
template <class Range, class Write>
std::string array_json(const Range& range, Write write) {
  return '[' + joined_json(range, write) + ']';
}

/// An object; `write` makes a member of each item, `"key":value`.
template <class Range, class Write>
std::string object_json(const Range& range, Write write) {
  return '{' + joined_json(range, write) + '}';
}

inline std::string labels_json(const Labels& labels) {
  return object_json(labels, [](const auto& label) {
    return json::quote(label.first) + ':' + json::quote(label.second);
  });
}

inline std::string counts_json(const std::map<std::string, std::uint64_t, std::less<>>& counts) {
  return object_json(counts, [](const auto& count) {
    return json::quote(count.first) + ':' + std::to_string(count.second);
  });
}

/// Sequence numbers of the events whose redacted payloads were needed, then texts.
inline std::string incomplete_json(const Incomplete& incomplete) {
  std::vector<std::string> elements;
  for (const std::uint64_t number : incomplete.events) elements.push_back(std::to_string(number));
  for (const std::string& input : incomplete.inputs) elements.push_back(json::quote(input));
  return array_json(elements, std::identity{});
}

}  // namespace agentstore::formats
