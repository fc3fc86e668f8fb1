// Members of a state: written, and read back. What does not apply is null.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agentstore/decimal.hpp"
#include "agentstore/json.hpp"
#include "agentstore/timestamp.hpp"

namespace agentstore {

inline std::string text_or_null(const std::optional<std::string>& text) {
  return text ? json::quote(*text) : "null";
}
inline std::string time_or_null(const std::optional<Timestamp>& at) {
  return at ? '"' + format_rfc3339(*at) + '"' : "null";
}

/// Reads members of one state; `sound` is false once one of them is not what it should be.
class StateReader {
 public:
  explicit StateReader(std::string_view state) : state_(state) {}

  bool sound() const { return sound_; }

  void text(std::string_view key, std::optional<std::string>& into) {
    const auto value = member(key, json::Kind::string);
    if (value) into = json::text_of(*value);
  }
  void time(std::string_view key, std::optional<Timestamp>& into) {
    const auto value = member(key, json::Kind::string);
    if (!value) return;
    const auto at = parse_rfc3339(json::text_of(*value));
    if (at) into = *at;
    sound_ = sound_ && at.has_value();
  }
  void decimal(std::string_view key, std::optional<Decimal>& into) {
    const auto value = member(key, json::Kind::number);
    if (!value) return;
    const auto number = Decimal::parse(*value);
    if (number) into = *number;
    sound_ = sound_ && number.has_value();
  }
  template <class Integer>
  void integer(std::string_view key, Integer& into) {
    const auto value = json::find_integer(state_, key);
    into = static_cast<Integer>(value.value_or(0));
    sound_ = sound_ && value.has_value();
  }
  void boolean(std::string_view key, bool& into) {
    const auto value = json::find(state_, key);
    into = value == "true";
    sound_ = sound_ && (into || value == "false");
  }

 private:
  /// A member that is null, or of that kind.
  std::optional<std::string_view> member(std::string_view key, json::Kind kind) {
    const auto value = json::find(state_, key);
    if (value && json::kind_of(*value) == kind) return value;
    sound_ = sound_ && value && json::kind_of(*value) == json::Kind::null;
    return std::nullopt;
  }

  std::string_view state_;
  bool sound_ = true;
};

}  // namespace agentstore
