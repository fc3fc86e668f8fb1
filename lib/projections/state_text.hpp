// Members of a state: one list of a projection's says how it is written, and how it is read back.
// What does not apply is null.
//
//   template <class Self, class State>
//   static void members(Self& self, State& state) {
//     state.same("session_id", self.session_id_);
//     state.member("errors", self.errors_);
//   }

#pragma once

#include <concepts>
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

/// Writes members, in their order.
class StateWriter {
 public:
  void member(std::string_view key, const std::optional<std::string>& text) {
    add(key, text_or_null(text));
  }
  void member(std::string_view key, const std::optional<Timestamp>& at) {
    add(key, at ? '"' + format_rfc3339(*at) + '"' : "null");
  }
  void member(std::string_view key, const std::optional<Decimal>& number) {
    add(key, number ? number->to_string() : "null");
  }
  void member(std::string_view key, const Decimal& number) { add(key, number.to_string()); }
  void member(std::string_view key, std::integral auto number) { add(key, std::to_string(number)); }
  void member(std::string_view key, bool truth) { add(key, truth ? "true" : "false"); }
  /// What the reader knows already.
  void same(std::string_view key, std::string_view text) { add(key, json::quote(text)); }
  /// JSON as it is.
  void raw(std::string_view key, std::string_view token) { add(key, token); }
  /// What follows from other members, as JSON.
  template <class Make>
  void derived(std::string_view key, Make make) {
    add(key, make());
  }

  std::string text() const { return out_ + '}'; }

 private:
  void add(std::string_view key, std::string_view token) {
    if (out_.size() > 1) out_ += ',';
    json::append_quoted(out_, key);
    out_ += ':';
    out_ += token;
  }

  std::string out_ = "{";
};

/// Reads members of one state; `sound` is false once one of them is not what it should be.
class StateReader {
 public:
  explicit StateReader(std::string_view state) : state_(state) {}

  bool sound() const { return sound_; }

  void member(std::string_view key, std::optional<std::string>& into) {
    const auto value = nullable(key, json::Kind::string);
    if (value) into = json::text_of(*value);
  }
  void member(std::string_view key, std::optional<Timestamp>& into) {
    const auto value = nullable(key, json::Kind::string);
    if (!value) return;
    const auto at = parse_rfc3339(json::text_of(*value));
    if (at) into = *at;
    sound_ = sound_ && at.has_value();
  }
  void member(std::string_view key, std::optional<Decimal>& into) {
    const auto value = nullable(key, json::Kind::number);
    if (!value) return;
    const auto number = Decimal::parse(*value);
    if (number) into = *number;
    sound_ = sound_ && number.has_value();
  }
  void member(std::string_view key, Decimal& into) {
    std::optional<Decimal> number;
    member(key, number);
    sound_ = sound_ && number.has_value();
    into = number.value_or(Decimal{});
  }
  template <std::integral Integer>
  void member(std::string_view key, Integer& into) {
    const auto value = json::find_integer(state_, key);
    into = static_cast<Integer>(value.value_or(0));
    sound_ = sound_ && value.has_value();
  }
  void member(std::string_view key, bool& into) {
    const auto value = json::find(state_, key);
    into = value == "true";
    sound_ = sound_ && (into || value == "false");
  }
  void same(std::string_view key, std::string_view text) {
    sound_ = sound_ && json::find_text(state_, key) == text;
  }
  void raw(std::string_view key, std::string& into) {
    const auto value = json::find(state_, key);
    into = value.value_or("");
    sound_ = sound_ && value.has_value();
  }
  template <class Make>
  void derived(std::string_view /*key*/, Make /*make*/) {}

 private:
  /// A member that is null, or of that kind.
  std::optional<std::string_view> nullable(std::string_view key, json::Kind kind) {
    const auto value = json::find(state_, key);
    if (value && json::kind_of(*value) == kind) return value;
    sound_ = sound_ && value && json::kind_of(*value) == json::Kind::null;
    return std::nullopt;
  }

  std::string_view state_;
  bool sound_ = true;
};

template <class Self>
std::string state_to_json(const Self& self) {
  StateWriter state;
  Self::members(self, state);
  return state.text();
}

/// Whether `into`, which is fresh, could be read.
template <class Self>
bool read_state(std::string_view json, Self& into) {
  StateReader state{json};
  Self::members(into, state);
  return state.sound();
}

}  // namespace agentstore
