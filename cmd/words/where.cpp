#include "cmd/words/where.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>
#include <set>
#include <string_view>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/analysis/expression.hpp"
#include "agentstore/analysis/kinds.hpp"
#include "agentstore/filter.hpp"
#include "agentstore/internal/nearest.hpp"
#include "agentstore/json.hpp"
#include "cmd/time_limit.hpp"
#include "cmd/words/quoted_names.hpp"

namespace agentstore::cmd {
namespace {

// What people ask of events; for advice alone.
constexpr std::array common_names{
    "seq",
    "sequence_number",
    "type",
    "timestamp",
    "event_id",
    "session_id",
    "tokens_in",
    "tokens_out",
    "cost_usd",
    "model",
    "tool_name",
    "text",
    "tool_args",
    "file",
    "command",
    "failed",
    "cost_total_usd",
    "duration_ms",
    "payload",
    "metadata",
    "agent_id",
    "causation_id",
    "correlation_id",
    "tokens_cache_read",
    "tokens_cache_write",
    "tokens_reasoning",
    "payload_tool",
    "payload_error",
    "payload_content",
    "payload_amount",
};

using Value = std::optional<std::string>;

constexpr std::size_t tools_told_max = 1000;

constexpr std::string_view arguments_prefix = "tool_args_";

}  // namespace

bool reads_payload(std::string_view name) {
  const auto parts = event_part_names();
  return name.starts_with("payload") || name.starts_with(arguments_prefix) ||
         (std::ranges::find(parts, name) != parts.end() && name != "cost_total_usd");
}

std::string nearest_field(const std::string& name, std::string_view expression) {
  if (std::string hint = quotes_hint(name, expression); !hint.empty()) return hint;
  const std::string near =
      nearest_field_name(name, std::vector<std::string>(common_names.begin(), common_names.end()));
  return near.empty() || near == name ? "" : "did you mean " + near + "?";
}

std::optional<std::string> event_field(const EventView& event, std::string_view name) {
  const auto in = [](std::string_view object, std::string_view rest) -> Value {
    const auto found = find_field(object, rest);
    return found ? Value{std::string{*found}} : std::nullopt;
  };
  if (name == "seq" || name == "sequence_number") return std::to_string(event.sequence_number);
  if (name == "type") return json::quote(event.type);
  if (name == "timestamp") return json::quote(format_rfc3339(event.timestamp));
  if (name == "event_id")
    return event.event_id.empty() ? std::nullopt : Value{json::quote(event.event_id)};
  if (name == "session_id") return json::quote(event.session_id);
  if (name == "payload") return std::string{event.payload};
  if (name == "metadata") return std::string{event.metadata};
  for (const std::string_view prefix : {"payload_", "metadata_"})
    if (name.starts_with(prefix))
      if (auto found =
              in(prefix == "payload_" ? event.payload : event.metadata, name.substr(prefix.size())))
        return found;
  if (auto part = event_part(event, name)) return part;
  if (name.starts_with(arguments_prefix))
    if (const auto arguments = event_part(event, "tool_args"))
      if (auto found = in(*arguments, name.substr(arguments_prefix.size()))) return found;
  return in(event.metadata, name);
}

Result<EventQuestion> EventQuestion::parse(const std::string& text, const char* flag) {
  auto expression = Expression::parse(text);
  if (!expression) {
    expression.error().message = std::string{flag} + ": " + expression.error().message;
    return std::unexpected{expression.error()};
  }
  EventQuestion question{.expression = std::move(*expression), .flag = flag};
  for (const std::string& name : question.expression.names())
    question.reads_payloads = question.reads_payloads || reads_payload(name);
  question.met.resize(question.expression.names().size());
  return question;
}

Result<bool> EventQuestion::is_true_of(const EventView& event) {
  const auto names = expression.names();
  std::vector<Value> texts(names.size());
  std::vector<std::optional<std::string_view>> values(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    texts[i] = event_field(event, names[i]);
    values[i] = texts[i];
    if (texts[i]) met[i] = true;
  }
  const LimitedWork limited{flag};
  return expression.is_true(values);
}

std::vector<std::string> EventQuestion::unmet() const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < met.size(); ++i)
    if (!met[i]) names.push_back(expression.names()[i]);
  return names;
}

