#include "formats/answers/balance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agentstore/analysis/views.hpp"
#include "agentstore/json.hpp"
#include "cmd/commands.hpp"
#include "cmd/gates/balance_check.hpp"
#include "cmd/gates/gate.hpp"
#include "cmd/gates/unmatched.hpp"
#include "cmd/input/folds.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/input/rules_in_force.hpp"
#include "cmd/totals/register.hpp"
#include "cmd/words/points.hpp"

namespace agentstore::cmd {
namespace {

using formats::BalanceAnswer;
using formats::BalanceRegister;

/// What was asked, read.
struct Asked {
  BalanceCommand options;
  Point point;
  OnCorrupt on_corrupt = OnCorrupt::strict;
  std::optional<Each> each;
  std::vector<Assertion> assertions;
};

Result<Asked> read_options(const BalanceCommand& options, const Zone& zone) {
  Asked asked{.options = options, .point = {}, .each = std::nullopt, .assertions = {}};
  if (options.all_sessions == !options.session.empty())
    return fail(Code::invalid,
                options.all_sessions ? "--all and a session are given" : "no session is named",
                options.all_sessions ? "give one of them"
                                     : "give its id or name, or @ for the newest, or --all; "
                                       "`agentstore sessions` lists what is "
                                       "there");
  if (options.all_sessions && (options.each || options.point.sequence))
    return fail(Code::invalid, "--each and --seq go with one session");
  auto assertions = parse_assertions(options.assertions);
  if (!assertions) return std::unexpected{assertions.error()};
  asked.assertions = std::move(*assertions);
  const auto point = read_point(asked.options.point, zone);
  if (!point) return std::unexpected{point.error()};
  const auto on_corrupt = parse_on_corrupt(options.on_corrupt);
  if (!on_corrupt) return std::unexpected{on_corrupt.error()};
  if (options.each) {
    const auto each = parse_each(*options.each);
    if (!each) return std::unexpected{each.error()};
    asked.each = *each;
  }
  asked.point = *point;
  asked.on_corrupt = *on_corrupt;
  return asked;
}

/// That of the one asset; nothing where there are several, or none.
std::optional<Decimal> balance_of(const formats::Holdings& by_asset) {
  if (by_asset.size() != 1) return std::nullopt;
  return by_asset.begin()->second;
}

/// The state of the projection `balance` is JSON that it wrote itself.
formats::Holdings holdings_in(std::string_view state, const std::optional<std::string>& only) {
  formats::Holdings holdings;
  for (json::Walk walk{*json::find(state, "by_asset")}; walk.next();) {
    const std::string asset = json::text_of(walk.key());
    if (!only || *only == asset) holdings[asset] = Decimal::parse(walk.value()).value_or(Decimal{});
  }
  return holdings;
}

class Balances {
 public:
  Balances(Context& context, Asked asked)
      : context_{context},
        asked_{std::move(asked)},
        selector_{context},
        gate_{context,
              {.decides = !asked_.assertions.empty(),
               .on_corrupt = asked_.on_corrupt,
               .allow_empty = asked_.options.allow_empty}} {}

  int run() { return asked_.options.all_sessions ? all_sessions() : one_session(); }

 private:
  Result<BalanceAnswer> fold(const Input& input, const Ledger& ledger) {
    const auto make = projection_named("balance", ledger);
    if (!make) return std::unexpected{make.error()};
    const auto folded = fold_at(input, *make, asked_.point, asked_.on_corrupt);
    if (!folded) return std::unexpected{folded.error()};
    const State state = folded->state();
    gate_.read(state.report);
    gate_.folded(state.notes, asked_.options.all_sessions ? state.session_id + ": " : "");
    gate_.count(state.last_sequence_number);
    BalanceAnswer answer{.session = input.session(),
                         .last_sequence_number = state.last_sequence_number,
                         .events = std::nullopt,
                         .balance = std::nullopt,
                         .by_asset = holdings_in(state.json, asked_.options.asset),
                         .incomplete = incomplete_of(state.report, state.notes),
                         .asset = asked_.options.asset};
    answer.session.id = state.session_id;
    answer.balance = balance_of(answer.by_asset);
    counted_to_ = state.last_sequence_number;
    assets_ = assets_in(state.json);
    notes_ = state.notes;
    return answer;
  }

  static BalanceAnswer not_known(const Session& session, const std::string& why) {
    return {.session = session,
            .last_sequence_number = 0,
            .events = std::nullopt,
            .balance = std::nullopt,
            .by_asset = {},
            .incomplete = {},
            .error = why};
  }

  int one_session() {
    const auto chosen = selector_.choose(asked_.options.session);
    if (!chosen) return context_.refuse(chosen.error());
    if (auto taken = take_point((*chosen)->point(), asked_.point); !taken)
      return context_.refuse(taken.error());
    const auto ledger = choose_ledger(context_, **chosen, asked_.options.ledger);
    if (!ledger) return context_.refuse(ledger.error());
    gate_.lacks_files(selector_.unreadable());
    auto answer = fold(**chosen, *ledger);
    if (!answer) return context_.refuse(answer.error());
    if (auto checked = check(**chosen, *ledger); !checked) return context_.refuse(checked.error());
    tell_unjudged();
    answer->events = (*chosen)->event_count();
    note_unmet(*answer);
    answer->rules = tell_rules(context_, (*chosen)->of_store(), By::ledger);
    context_.start_pager();
    if (asked_.each) {
      if (auto written = write_rows(**chosen, *ledger, *answer); !written)
        return context_.finish(context_.refuse(with_advice(written.error(), **chosen)));
    } else if (context_.common.json) {
      formats::write_balance_json(context_.out, *answer, asked_.point);
    } else {
      formats::write_balance_text(context_.out, *answer, asked_.point, context_.screen());
    }
    return context_.finish(gate_.status(held_));
  }

