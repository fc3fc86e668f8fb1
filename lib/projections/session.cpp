// The projection `session`: the Go library's State, field for field. `data` holds the latest
// payload of each type; costs are summed as doubles, in order, as that library sums them.

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <map>
#include <utility>
#include <vector>

#include "agentstore/json.hpp"
#include "agentstore/projection.hpp"
#include "agentstore/session_state.hpp"
#include "projections/double_text.hpp"

namespace agentstore {
namespace {

double double_of(std::string_view token) {
  // from_chars knows no locale; what is out of range becomes 0 or infinity in strtod's manner.
  double value = 0;
  const auto [at, status] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (status == std::errc::result_out_of_range)
    return std::strtod(std::string{token}.c_str(), nullptr);
  return value;
}

std::unexpected<Error> not_a_state() {
  return fail(Code::corrupt, "this is not a state of the projection session");
}

template <class Integer>
bool integer(std::string_view object, std::string_view key, Integer& into) {
  const auto value = json::find_integer(object, key);
  into = static_cast<Integer>(value.value_or(0));
  return value.has_value();
}

// `json` was checked.
Result<SessionState> read_state(std::string_view json) {
  const auto tokens = json::find(json, "tokens");
  const auto data = json::find(json, "data");
  const auto id = json::find_text(json, "session_id");
  const auto at = json::find_text(json, "last_event_at");
  const auto time = at ? parse_rfc3339(*at) : fail(Code::corrupt, "");
  const auto cost = tokens ? json::find(*tokens, "cost_usd") : std::nullopt;
  if (!id || !data || !time || !cost) return not_a_state();
  SessionState state{.session_id = *id, .last_event_at = *time, .cost_usd = double_of(*cost)};
  for (json::Walk walk{*data}; walk.next();) state.data[json::text_of(walk.key())] = walk.value();
  const bool whole =
      integer(json, "version", state.version) && integer(json, "event_count", state.event_count) &&
      integer(*tokens, "in", state.tokens_in) && integer(*tokens, "out", state.tokens_out) &&
      integer(json, "tool_calls", state.tool_calls) && integer(json, "errors", state.errors);
  if (!whole) return not_a_state();
  return state;
}

class SessionProjection : public Projection {
 public:
  explicit SessionProjection(std::string_view session_id)
      : state_{.session_id = std::string{session_id}} {}

  std::string_view name() const override { return "session"; }
  int version() const override { return 1; }
  bool looks_at_lines() const override { return false; }

  Result<void> apply(const EventView& event) override {
    state_.version = event.sequence_number;
    state_.last_event_at = event.timestamp;
    ++state_.event_count;
    if (is_llm_event(event.type) && !add_usage(event.metadata)) {
      return fail(Code::overflow, "the sum of tokens or costs overflows at event #" +
                                      std::to_string(event.sequence_number) + " of session " +
                                      state_.session_id);
    }
    if (event.type == tool_called) ++state_.tool_calls;
    if (event.type == error_event) ++state_.errors;
    note_redaction(event);
    const auto known = state_.data.find(event.type);
    if (known == state_.data.end()) state_.data.emplace(event.type, event.payload);
    else known->second.assign(event.payload);
    return {};
  }

  std::span<const FoldNote> notes() const override { return notes_; }

  std::string to_json() const override { return state_.to_json(); }

  Result<void> from_json(std::string_view json) override {
    auto read = read_state(json);
    if (!read) return std::unexpected(std::move(read.error()));
    if (read->session_id != state_.session_id) return not_a_state();
    state_ = std::move(*read);
    notes_.clear();
    return {};
  }

 private:
  // Only the latest payload of a type is part of the state.
  void note_redaction(const EventView& event) {
    if (event.redacted_by == 0 && notes_.empty()) return;
    const std::string what = "the latest payload of " + std::string{event.type} + " was redacted";
    std::erase_if(notes_, [&](const FoldNote& note) { return note.message == what; });
    if (event.redacted_by == 0) return;
    notes_.push_back({FoldNote::Kind::incomplete, event.sequence_number, what});
  }

  // Of a key that stands twice the last one counts, as for Go.
  bool add_usage(std::string_view metadata) {
    std::string_view tokens_in = "0";
    std::string_view tokens_out = "0";
    std::string_view cost = "0";
    for (json::Walk walk{metadata}; walk.next();) {
      if (walk.key_is("tokens_in")) tokens_in = walk.value();
      else if (walk.key_is("tokens_out")) tokens_out = walk.value();
      else if (walk.key_is("cost_usd")) cost = walk.value();
    }
    return add_tokens(state_.tokens_in, tokens_in) && add_tokens(state_.tokens_out, tokens_out) &&
           add_cost(double_of(cost));
  }

  static bool add_tokens(std::int64_t& sum, std::string_view count) {
    return !__builtin_add_overflow(sum, json::integer_of(count).value_or(0), &sum);
  }

  bool add_cost(double cost) {
    if (!std::isfinite(cost)) return true;
    if (!std::isfinite(state_.cost_usd + cost)) return false;
    state_.cost_usd += cost;
    return true;
  }

  SessionState state_;
  std::vector<FoldNote> notes_;  // one for each type whose latest payload is missing
};

}  // namespace

Result<SessionState> SessionState::parse(std::string_view json) {
  if (json::check(json, json::rules_to_read)) return not_a_state();
  return read_state(json);
}

std::string SessionState::to_json() const {
  std::size_t bytes = 512;  // what is not a payload
  for (const auto& [type, payload] : data) bytes += type.size() + payload.size() + 4;
  std::string out;
  out.reserve(bytes + session_id.size());
  out += R"({"session_id":)" + json::quote(session_id);
  out += R"(,"version":)" + std::to_string(version);
  out += R"(,"data":{)";
  for (const auto& [type, payload] : data) {
    if (out.back() != '{') out += ',';
    json::append_quoted(out, type);
    out += ':';
    out += payload;
  }
  out += R"(},"last_event_at":")" + format_rfc3339_short(last_event_at);
  out += R"(","event_count":)" + std::to_string(event_count);
  out += R"(,"tokens":{"in":)" + std::to_string(tokens_in);
  out += R"(,"out":)" + std::to_string(tokens_out);
  out += R"(,"cost_usd":)" + text_of_double(cost_usd);
  out += R"(},"tool_calls":)" + std::to_string(tool_calls);
  out += R"(,"errors":)" + std::to_string(errors) + '}';
  return out;
}

std::unique_ptr<Projection> make_session_projection(std::string_view session_id) {
  return std::make_unique<SessionProjection>(session_id);
}

}  // namespace agentstore
