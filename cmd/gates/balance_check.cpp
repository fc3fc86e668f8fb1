#include "cmd/gates/balance_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agentstore/analysis/fields.hpp"
#include "agentstore/analysis/views.hpp"
#include "agentstore/json.hpp"
#include "cmd/gates/unmet_asset.hpp"
#include "cmd/input/find_event.hpp"
#include "cmd/input/folds.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/input/views.hpp"
#include "cmd/words/quoted_names.hpp"
#include "formats/events/summary.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t summary_columns = 60;

/// The first event after which the condition is met no more, and the values there.
class Guard {
 public:
  Guard(Assertion& assertion, const std::optional<std::string>& asset)
      : assertion_{assertion}, asset_{asset} {}

  /// Asked of the state after an event; 0: before the first.
  Result<void> ask(std::uint64_t sequence_number, const std::string& state) {
    if (broken_at_) return {};
    const std::string of_asset = asset_ ? balance_of_asset(state) : std::string{};
    std::vector<std::optional<std::string_view>> values;
    for (const std::string& name : assertion_.names())
      values.push_back(asset_ && name == "balance" ? of_asset : value_of(state, name));
    auto met = assertion_.is_met(values);
    if (!met) {
      met.error().message += fmt::format(", after #{}", sequence_number);
      return std::unexpected{met.error()};
    }
    if (!*met) failure_ = assertion_.failure();
    if (held_ && !*met) broken_at_ = sequence_number;
    held_ = held_ || *met;
    return {};
  }

  bool failed() const { return broken_at_ || !held_; }
  std::optional<std::uint64_t> broken_at() const { return broken_at_; }

  /// What was not met there.
  const std::string& failure() const { return failure_; }

 private:
  std::string balance_of_asset(const std::string& state) const {
    const auto assets = json::find(state, "by_asset");
    const auto amount = assets ? json::find(*assets, *asset_) : std::nullopt;
    return std::string{amount.value_or("0")};
  }

  Assertion& assertion_;
  const std::optional<std::string>& asset_;
  bool held_ = false;
  std::optional<std::uint64_t> broken_at_;
  std::string failure_;
};

/// "#7 2026-02-28T20:00:00Z BetPlaced 340.55"
Result<std::string> describe(const History& history, std::uint64_t sequence_number,
                             OnCorrupt on_corrupt) {
  std::string text = fmt::format("#{}", sequence_number);
  const auto found = read_event(history, sequence_number, on_corrupt);
  if (!found) return std::unexpected{found.error()};
  if (!*found) return text;
  const EventView event = (*found)->view();
  return text + ' ' + format_rfc3339_short(event.timestamp) + ' ' + std::string{event.type} + ' ' +
         formats::summary(event, summary_columns);
}

/// Folds what the assertions read, and asks them: before the first event and after each, or at the
/// end. Gives what the folds noticed.
Result<std::vector<FoldNote>> ask_all(std::span<Guard> guards, const History& history,
                                      const BalanceCheck& check) {
  std::vector<std::string> names;
  for (const Assertion& one : check.assertions)
    names.insert(names.end(), one.names().begin(), one.names().end());
  const auto views = projections_with(names);
  if (!views) return std::unexpected{views.error()};
  const auto projections = factories_of(*views, check.ledger, history.labels);
  if (!projections) return std::unexpected{projections.error()};
  ProjectionGroup fold{*projections, history.session_id};
  const auto ask = [&](std::uint64_t sequence_number) -> Result<void> {
    const std::string state = fold.state();
    for (Guard& guard : guards)
      if (auto asked = guard.ask(sequence_number, state); !asked) return asked;
    return {};
  };
  if (!check.at_point)
    if (auto asked = ask(0); !asked) return std::unexpected{asked.error()};
  std::uint64_t last = 0;
  const auto read =
      for_each_event(history.read, {.filter = check.filter, .on_corrupt = check.on_corrupt},
                     [&](const EventView& event) -> Result<void> {
                       if (auto applied = fold.apply(event); !applied) return applied;
                       last = event.sequence_number;
                       return check.at_point ? Result<void>{} : ask(last);
                     });
  if (!read) return std::unexpected{read.error()};
  if (check.at_point)
    if (auto asked = ask(last); !asked) return std::unexpected{asked.error()};
  return fold.notes();
}

/// The notes that were not told yet.
std::vector<FoldNote> news(std::vector<FoldNote> notes, std::span<const FoldNote> told) {
  std::erase_if(notes, [&](const FoldNote& note) {
    return std::ranges::any_of(told, [&](const FoldNote& old) {
      return old.sequence_number == note.sequence_number && old.message == note.message;
    });
  });
  return notes;
}

/// `balance` is of one asset, that of --asset or the only one.
Result<void> check_use(const BalanceCheck& check) {
  if (check.asset) return {};
  for (const Assertion& assertion : check.assertions) {
    auto one = check_names(assertion.names(), check.assets);
    if (one) continue;
    one.error().hint += ", or choose with --asset";
    return assertion.error(one.error());
  }
  return {};
}

}  // namespace

Result<std::vector<Assertion>> parse_assertions(const std::vector<Condition>& conditions) {
  std::vector<Assertion> assertions;
  for (const Condition& condition : conditions) {
    auto one = Assertion::parse(condition);
    if (!one) return std::unexpected{one.error()};
    if (const auto views = projections_with(one->names()); !views)
      return one->error(with_quotes_hint(views.error(), one->names(), condition.text));
    assertions.push_back(std::move(*one));
  }
  return assertions;
}

Result<BalanceChecked> check_balance(Context& context, const Input& input,
                                     const BalanceCheck& check) {
  if (auto use = check_use(check); !use) return std::unexpected{use.error()};
  const auto history = input.history();
  if (!history) return std::unexpected{with_advice(history.error(), input)};
  std::vector<Guard> guards;
  for (Assertion& one : check.assertions) guards.emplace_back(one, check.asset);
  auto noticed = ask_all(guards, *history, check);
  if (!noticed) return std::unexpected{with_advice(noticed.error(), input)};
  BalanceChecked checked{
      .status = tell_notes(context, news(std::move(*noticed), check.told), Status::fine),
      .unjudged = {}};
  for (std::size_t i = 0; i < guards.size(); ++i) {
    checked.unjudged.push_back(why_unmet(check.assertions[i].names(), check.assets, check.asset));
    const Guard& guard = guards[i];
    if (!guard.failed() || !checked.unjudged.back().empty()) continue;
    std::string where =
        check.at_point ? fmt::format(", as of #{}", check.filter.to_seq) : ", at no event";
    if (guard.broken_at()) {
      const auto event = describe(*history, *guard.broken_at(), check.on_corrupt);
      if (!event) return std::unexpected{event.error()};
      where = ": broken by " + *event;
    }
    const int found = context.find(guard.failure() + where + " of session " + history->session_id);
    if (checked.status == Status::fine) checked.status = found;
  }
  return checked;
}

}  // namespace agentstore::cmd
