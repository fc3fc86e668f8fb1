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

  std::string to_json() const override {
    std::string out = R"({"session_id":)" + json::quote(session_id_);
    out += R"(,"agent_id":)" + text_or_null(actors_.agent_id);
    out += R"(,"total_events":)" + std::to_string(total_events_);
    out += R"(,"user_messages":)" + std::to_string(user_messages_);
    out += R"(,"tool_calls":)" + std::to_string(tool_calls_);
    out += R"(,"decisions":)" + std::to_string(decisions_);
    out += R"(,"errors":)" + std::to_string(errors_);
    out += R"(,"first_event_at":)" + time_or_null(first_at_);
    out += R"(,"latest_event_at":)" + time_or_null(latest_at_);
    out += R"(,"session_duration":)" +
           (first_at_ ? seconds_between(*first_at_, *latest_at_).to_string() : "null");
    out += R"(,"total_tokens_used":)" + std::to_string(total_tokens_used_);
    return out + '}';
  }

  Result<void> from_json(std::string_view state) override {
    SummaryProjection read{session_id_, {}};
    read.actors_ = actors_.emptied();
    StateReader members{state};
    members.text("agent_id", read.actors_.agent_id);
    members.integer("total_events", read.total_events_);
    members.integer("user_messages", read.user_messages_);
    members.integer("tool_calls", read.tool_calls_);
    members.integer("decisions", read.decisions_);
    members.integer("errors", read.errors_);
    members.time("first_event_at", read.first_at_);
    members.time("latest_event_at", read.latest_at_);
    members.integer("total_tokens_used", read.total_tokens_used_);
    if (!members.sound() || read.first_at_.has_value() != read.latest_at_.has_value() ||
        json::find_text(state, "session_id") != session_id_) {
      return fail(Code::corrupt, "this is no state of the projection summary");
    }
    *this = std::move(read);
    return {};
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