struct Where::Asked {
  std::vector<EventQuestion> questions;
  std::uint64_t events = 0;
  std::uint64_t unanswered = 0;
  std::atomic<std::uint64_t> redacted = 0;  // by --grep of several threads
  bool reads_payloads = false;
  std::string first_unanswered;

  std::vector<std::string> tools;  // patterns
  std::vector<bool> met_tools;
  std::set<std::string> seen_tools;

  bool is_of_tools(const EventView& event) {
    const auto name = tool_name_of(event);
    if (!name) {
      const EventKind kind = kind_of_type(event.type);
      const bool may_be = kind == EventKind::call || kind == EventKind::result;
      if (event.redacted_by != 0 && may_be) ++redacted;
      return false;
    }
    if (seen_tools.size() < tools_told_max) seen_tools.insert(*name);
    bool any = false;
    for (std::size_t i = 0; i < tools.size(); ++i)
      if (matches_pattern(tools[i], *name)) any = met_tools[i] = true;
    return any;
  }

  void tell_tools(Context& context) const {
    for (std::size_t i = 0; i < tools.size(); ++i) {
      if (met_tools[i]) continue;
      const std::string near =
          nearest(tools[i], std::vector<std::string>(seen_tools.begin(), seen_tools.end()));
      context.note("no event is of the tool " + in_quotes(tools[i]) +
                   (near.empty() ? near : "; did you mean " + in_quotes(near) + "?"));
    }
  }

  bool matches(const EventView& event) {
    ++events;
    bool all = true;
    for (EventQuestion& question : questions) {
      const auto answer = question.is_true_of(event);
      if (answer) {
        all = all && *answer;
        continue;
      }
      if (unanswered++ == 0)
        first_unanswered = fmt::format("#{} of session {}: {}", event.sequence_number,
                                       event.session_id, answer.error().message);
      return false;
    }
    if (!all && reads_payloads && event.redacted_by != 0) ++redacted;
    return all;
  }
};

Result<Where> Where::parse(const std::vector<std::string>& texts) {
  Where where;
  if (texts.empty()) return where;
  where.asked_ = std::make_shared<Asked>();
  for (const std::string& text : texts) {
    auto question = EventQuestion::parse(text, "--where");
    if (!question) return std::unexpected{question.error()};
    if (question->reads_payloads) where.asked_->reads_payloads = true;
    where.asked_->questions.push_back(std::move(*question));
  }
  return where;
}

std::function<bool(const EventView&)> Where::predicate() const {
  if (!asked_) return nullptr;
  if (asked_->questions.empty()) return nullptr;
  return [asked = asked_](const EventView& event) { return asked->matches(event); };
}

std::function<bool(const EventView&)> Where::of_tools(const std::vector<std::string>& patterns) {
  if (patterns.empty()) return nullptr;
  if (!asked_) asked_ = std::make_shared<Asked>();
  asked_->tools = patterns;
  asked_->met_tools.resize(patterns.size());
  return [asked = asked_](const EventView& event) { return asked->is_of_tools(event); };
}

std::function<bool(const EventView&)> Where::minding_redacted(
    std::function<bool(const EventView&)> predicate) {
  if (!asked_) asked_ = std::make_shared<Asked>();
  return [asked = asked_, predicate = std::move(predicate)](const EventView& event) {
    if (predicate(event)) return true;
    if (event.redacted_by != 0) ++asked->redacted;
    return false;
  };
}

std::uint64_t Where::redacted() const {
  return asked_ ? asked_->redacted.load() : 0;
}

int Where::tell(Context& context, int status) const {
  if (!asked_) return status;
  asked_->tell_tools(context);
  if (asked_->events == 0) return status;
  for (const EventQuestion& question : asked_->questions)
    for (const std::string& name : question.unmet()) {
      const std::string hint = nearest_field(name, question.expression.text());
      context.note("no event has " + in_quotes(name) + ", so it was NULL" +
                   (hint.empty() ? hint : "; " + hint));
    }
  if (asked_->unanswered == 0) return status;
  context.warn("--where: left out " + asked_->first_unanswered +
               (asked_->unanswered == 1 ? std::string{}
                                        : fmt::format("; and {} more", asked_->unanswered - 1)));
  return status == Status::fine ? Status::incomplete : status;
}

}  // namespace agentstore::cmd
