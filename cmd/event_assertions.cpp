#include "cmd/event_assertions.hpp"

#include <optional>
#include <string_view>
#include <utility>

#include "agentstore/expression.hpp"
#include "cmd/time_limit.hpp"
#include "cmd/where.hpp"

namespace agentstore::cmd {

struct EventAssertions::Seen {
  struct Assertion {
    Expression expression;
    std::vector<bool> met = {};  // of its names
    bool reads_payloads = false;
    std::uint64_t failures = 0;
    std::string first_failure = {};
  };

  std::vector<Assertion> assertions;
  std::uint64_t redacted = 0;
  std::uint64_t unanswered = 0;
  std::string first_unanswered;

  void see(const EventView& event) {
    for (Assertion& one : assertions) see(event, one);
  }

 private:
  void see(const EventView& event, Assertion& one) {
    if (event.redacted_by != 0 && one.reads_payloads) {
      ++redacted;
      return;
    }
    const auto names = one.expression.names();
    std::vector<std::optional<std::string>> texts(names.size());
    std::vector<std::optional<std::string_view>> values(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      texts[i] = event_field(event, names[i]);
      values[i] = texts[i];
      if (texts[i]) one.met[i] = true;
    }
    const LimitedWork limited{"--assert"};
    const auto holds = one.expression.is_true(values);
    const std::string place = "#" + std::to_string(event.sequence_number) + " of session " +
                              std::string{event.session_id};
    if (!holds) {
      if (unanswered++ == 0) first_unanswered = place + ": " + holds.error().message;
    } else if (!*holds && one.failures++ == 0) {
      one.first_failure = place;
      if (const std::string used = one.expression.used(); !used.empty())
        one.first_failure += " (" + used + ")";
      // NULL is neither true nor false; it must not pass for want of a value.
      if (one.expression.was_null()) one.first_failure += ": it is NULL";
    }
  }
};

Result<EventAssertions> EventAssertions::parse(const std::vector<std::string>& texts) {
  EventAssertions asked;
  if (texts.empty()) return asked;
  asked.seen_ = std::make_shared<Seen>();
  for (const std::string& text : texts) {
    auto expression = Expression::parse(text);
    if (!expression) {
      expression.error().message = "--assert: " + expression.error().message;
      return std::unexpected{expression.error()};
    }
    Seen::Assertion one{.expression = std::move(*expression)};
    for (const std::string& name : one.expression.names())
      one.reads_payloads = one.reads_payloads || reads_payload(name);
    one.met.resize(one.expression.names().size());
    asked.seen_->assertions.push_back(std::move(one));
  }
  return asked;
}

void EventAssertions::watch(Filter& filter) const {
  if (!seen_) return;
  filter.predicate = [seen = seen_, inner = std::move(filter.predicate)](const EventView& event) {
    if (inner && !inner(event)) return false;
    seen->see(event);
    return true;
  };
}

bool EventAssertions::tell(Context& context, Gate& gate) const {
  if (!seen_) return true;
  gate.lacks_payloads(seen_->redacted);
  if (seen_->unanswered > 0)
    gate.lacks({"--assert: " + seen_->first_unanswered}, seen_->unanswered);
  bool held = true;
  for (const Seen::Assertion& one : seen_->assertions) {
    bool all_met = true;
    for (std::size_t i = 0; i < one.met.size(); ++i) {
      if (one.met[i]) continue;
      all_met = false;
      gate.unmatched("no event has " + in_quotes(one.expression.names()[i]),
                     nearest_field(one.expression.names()[i]));
    }
    if (!all_met || one.failures == 0) continue;
    held = false;
    context.find(
        "not true of " + one.first_failure +
        (one.failures == 1 ? "" : ", and of " + std::to_string(one.failures - 1) + " more") + ": " +
        one.expression.text());
  }
  return held;
}

}  // namespace agentstore::cmd
