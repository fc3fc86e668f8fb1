// The projection `totals`: what `stats` says of a session, as of any event.

#include <string>
#include <utility>

#include "agentstore/analysis/prices.hpp"
#include "agentstore/analysis/responses.hpp"
#include "agentstore/json.hpp"
#include "projections/built_in.hpp"
#include "projections/notes.hpp"
#include "projections/state_text.hpp"

namespace agentstore {
namespace {

std::string counts_json(const std::map<std::string, std::uint64_t, std::less<>>& counts) {
  StateWriter members;
  for (const auto& [key, count] : counts) members.member(key, count);
  return members.text();
}

/// Nothing where the sum overflows.
std::optional<Decimal> known(const Result<Decimal>& sum) {
  return sum ? std::optional{*sum} : std::nullopt;
}

class TotalsProjection : public Projection {
 public:
  std::string_view name() const override { return "totals"; }
  bool goes_on_from_json() const override { return false; }
  int version() const override { return totals_version; }
  bool looks_at_lines() const override { return false; }

  Result<void> apply(const EventView& event) override {
    if (auto added = counted_.add(event); !added) return added;
    const Totals& totals = counted_.of_events();
    for (; told_ < totals.unread_usage.size(); ++told_)
      notes_.unreadable(event, totals.unread_usage[told_].why);
    return {};
  }

  std::string to_json() const override {
    if (!restored_.empty()) return restored_;
    const auto sum = counted_.sum();
    const Totals& totals = sum ? *sum : counted_.of_events();
    StateWriter state;
    state.member("events", totals.events);
    state.raw("by_type", counts_json(totals.by_type));
    state.member("tool_calls", totals.tool_calls);
    state.member("errors", totals.errors);
    state.member("tool_errors", totals.tool_errors);
    write_tokens(state, totals);
    write_cost(state, totals);
    state.member("first_event_at", totals.first_event_at);
    state.member("last_event_at", totals.last_event_at);
    write_count(state, "duration_ms", totals.duration_ms());
    return state.text();
  }

  /// It is of all responses, not of each, so nothing can be added to it.
  Result<void> from_json(std::string_view state) override {
    if (!json::find_integer(state, "events") || !json::find(state, "by_type"))
      return fail(Code::corrupt, "this is not a state of the projection totals");
    restored_ = state;
    return {};
  }

  std::span<const FoldNote> notes() const override { return notes_.all(); }

 private:
  static void write_count(StateWriter& state, std::string_view key,
                          const std::optional<std::int64_t>& count) {
    state.raw(key, count ? std::to_string(*count) : "null");
  }

  static void write_tokens(StateWriter& state, const Totals& totals) {
    state.member("tokens_in", totals.tokens_in);
    state.member("tokens_out", totals.tokens_out);
    write_count(state, "tokens_cache_read", totals.tokens_cache_read);
    write_count(state, "tokens_cache_write", totals.tokens_cache_write);
    write_count(state, "tokens_reasoning", totals.tokens_reasoning);
  }

  static void write_cost(StateWriter& state, const Totals& totals) {
    state.member("cost_usd", totals.cost_usd);
    state.member("cost_computed_usd", totals.cost_computed_usd);
    state.member("events_without_cost", totals.events_without_cost);
    state.member("cost_known_usd", known(totals.cost_known_usd()));
    state.member("cost_total_usd", totals.cost_total_usd().value_or(std::nullopt));
    state.member("cost_unknown_responses", totals.cost_unknown_responses());
  }

  CountedTotals counted_;
  std::size_t told_ = 0;  // of the figures that cannot be read
  Notes notes_;
  std::string restored_;
};

}  // namespace

std::unique_ptr<Projection> make_totals_projection() {
  return std::make_unique<TotalsProjection>();
}

}  // namespace agentstore
