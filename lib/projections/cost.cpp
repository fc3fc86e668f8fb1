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

std::string decimal_or_null(const std::optional<Decimal>& number) {
  return number ? number->to_string() : "null";
}

// Other list prices make other states: the date of the table, 2026-03-21 as 20260321.
int version_of_prices() {
  std::string digits = Prices::standard().date();
  std::erase(digits, '-');
  return 10 * static_cast<int>(json::integer_of(digits).value_or(0));
}

class CostProjection : public Projection {
 public:
  std::string_view name() const override { return "cost"; }
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
    const Totals totals = counted();
    std::string out = R"({"responses":)" + std::to_string(responses_);
    out += R"(,"cost_usd":)" + decimal_or_null(totals.cost_usd);
    out += R"(,"cost_computed_usd":)" + decimal_or_null(totals.cost_computed_usd);
    const auto known = totals.cost_known_usd();
    const auto total = totals.cost_total_usd();
    out += R"(,"cost_known_usd":)" + (known ? known->to_string() : "null");
    out += R"(,"cost_total_usd":)" + (total ? decimal_or_null(*total) : "null");
    out += R"(,"cost_unknown_responses":)" + std::to_string(totals.cost_unknown_responses());
    out += R"(,"unpriced_responses":)" + std::to_string(totals.events_without_cost);
    out += R"(,"silent_responses":)" + std::to_string(totals.silent_responses);
    out += R"(,"usage_records":)" + std::to_string(totals.usage_records);
    return out + '}';
  }

  Result<void> from_json(std::string_view state) override {
    CostProjection read;
    StateReader members{state};
    members.integer("responses", read.responses_);
    members.decimal("cost_usd", read.totals_.cost_usd);
    members.decimal("cost_computed_usd", read.totals_.cost_computed_usd);
    members.integer("unpriced_responses", read.totals_.events_without_cost);
    members.integer("silent_responses", read.totals_.silent_responses);
    members.integer("usage_records", read.totals_.usage_records);
    if (!members.sound()) return fail(Code::corrupt, "this is no state of the projection cost");
    *this = std::move(read);
    return {};
  }

  std::span<const FoldNote> notes() const override { return notes_.all(); }

 private:
  Totals counted() const {
    Totals all = totals_;
    // A sum that overflows keeps what it came to before.
    (void)told_.settle([&](const CountedResponse& response) {
      return all.add_use(llm_response, response.at, response.usage, Prices::standard());
    });
    return all;
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
