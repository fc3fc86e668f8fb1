#include "cmd/gates/event_assertions.hpp"

#include <fmt/format.h>

#include <utility>

#include "cmd/words/assertions.hpp"
#include "cmd/words/where.hpp"

namespace agentstore::cmd {

struct EventAssertions::Seen {
  struct Assertion {
    Condition condition;
    EventQuestion question;
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
    if (event.redacted_by != 0 && one.question.reads_payloads) {
      ++redacted;
      return;
    }
    const Expression& expression = one.question.expression;
    const auto is_true = one.question.is_true_of(event);
    const std::string place =
        fmt::format("#{} of session {}", event.sequence_number, event.session_id);
    if (!is_true) {
      if (unanswered++ == 0)
        first_unanswered =
            std::string{one.question.flag} + ": " + place + ": " + is_true.error().message;
    } else if (!is_met(one.condition, expression, *is_true) && one.failures++ == 0) {
      one.first_failure = std::string{fault(one.condition, expression)} + " of " + place;
      if (const std::string used = expression.used(); !used.empty())
        one.first_failure += " (" + used + ")";
      // NULL is neither true nor false; it must not pass for want of a value.
      if (expression.was_null()) one.first_failure += ": it is NULL";
    }
  }
};

Result<EventAssertions> EventAssertions::parse(const std::vector<Condition>& conditions) {
  EventAssertions asked;
  if (conditions.empty()) return asked;
  asked.seen_ = std::make_shared<Seen>();
  for (const Condition& one : conditions) {
    auto question = EventQuestion::parse(one.text, one.flag());
    if (!question) return std::unexpected{question.error()};
    asked.seen_->assertions.push_back({.condition = one, .question = std::move(*question)});
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
  if (seen_->unanswered > 0) gate.lacks({seen_->first_unanswered}, seen_->unanswered);
  bool held = true;
  for (const Seen::Assertion& one : seen_->assertions) {
    const auto unmet = one.question.unmet();
    for (const std::string& name : unmet)
      gate.unmatched("no event has " + in_quotes(name),
                     nearest_field(name, one.question.expression.text()));
    if (!unmet.empty() || one.failures == 0) continue;
    held = false;
    context.find(one.first_failure +
                 (one.failures == 1 ? "" : fmt::format(", and of {} more", one.failures - 1)) +
                 ": " + one.question.expression.text());
  }
  return held;
}

}  // namespace agentstore::cmd
