// The projection `cost`: what the responses of models cost, recorded or by list prices.

#include <string>
#include <utility>

#include "agentstore/analysis/prices.hpp"
#include "agentstore/analysis/responses.hpp"
#include "projections/built_in.hpp"
#include "projections/notes.hpp"
#include "projections/state_text.hpp"

namespace agentstore {
namespace {

// Other list prices make other states: the date of the table, 2026-03-21 as 20260321.
int version_of_prices() {
  std::string digits = Prices::standard().date();
  std::erase(digits, '-');
  return 10 * static_cast<int>(json::integer_of(digits).value_or(0));
}

class CostProjection : public Projection {
 public:
  std::string_view name() const override { return "cost"; }
  bool goes_on_from_json() const override { return false; }
  int version() const override { return version_of_prices() + 2; }
  bool looks_at_lines() const override { return false; }

  Result<void> apply(const EventView& event) override {
    if (!is_llm_event(event.type)) return {};
    Usage usage = usage_of(event);
    told_.see(event);
    if (auto telling = telling_of(event, usage)) {
      usage.identified = true;
      told_.take(std::move(*telling), event, usage);
    }
    Totals one;
    if (auto added = one.add(event, usage); !added) return added;
    for (const UnreadUsage& unread : one.unread_usage) notes_.unreadable(event, unread.why);
    if (event.type == llm_response) ++responses_;
    return totals_.merge(one);
  }

  std::string to_json() const override {
    const auto counted = totals();
    StateWriter state;
    state.member("responses", responses_);
    state.member("cost_usd", counted ? counted->cost_usd : std::nullopt);
    state.member("cost_computed_usd", counted ? counted->cost_computed_usd : std::nullopt);
    state.member("cost_known_usd", counted ? known(counted->cost_known_usd()) : std::nullopt);
    state.member("cost_total_usd",
                 counted ? counted->cost_total_usd().value_or(std::nullopt) : std::nullopt);
    const Totals& counts = counted ? *counted : totals_;
    state.member("cost_unknown_responses", counts.cost_unknown_responses());
    state.member("unpriced_responses", counts.events_without_cost);
    state.member("silent_responses", counts.silent_responses);
    state.member("usage_records", counts.usage_records);
    return state.text();
  }

  Result<void> from_json(std::string_view state) override {
    CostProjection read;
    StateReader members{state};
    members.member("responses", read.responses_);
    members.member("cost_usd", read.totals_.cost_usd);
    members.member("cost_computed_usd", read.totals_.cost_computed_usd);
    members.member("unpriced_responses", read.totals_.events_without_cost);
    members.member("silent_responses", read.totals_.silent_responses);
    members.member("usage_records", read.totals_.usage_records);
    if (!members.sound()) return fail(Code::corrupt, "this is not a state of the projection cost");
    *this = std::move(read);
    return {};
  }

  std::span<const FoldNote> notes() const override { return notes_.all(); }

 private:
  static std::optional<Decimal> known(const Result<Decimal>& sum) {
    return sum ? std::optional{*sum} : std::nullopt;
  }

  /// Nothing where a sum overflows.
  std::optional<Totals> totals() const {
    Totals all = totals_;
    const auto settled = told_.settle([&](const CountedResponse& response) {
      return all.add_use(llm_response, response.at, response.usage, Prices::standard());
    });
    return settled ? std::optional{std::move(all)} : std::nullopt;
  }

  std::uint64_t responses_ = 0;
  Totals totals_;   // of the costs alone, of responses that are told once
  Responses told_;  // the others: a state that was saved has none of them
  Notes notes_;
};

}  // namespace

std::unique_ptr<Projection> make_cost_projection() {
  return std::make_unique<CostProjection>();
}

}  // namespace agentstore
