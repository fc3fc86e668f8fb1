#include "formats/events/summary.hpp"

#include "agentstore/analysis/kinds.hpp"
#include "agentstore/analysis/stats.hpp"
#include "agentstore/json.hpp"
#include "formats/events/fields.hpp"
#include "formats/events/parts.hpp"
#include "formats/events/summaries.hpp"
#include "formats/events/values.hpp"
#include "formats/events/words.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

void add_message(Line& line, const EventView& event, std::size_t columns) {
  const Line::Place start = line.end();
  Parts parts{line, columns};
  const auto role = Fields{event.payload}.find({"role"});
  if (role && *role != R"("user")") {
    parts.add([&](std::size_t) {
      add_value(line, *role, columns);
      line.add(":");
    });
  }
  bool found = false;
  parts.add([&](std::size_t left) { found = add_words(line, event.payload, left); });
  if (found) parts.end();
  else line.go_back(start);
}

void add_step(Line& line, json::Value step, std::size_t columns) {
  if (json::kind_of(step) == json::Kind::object) {
    const auto name = Fields{step}.find(
        {"tool", "name", "title", "step", "action", "description", "content", "text"});
    if (name) step = *name;
  }
  line.add_text_of(step, columns);
}

void add_steps(Line& line, const json::Value& steps, std::size_t columns) {
  const Line::Place start = line.end();
  line.add(counted(count_of(steps), "step"));
  std::string_view glue = ": ";
  for (json::Walk walk{steps}; line.columns_since(start) <= columns && walk.next();) {
    line.add(glue);
    add_step(line, walk.value(), columns);
    glue = ", ";
  }
  line.cut(start, columns);
}

void add_plan(Line& line, const EventView& event, std::size_t columns) {
  auto plan = Fields{event.payload}.find({"steps", "plan", "tasks", "todos"});
  if (plan && json::kind_of(*plan) == json::Kind::object) {
    plan = Fields{*plan}.find({"steps", "tasks", "todos"});
  }
  if (!plan) return;
  if (json::kind_of(*plan) == json::Kind::array) add_steps(line, *plan, columns);
  else add_value(line, *plan, columns);
}

void add_keys(Line& line, const EventView& event, std::size_t columns) {
  if (json::kind_of(event.payload) != json::Kind::object) return;
  const Line::Place start = line.end();
  for (json::Walk walk{event.payload}; line.columns_since(start) <= columns && walk.next();) {
    if (!line.is_at(start)) line.add(", ");
    line.add_text_of(walk.key(), columns);
  }
  line.cut(start, columns);
}

void add_subject(Line& line, const Fields& payload, std::size_t columns) {
  const Line::Place start = line.end();
  for (const std::string_view name : {"game", "bet_id", "tx_id", "reason"}) {
    const auto value = payload.find({name});
    if (!value) continue;
    if (!line.is_at(start)) line.add_blanks(1);
    line.add_text_of(*value, columns);
  }
  line.cut(start, columns);
}

// Whatever the type: an amount is what a person looks for.
void add_payment(Line& line, const EventView& event, std::size_t columns) {
  const Fields payload{event.payload};
  const auto amount = payload.find({"amount"});
  const auto fee = payload.find({"fee"});
  const bool charge = event.type == "FeeCharged" && fee;
  if (!amount && !charge) return;
  Parts parts{line, columns};
  parts.add([&](std::size_t) {
    add_money(line, charge ? *fee : *amount, columns);
    const auto asset = payload.find({"asset", "currency"});
    if (!asset) return;
    line.add_blanks(1);
    line.add_text_of(*asset, columns);
  });
  if (fee && !charge) {
    parts.add([&](std::size_t left) {
      line.add("fee ");
      add_money(line, *fee, left);
    });
  }
  parts.add([&](std::size_t) { add_subject(line, payload, columns); });
  parts.end();
}

// The store's own events: what was done to the log, and why.
void add_own(Line& line, const EventView& event, std::size_t columns) {
  const Fields payload{event.payload};
  Parts parts{line, columns};
  if (const auto number = payload.find({"sequence_number"})) {
    parts.add([&](std::size_t) {
      line.add("#");
      line.add_printable(*number, columns);
    });
  }
  for (const std::string_view count : {"bytes", "events"}) {
    const auto value = payload.find({count});
    if (!value) continue;
    parts.add([&](std::size_t) {
      line.add_printable(*value, columns);
      line.add_blanks(1);
      line.add(count);
    });
  }
  if (const auto reason = payload.find({"reason"}))
    parts.add([&](std::size_t left) { add_quoted(line, *reason, left); });
  parts.end();
}

void add_special(Line& line, const EventView& event, std::size_t columns, bool tool_failed) {
  if (is_llm_event(event.type)) return add_llm_turn(line, event, columns);
  if (event.type == state_updated) return add_keys(line, event, columns);
  if (event.type.starts_with("agentstore.")) return add_own(line, event, columns);
  switch (kind_of_type(event.type)) {
    case EventKind::message:
    case EventKind::answer: return add_message(line, event, columns);
    case EventKind::plan: return add_plan(line, event, columns);
    case EventKind::call: return add_tool_call(line, event, columns);
    case EventKind::result: return add_tool_result(line, event, columns, tool_failed);
    case EventKind::error: return add_failure(line, event.payload, columns);
    default: return add_payment(line, event, columns);
  }
}

}  // namespace

std::string payment_subject(const EventView& event, std::size_t columns) {
  Line line;
  add_subject(line, Fields{event.payload}, columns);
  return std::string{line.text()};
}

void add_record(Line& line, const json::Value& record, std::size_t columns) {
  const bool holds =
      json::kind_of(record) == json::Kind::object || json::kind_of(record) == json::Kind::array;
  if (!holds) line.add_printable(record, columns);
  else line.add_printable(record_words(record, columns * 4 + 16), columns);
}

void add_failure(Line& line, const json::Value& failure, std::size_t columns) {
  if (json::kind_of(failure) != json::Kind::object) {
    line.add_text_of(failure, columns);
    return;
  }
  const Fields fields{failure};
  auto code = fields.find({"code", "status", "error_code", "status_code"});
  auto message = fields.find({"message", "error", "reason", "detail", "text", "stderr"});
  if (message && json::kind_of(*message) == json::Kind::object) {
    const Fields inner{*message};
    if (!code) code = inner.find({"code", "type", "status"});
    if (const auto text = inner.find({"message", "reason", "detail"})) message = text;
    else if (count_of(*message) == 0) message.reset();
  }
  const Line::Place start = line.end();
  if (code) line.add_text_of(*code, columns);
  if (code && message) line.add_blanks(1);
  if (message && json::kind_of(*message) == json::Kind::object) add_record(line, *message, columns);
  else if (message) line.add_text_of(*message, columns);
  if (!code && !message) add_record(line, failure, columns);
  line.cut(start, columns);
}

void add_summary(Line& line, const EventView& event, std::size_t columns, bool tool_failed) {
  const Line::Place start = line.end();
  if (event.redacted_by != 0) {
    line.add("(redacted by #");
    line.add_number(event.redacted_by);
    line.add(")");
    line.cut(start, columns);
    return;
  }
  if (event.payload.empty()) return;
  add_special(line, event, columns, tool_failed);
  if (line.is_at(start)) add_record(line, event.payload, columns);
}

std::string summary(const EventView& event, std::size_t columns) {
  Line line;
  add_summary(line, event, columns, is_tool_error(event));
  return std::string{line.text()};
}

}  // namespace agentstore::formats
