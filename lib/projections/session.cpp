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

// The shortest text that reads back as the same double, in plain digits where Go uses them.
std::string text_of_double(double value) {
  char buffer[400];
  const double size = value < 0 ? -value : value;
  const bool plain = value == 0 || (size >= 1e-6 && size < 1e21);
  const auto [end, status] =
      std::to_chars(buffer, buffer + sizeof buffer, value,
                    plain ? std::chars_format::fixed : std::chars_format::scientific);
  return {buffer, end};
}

class SessionProjection : public Projection {
 public:
  explicit SessionProjection(std::string_view session_id) : session_id_(session_id) {}

  std::string_view name() const override { return "session"; }
  int version() const override { return 1; }
  bool looks_at_lines() const override { return false; }

  Result<void> apply(const EventView& event) override {
    version_ = event.sequence_number;
    last_event_at_ = event.timestamp;
    ++event_count_;
    if (is_llm_event(event.type) && !add_usage(event.metadata)) {
      return fail(Code::overflow, "the sum of tokens or costs overflows at event #" +
                                      std::to_string(event.sequence_number) + " of session " +
                                      session_id_);
    }
    if (event.type == tool_called) ++tool_calls_;
    if (event.type == error_event) ++errors_;
    note_redaction(event);
    const auto known = data_.find(event.type);
    if (known == data_.end()) data_.emplace(event.type, event.payload);
    else known->second.assign(event.payload);
    return {};
  }

  std::span<const FoldNote> notes() const override { return notes_; }

  std::string to_json() const override {
    std::size_t bytes = 512;  // what is not a payload
    for (const auto& [type, payload] : data_) bytes += type.size() + payload.size() + 4;
    std::string out;
    out.reserve(bytes + session_id_.size());
    out += R"({"session_id":)" + json::quote(session_id_);
    out += R"(,"version":)" + std::to_string(version_);
    out += R"(,"data":{)";
    for (const auto& [type, payload] : data_) {
      if (out.back() != '{') out += ',';
      json::append_quoted(out, type);
      out += ':';
      out += payload;
    }
    out += R"(},"last_event_at":")" + format_rfc3339_short(last_event_at_);
    out += R"(","event_count":)" + std::to_string(event_count_);
    out += R"(,"tokens":{"in":)" + std::to_string(tokens_in_);
    out += R"(,"out":)" + std::to_string(tokens_out_);
    out += R"(,"cost_usd":)" + text_of_double(cost_usd_);
    out += R"(},"tool_calls":)" + std::to_string(tool_calls_);
    out += R"(,"errors":)" + std::to_string(errors_) + '}';
    return out;
  }

  Result<void> from_json(std::string_view state) override {
    SessionProjection read{session_id_};
    if (!read.fill(state)) return fail(Code::corrupt, "this is no state of the projection session");
    *this = std::move(read);
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
    return add_tokens(tokens_in_, tokens_in) && add_tokens(tokens_out_, tokens_out) &&
           add_cost(double_of(cost));
  }

  static bool add_tokens(std::int64_t& sum, std::string_view count) {
    return !__builtin_add_overflow(sum, json::integer_of(count).value_or(0), &sum);
  }

  bool add_cost(double cost) {
    if (!std::isfinite(cost)) return true;
    if (!std::isfinite(cost_usd_ + cost)) return false;
    cost_usd_ += cost;
    return true;
  }

  bool fill(std::string_view state) {
    const auto tokens = json::find(state, "tokens");
    const auto data = json::find(state, "data");
    const auto at = json::find_text(state, "last_event_at");
    const auto time = at ? parse_rfc3339(*at) : fail(Code::corrupt, "");
    const auto cost = tokens ? json::find(*tokens, "cost_usd") : std::nullopt;
    if (json::find_text(state, "session_id") != session_id_ || !data || !time || !cost)
      return false;
    last_event_at_ = *time;
    cost_usd_ = double_of(*cost);
    for (json::Walk walk{*data}; walk.next();) data_[json::text_of(walk.key())] = walk.value();
    return integer(state, "version", version_) && integer(state, "event_count", event_count_) &&
           integer(*tokens, "in", tokens_in_) && integer(*tokens, "out", tokens_out_) &&
           integer(state, "tool_calls", tool_calls_) && integer(state, "errors", errors_);
  }

  template <class Integer>
  static bool integer(std::string_view object, std::string_view key, Integer& into) {
    const auto value = json::find_integer(object, key);
    into = static_cast<Integer>(value.value_or(0));
    return value.has_value();
  }

  std::string session_id_;
  std::uint64_t version_ = 0;
  std::map<std::string, std::string, std::less<>> data_;
  Timestamp last_event_at_ = zero_time;
  std::uint64_t event_count_ = 0;
  std::int64_t tokens_in_ = 0;
  std::int64_t tokens_out_ = 0;
  double cost_usd_ = 0;
  std::uint64_t tool_calls_ = 0;
  std::uint64_t errors_ = 0;
  std::vector<FoldNote> notes_;  // one for each type whose latest payload is missing
};

}  // namespace

std::unique_ptr<Projection> make_session_projection(std::string_view session_id) {
  return std::make_unique<SessionProjection>(session_id);
}

}  // namespace agentstore