  /// An asset that no event named may be a slip.
  void note_unmet(const BalanceAnswer& answer) {
    const auto& asset = asked_.options.asset;
    // Where an assertion could not be asked for it, that was said.
    const bool told = std::ranges::any_of(unjudged_, [](const auto& why) { return !why.empty(); });
    if (!asset || !answer.by_asset.empty() || told) return;
    gate_.unmatched(
        fmt::format("no event up to #{} moves {}", answer.last_sequence_number, in_quotes(*asset)),
        did_you_mean(*asset, assets_));
  }

  /// The events that are in the answer: others may have come since.
  Filter counted() const {
    Filter filter = filter_of(asked_.point);
    filter.to_seq = std::min(filter.to_seq, counted_to_);
    return filter;
  }

  /// Reads again, from the first event, what the answer was folded from.
  Result<void> write_rows(const Input& input, const Ledger& ledger, const BalanceAnswer& answer) {
    const auto reader = input.read({.filter = counted(), .on_corrupt = asked_.on_corrupt});
    if (!reader) return std::unexpected{reader.error()};
    using Format = BalanceRegister::Format;
    BalanceRegister rows{context_.out,      context_.common.json ? Format::json : Format::text,
                         context_.screen(), answer,
                         asked_.point,      *asked_.each != Each::event};
    auto written = write_register(**reader,
                                  {.ledger = ledger,
                                   .each = *asked_.each,
                                   .asset = asked_.options.asset,
                                   .zone = context_.zone},
                                  rows, [&] { return !context_.out.done(); });
    if (written) rows.end();
    return written;
  }

  int all_sessions() {
    auto sessions = selector_.all();
    if (!sessions) return context_.refuse(sessions.error());
    selector_.count_once(*sessions);
    formats::BalanceSum sum;
    gate_.lacks_files(selector_.unreadable());
    sum.incomplete = gate_.incomplete();
    for (const auto& one : *sessions) {
      // Of several stores each has its own.
      const auto ledger = choose_ledger(context_, *one, asked_.options.ledger);
      if (!ledger) return context_.refuse(ledger.error());
      auto answer = fold(*one, *ledger);
      if (!answer) {
        gate_.failed(answer.error());
        sum.sessions.push_back(not_known(one->session(), answer.error().message));
        continue;
      }
      if (auto added = add(sum, *answer); !added) return context_.refuse(added.error());
      if (auto checked = check(*one, *ledger); !checked) return context_.refuse(checked.error());
      sum.sessions.push_back(std::move(*answer));
    }
    sum.balance = balance_of(sum.by_asset);
    sum.rules = tell_rules(context_, true, By::ledger);
    tell_unjudged();
    context_.start_pager();
    if (context_.common.json) formats::write_balance_json(context_.out, sum, asked_.point);
    else formats::write_balance_text(context_.out, sum, context_.screen());
    return context_.finish(gate_.status(held_));
  }

  /// Holds what the answer was folded from to the assertions.
  Result<void> check(const Input& input, const Ledger& ledger) {
    if (asked_.assertions.empty()) return {};
    const auto checked = check_balance(context_, input,
                                       {.assertions = asked_.assertions,
                                        .ledger = ledger,
                                        .filter = counted(),
                                        .at_point = !asked_.point.is_now(),
                                        .assets = assets_,
                                        .asset = asked_.options.asset,
                                        .told = notes_,
                                        .on_corrupt = asked_.on_corrupt});
    if (!checked) return std::unexpected{checked.error()};
    held_ = held_ && checked->status == Status::fine;
    if (unjudged_.empty()) unjudged_ = checked->unjudged;
    for (std::size_t i = 0; i < unjudged_.size(); ++i)
      if (checked->unjudged[i].empty()) unjudged_[i].clear();
    return {};
  }

  /// An assertion that no session could be asked did not hold.
  void tell_unjudged() {
    for (std::size_t i = 0; i < unjudged_.size(); ++i) {
      if (unjudged_[i].empty()) continue;
      const Condition& condition = asked_.assertions[i].condition();
      context_.warn(std::string{condition.flag()} + ": not judged: " + condition.text + ": " +
                    unjudged_[i]);
      gate_.nothing_to_judge();
    }
  }

  static Result<void> add(formats::BalanceSum& sum, const BalanceAnswer& answer) {
    for (const auto& [asset, amount] : answer.by_asset) {
      Decimal& total = sum.by_asset[asset];
      const auto added = total.plus(amount);
      if (!added)
        return fail(Code::overflow, "session " + answer.session.id + ": " + added.error().message);
      total = *added;
    }
    return {};
  }

  Context& context_;
  Asked asked_;
  Selector selector_;
  std::uint64_t counted_to_ = 0;       ///< the last event that is in the answer
  std::vector<std::string> assets_;    ///< all that the session last folded has
  std::vector<std::string> unjudged_;  ///< of each assertion, why no session could be asked it
  std::vector<FoldNote> notes_;        ///< what the fold of it noticed
  bool held_ = true;                   ///< the assertions
  Gate gate_;
};

}  // namespace

int run(Context& context, const BalanceCommand& options) {
  auto asked = read_options(options, context.zone);
  if (!asked) return context.refuse(asked.error());
  return Balances{context, std::move(*asked)}.run();
}

}  // namespace agentstore::cmd
