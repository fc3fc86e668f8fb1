#include "formats/summary.hpp"

#include <fmt/format.h>

#include "agentstore/json.hpp"
#include "formats/fields.hpp"
#include "formats/parts.hpp"
#include "formats/summaries.hpp"
#include "formats/units.hpp"

namespace agentstore::formats {
namespace {

std::string message_summary(const EventView& event, std::size_t columns) {
  const std::string words = words_of(event.payload, columns);
  if (words.empty()) return {};
  Parts parts{columns};
  const auto role = Fields{event.payload}.find({"role"});
  if (role && *role != R"("user")") parts.add(value_text(*role, columns) + ":");
  parts.add(quoted_text(words, parts.left()));
  return parts.text();
}

std::string step_text(std::string_view step, std::size_t columns) {
  if (json::kind_of(step) == json::Kind::object) {
    const auto name = Fields{step}.find(
        {"tool", "name", "title", "step", "action", "description", "content", "text"});
    if (name) step = *name;
  }
  return printable_cut(text_head(step, columns), columns);
}

std::string steps_text(std::string_view steps, std::size_t columns) {
  std::size_t count = 0;
  std::string names;
  for (json::Walk walk{steps}; walk.next(); ++count) {
    if (display_width(names) > columns) continue;
    names += (count == 0 ? ": " : ", ") + step_text(walk.value(), columns);
  }
  return cut(counted(count, "step") + names, columns);
}

std::string plan_summary(const EventView& event, std::size_t columns) {
  auto plan = Fields{event.payload}.find({"steps", "plan", "tasks", "todos"});
  if (plan && json::kind_of(*plan) == json::Kind::object) {
    plan = Fields{*plan}.find({"steps", "tasks", "todos"});
  }
  if (!plan) return {};
  const bool list = json::kind_of(*plan) == json::Kind::array;
  return list ? steps_text(*plan, columns) : value_text(*plan, columns);
}

std::string keys_summary(const EventView& event, std::size_t columns) {
  std::string keys;
  if (json::kind_of(event.payload) != json::Kind::object) return {};
  for (json::Walk walk{event.payload}; display_width(keys) <= columns && walk.next();) {
    if (!keys.empty()) keys += ", ";
    keys += printable_cut(text_head(walk.key(), columns), columns);
  }
  return cut(keys, columns);
}

// Whatever the type: an amount is what a person looks for.
std::string payment_summary(const EventView& event, std::size_t columns) {
  const Fields payload{event.payload};
  const auto amount = payload.find({"amount"});
  const auto fee = payload.find({"fee"});
  const bool charge = event.type == "FeeCharged" && fee;
  if (!amount && !charge) return {};
  Parts parts{columns};
  std::string sum = money_text(charge ? *fee : *amount, columns);
  if (const auto asset = payload.find({"asset", "currency"})) {
    sum += ' ' + printable_cut(text_head(*asset, columns), columns);
  }
  parts.add(sum);
  if (fee && !charge) parts.add("fee " + money_text(*fee, parts.left()));
  parts.add(payment_subject(event, columns));
  return parts.text();
}

// The store's own events: what was done to the log, and why.
std::string own_summary(const EventView& event, std::size_t columns) {
  const Fields payload{event.payload};
  Parts parts{columns};
  if (const auto number = payload.find({"sequence_number"})) {
    parts.add("#" + printable_cut(*number, columns));
  }
  for (const std::string_view count : {"bytes", "events"}) {
    const auto value = payload.find({count});
    if (value) parts.add(printable_cut(*value, columns) + " " + std::string{count});
  }
  if (const auto reason = payload.find({"reason"})) {
    parts.add(quoted_text(printable_cut(text_head(*reason, columns), columns), parts.left()));
  }
  return parts.text();
}

std::string special_summary(const EventView& event, std::size_t columns) {
  const std::string_view type = event.type;
  if (type == user_message || type == "message_received" || type == "user.utterance.v1" ||
      type == "agent.utterance.v1") {
    return message_summary(event, columns);
  }
  if (type == plan_created) return plan_summary(event, columns);
  if (type == tool_called || type == "tool.call.v1") return tool_call_summary(event, columns);
  if (type == tool_result || type == "tool.result.v1") return tool_result_summary(event, columns);
  if (is_llm_event(type)) return llm_summary(event, columns);
  if (type == state_updated) return keys_summary(event, columns);
  if (type == error_event || type == "error_occurred") return failure_text(event.payload, columns);
  if (type.starts_with("agentstore.")) return own_summary(event, columns);
  return payment_summary(event, columns);
}

}  // namespace

std::string payment_subject(const EventView& event, std::size_t columns) {
  const Fields payload{event.payload};
  std::string what;
  for (const std::string_view name : {"game", "bet_id", "tx_id", "reason"}) {
    const auto value = payload.find({name});
    if (!value) continue;
    if (!what.empty()) what += ' ';
    what += printable_cut(text_head(*value, columns), columns);
  }
  return cut(what, columns);
}

std::string failure_text(std::string_view failure, std::size_t columns) {
  if (json::kind_of(failure) != json::Kind::object) {
    return printable_cut(text_head(failure, columns), columns);
  }
  const Fields fields{failure};
  auto code = fields.find({"code", "status", "error_code", "status_code"});
  auto message = fields.find({"message", "error", "reason", "detail", "text", "stderr"});
  if (message && json::kind_of(*message) == json::Kind::object) {
    const Fields inner{*message};
    if (!code) code = inner.find({"code", "type", "status"});
    if (const auto text = inner.find({"message", "reason", "detail"})) message = text;
  }
  if (!code && !message) return printable_cut(failure, columns);
  std::string text = code ? printable_cut(text_head(*code, columns), columns) : "";
  if (code && message) text += ' ';
  if (message) text += printable_cut(text_head(*message, columns), columns);
  return cut(text, columns);
}

std::string summary(const EventView& event, std::size_t columns) {
  if (event.redacted_by != 0)
    return cut(fmt::format("(redacted by #{})", event.redacted_by), columns);
  if (event.payload.empty()) return {};
  std::string text = special_summary(event, columns);
  return text.empty() ? printable_cut(event.payload, columns) : text;
}

}  // namespace agentstore::formats
