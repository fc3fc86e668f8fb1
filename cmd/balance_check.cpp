#include "cmd/balance_check.hpp"

#include <utility>

#include "agentstore/bisect.hpp"
#include "agentstore/expression.hpp"
#include "agentstore/fields.hpp"
#include "agentstore/json.hpp"
#include "agentstore/views.hpp"
#include "cmd/views.hpp"
#include "formats/summary.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t summary_columns = 60;

/// The first event after which the expression is true no more, and the values there.
class Guard {
 public:
  Guard(Expression expression, const std::optional<std::string>& asset)
      : expression_{std::move(expression)}, asset_{asset} {}

  Result<bool> operator()(std::uint64_t sequence_number, std::span<const std::string> states) {
    const std::string state = joined_states(states);
    const std::string of_asset = asset_ ? balance_of_asset(state) : std::string{};
    std::vector<std::optional<std::string_view>> values;
    for (const std::string& name : expression_.names())
      values.push_back(asset_ && name == "balance" ? of_asset : find_field(state, name));
    const auto holds = expression_.is_true(values);
    if (!holds) return holds;
    if (!broken_at_ && !*holds) used_ = expression_.used();
    if (!broken_at_ && held_ && !*holds) broken_at_ = sequence_number;
    held_ = held_ || *holds;
    return holds;
  }

  bool failed() const { return broken_at_ || !held_; }
  std::optional<std::uint64_t> broken_at() const { return broken_at_; }

  std::string message() const {
    const std::string values = used_.empty() ? "" : " (" + used_ + ")";
    return "not true: " + expression_.text() + values +
           (broken_at_ ? ": broken by " : ", at no event");
  }

 private:
  std::string balance_of_asset(const std::string& state) const {
    const auto assets = json::find(state, "by_asset");
    const auto amount = assets ? json::find(*assets, *asset_) : std::nullopt;
    return std::string{amount.value_or("0")};
  }

  Expression expression_;
  const std::optional<std::string>& asset_;
  bool held_ = false;
  std::optional<std::uint64_t> broken_at_;
  std::string used_;
};

/// "#7 2026-02-28 20:00:00  BetPlaced 340.55"
Result<std::string> describe(const History& history, std::uint64_t sequence_number) {
  std::string text = "#" + std::to_string(sequence_number);
  const auto reader =
      history.read({.filter = {.from_seq = sequence_number, .to_seq = sequence_number}});
  if (!reader) return std::unexpected{reader.error()};
  const auto batch = (*reader)->next();
  if (!batch) return std::unexpected{batch.error()};
  if (batch->empty()) return text;
  const EventView& event = batch->front();
  return text + ' ' + format_rfc3339_short(event.timestamp) + ' ' + std::string{event.type} + ' ' +
         formats::summary(event, summary_columns);
}

Result<int> check_one(Context& context, const History& history, const BalanceCheck& check,
                      const std::string& text) {
  auto expression = Expression::parse(text);
  if (!expression) return std::unexpected{expression.error()};
  const auto views = projections_with(expression->names());
  if (!views) return std::unexpected{views.error()};
  const auto projections = factories_of(*views, check.ledger);
  if (!projections) return std::unexpected{projections.error()};
  const EventSource source = [&](ReadOptions options) {
    options.filter = filter_of(check.point);
    return history.read(std::move(options));
  };
  Guard guard{std::move(*expression), check.asset};
  const auto flips =
      find_flips(source, history.session_id, *projections, std::ref(guard), check.on_corrupt);
  if (!flips) return std::unexpected{flips.error()};
  if (!guard.failed()) return Status::fine;
  std::string message = guard.message();
  if (guard.broken_at()) {
    const auto event = describe(history, *guard.broken_at());
    if (!event) return std::unexpected{event.error()};
    message += *event;
  }
  return context.find(message + " of session " + history.session_id);
}

std::unexpected<Error> under_flag(Error error) {
  error.message = "--assert: " + error.message;
  return std::unexpected{std::move(error)};
}

}  // namespace

Result<void> check_assertions(const std::vector<std::string>& assertions) {
  for (const std::string& text : assertions) {
    const auto expression = Expression::parse(text);
    if (!expression) return under_flag(expression.error());
    if (const auto views = projections_with(expression->names()); !views)
      return under_flag(views.error());
  }
  return {};
}

Result<int> check_balance(Context& context, Selector& selector, const Chosen& chosen,
                          const BalanceCheck& check) {
  const auto history = history_of(selector, chosen);
  if (!history) return std::unexpected{history.error()};
  int status = Status::fine;
  for (const std::string& text : check.assertions) {
    const auto checked = check_one(context, *history, check, text);
    if (!checked) return under_flag(checked.error());
    if (*checked != Status::fine) status = *checked;
  }
  return status;
}

}  // namespace agentstore::cmd
