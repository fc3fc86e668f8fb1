// The projection `summary`: a session in a dozen figures.

#include <algorithm>

#include "agentstore/analysis/kinds.hpp"
#include "agentstore/decimal.hpp"
#include "projections/actors.hpp"
#include "projections/built_in.hpp"
#include "projections/notes.hpp"
#include "projections/said.hpp"
#include "projections/state_text.hpp"

namespace agentstore {
namespace {

// Tokens that the metadata of an event of a model has; nothing where it says nothing of them.
std::optional<std::int64_t> metadata_tokens(const EventView& event, bool& overflow) {
  if (!is_llm_event(event.type)) return std::nullopt;
  const auto in = json::find_integer(event.metadata, "tokens_in");
  const auto out = json::find_integer(event.metadata, "tokens_out");
  if (!in && !out) return std::nullopt;
  std::int64_t sum = 0;
  overflow = __builtin_add_overflow(in.value_or(0), out.value_or(0), &sum);
  return sum;
}

Decimal seconds_between(Timestamp from, Timestamp to) {
  const std::int64_t nanoseconds = to.nanoseconds - from.nanoseconds;
  const auto fraction = Decimal::parse(std::to_string(nanoseconds) + "e-9");
  return *Decimal::from_integer(to.seconds - from.seconds).plus(*fraction);
}

class SummaryProjection : public Projection {
 public:
  SummaryProjection(std::string_view session_id, const Labels& labels)
      : session_id_(session_id), actors_(labels) {}

  std::string_view name() const override { return "summary"; }
  int version() const override { return actors_.version(2); }
  bool looks_at_lines() const override { return false; }

  Result<void> apply(const EventView& event) override {
    if (is_own(event)) return {};
    ++total_events_;
    actors_.see_agent(event);
    first_at_ = std::min(first_at_.value_or(event.timestamp), event.timestamp);
    latest_at_ = std::max(latest_at_.value_or(event.timestamp), event.timestamp);
    count(event);
    return add_tokens(event);
  }

  std::string to_json() const override { return state_to_json(*this); }

  Result<void> from_json(std::string_view state) override {
    SummaryProjection read{session_id_, {}};
    read.actors_ = actors_.emptied();
    if (!read_state(state, read) || read.first_at_.has_value() != read.latest_at_.has_value())
      return fail(Code::corrupt, "this is not a state of the projection summary");
    *this = std::move(read);
    return {};
  }

  template <class Self, class State>
  static void members(Self& self, State& state) {
    state.same("session_id", self.session_id_);
    state.member("agent_id", self.actors_.agent_id);
    state.member("total_events", self.total_events_);
    state.member("user_messages", self.user_messages_);
    state.member("tool_calls", self.tool_calls_);
    state.member("decisions", self.decisions_);
    state.member("errors", self.errors_);
    state.member("first_event_at", self.first_at_);
    state.member("latest_event_at", self.latest_at_);
    state.derived("session_duration", [&] {
      return self.first_at_ ? seconds_between(*self.first_at_, *self.latest_at_).to_string()
                            : std::string{"null"};
    });
    state.member("total_tokens_used", self.total_tokens_used_);
  }

  std::span<const FoldNote> notes() const override { return notes_.all(); }

 private:
  void count(const EventView& event) {
    switch (kind_of_type(event.type)) {
      case EventKind::message: ++user_messages_; return;
      case EventKind::call: ++tool_calls_; return;
      case EventKind::decision: ++decisions_; return;
      case EventKind::error: ++errors_; return;
      default: return;
    }
  }

  Result<void> add_tokens(const EventView& event) {
    bool overflow = false;
    auto tokens = json::find_integer(event.payload, "token_count");
    if (!tokens) tokens = metadata_tokens(event, overflow);
    if (event.redacted_by != 0 && !tokens)
      notes_.incomplete(event, "a token_count that it may have had is missing");
    if (overflow ||
        __builtin_add_overflow(total_tokens_used_, tokens.value_or(0), &total_tokens_used_)) {
      return fail(Code::overflow, "the sum of tokens overflows at event #" +
                                      std::to_string(event.sequence_number) + " of session " +
                                      session_id_);
    }
    return {};
  }

  std::string session_id_;
  Actors actors_;
  std::uint64_t total_events_ = 0;
  std::uint64_t user_messages_ = 0;
  std::uint64_t tool_calls_ = 0;
  std::uint64_t decisions_ = 0;
  std::uint64_t errors_ = 0;
  std::optional<Timestamp> first_at_;
  std::optional<Timestamp> latest_at_;
  std::int64_t total_tokens_used_ = 0;
  Notes notes_;
};

}  // namespace

std::unique_ptr<Projection> make_summary_projection(std::string_view session_id,
                                                    const Labels& labels) {
  return std::make_unique<SummaryProjection>(session_id, labels);
}

}  // namespace agentstore
