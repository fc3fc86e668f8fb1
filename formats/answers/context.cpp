#include "formats/answers/context.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/analysis/kinds.hpp"
#include "agentstore/analysis/stats.hpp"
#include "agentstore/json.hpp"
#include "formats/events/chat.hpp"

namespace agentstore::formats {
namespace {

std::string text_of_part(const EventView& event, std::string_view name) {
  const auto part = event_part(event, name);
  return part ? json::text_of(*part) : std::string{};
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == text.npos;
}

std::string extra_of(const EventView& event, std::string_view name) {
  const auto extra = json::find(event.metadata, "extra");
  return extra ? json::find_text(*extra, name).value_or("") : std::string{};
}

// Codex's record of a compaction has the summary, and nothing else.
bool is_summary_alone(const EventView& event) {
  if (event.type != state_updated || json::kind_of(event.payload) != json::Kind::object)
    return false;
  bool summary = false;
  for (json::Walk walk{event.payload}; walk.next();) {
    if (!walk.key_is("message") && !walk.key_is("replacement_history")) return false;
    summary = summary || walk.key_is("message");
  }
  return summary;
}

bool begins_context(const EventView& event, std::string_view record) {
  if (is_summary_alone(event)) return true;
  if (record.ends_with("/compact_boundary") || record == "compact_boundary" ||
      record == "compact_summary" || record == "compacted" || record == "context_compacted")
    return true;
  return record == "command" &&
         text_of_part(event, "text").contains("<command-name>/clear</command-name>");
}

// What an agent puts before its model in a person's place.
bool is_said_by_agent(std::string_view record) {
  return record == "meta" || record == "synthetic" || record == "command" ||
         record == "compact_summary" || record.starts_with("origin/");
}

std::string thoughts_of(const EventView& event) {
  std::string thoughts;
  if (json::kind_of(event.payload) != json::Kind::object) return thoughts;
  const auto content = json::find(event.payload, "content");
  if (!content || json::kind_of(*content) != json::Kind::array) return thoughts;
  for (json::Walk walk{*content}; walk.next();)
    if (const auto thought = json::find_text(walk.value(), "thinking"); thought)
      thoughts += (thoughts.empty() ? "" : "\n") + *thought;
  return thoughts;
}

}  // namespace

std::int64_t ContextBuilder::tokens_known() const {
  std::int64_t sum = 0;
  for (const ContextMessage& message : messages_) sum += message.tokens.value_or(0);
  return sum;
}

void ContextBuilder::add(const EventView& event, std::string role, std::string text) {
  messages_.push_back({.sequence_number = event.sequence_number,
                       .role = std::move(role),
                       .tool = tool_name_of(event).value_or(""),
                       .text = std::move(text),
                       .tokens = {},
                       .derived = false,
                       .part_of = 0});
}

void ContextBuilder::begin_anew(const EventView& event) {
  messages_.clear();
  since_ = event.sequence_number;
  in_response_ = false;
  waiting_at_ = 0;
  prompt_.reset();
  answer_.reset();
}

// A request that carries the messages says all that its model saw.
void ContextBuilder::take_request(const EventView& event) {
  const bool object = json::kind_of(event.payload) == json::Kind::object;
  const auto messages = object ? json::find(event.payload, "messages") : std::nullopt;
  if (!messages || json::kind_of(*messages) != json::Kind::array)
    return add(event, "user", text_of_part(event, "text"));
  messages_.clear();
  waiting_at_ = 0;
  if (const auto system = json::find_text(event.payload, "system")) add(event, "system", *system);
  for (json::Walk walk{*messages}; walk.next();) {
    EventView one = event;
    one.type = user_message;
    one.payload = walk.value();
    const bool has_role = json::kind_of(walk.value()) == json::Kind::object;
    const auto role = has_role ? json::find_text(walk.value(), "role") : std::nullopt;
    add(event, role.value_or("user"), text_of_part(one, "text"));
  }
}

// The messages between two responses are what the second prompt has more than the first and its
// answer. Where they are several, nobody says which has how many.
void ContextBuilder::begin_response(std::string id) {
  in_response_ = true;
  response_ = std::move(id);
  response_at_ = messages_.size();
  usage_told_ = false;
}

void ContextBuilder::take_usage(const EventView& event) {
  const Usage usage = usage_of(event);
  if (usage.tokens_in && !usage_told_) {
    const bool one = response_at_ == waiting_at_ + 1;
    const auto before = prompt_ && answer_ ? std::optional{*prompt_ + *answer_} : std::nullopt;
    if (one && before && *usage.tokens_in > *before) {
      messages_[waiting_at_].tokens = *usage.tokens_in - *before;
      messages_[waiting_at_].derived = true;
    }
    waiting_at_ = response_at_;
    prompt_ = usage.tokens_in;
    prompt_told_by_ = event.sequence_number;
    answer_.reset();
    usage_told_ = true;
  }
  if (!usage.tokens_out) return;
  answer_ = std::max(answer_.value_or(0), *usage.tokens_out);
  if (response_at_ < messages_.size()) messages_[response_at_].tokens = answer_;
}

void ContextBuilder::take_output(const EventView& event) {
  const EventKind kind = kind_of_type(event.type);
  // A call tells its message's id alone.
  std::string id = extra_of(event, "message_id");
  if (id.empty()) id = extra_of(event, "response");
  // A result may come between two records of a response.
  const bool same = id.empty() ? in_response_ : id == response_;
  if (!same) begin_response(std::move(id));
  in_response_ = true;
  std::string text;
  if (kind == EventKind::call) text = call_text(event);
  else text = text_of_part(event, "text");
  if (is_blank(text)) text = thoughts_of(event);
  if (kind == EventKind::call || !is_blank(text)) {
    add(event, "assistant", std::move(text));
    if (messages_.size() > response_at_ + 1)
      messages_.back().part_of = messages_[response_at_].sequence_number;
  }
  take_usage(event);
}

void ContextBuilder::take_message(const EventView& event) {
  const std::string record = extra_of(event, "record_type");
  if (begins_context(event, record)) begin_anew(event);
  switch (kind_of_type(event.type)) {
    case EventKind::answer:
    case EventKind::call: return take_output(event);
    case EventKind::request: in_response_ = false; return take_request(event);
    case EventKind::message:
      if (in_response_) waiting_at_ = messages_.size();
      in_response_ = false;
      return add(event, "user", text_of_part(event, "text"));
    case EventKind::result:
      if (in_response_) waiting_at_ = messages_.size();
      in_response_ = false;
      return add(event, "tool", text_of_part(event, "text"));
    default: break;
  }
  std::string text = text_of_part(event, "text");
  if (is_blank(text) || !(is_said_by_agent(record) || is_summary_alone(event))) return;
  if (in_response_) waiting_at_ = messages_.size();
  in_response_ = false;
  add(event, "user", std::move(text));
}

// The response at the event, or the next one, tells how long its prompt was.
bool ContextBuilder::look_for_tokens(const EventView& event) {
  const EventKind kind = kind_of_type(event.type);
  const bool output = kind == EventKind::answer || kind == EventKind::call;
  const Usage usage = usage_of(event);
  if ((output || kind == EventKind::request) && usage.tokens_in) {
    tokens_ = usage.tokens_in;
    told_by_ = event.sequence_number;
    return false;
  }
  // What comes after that response's words is told of a longer prompt.
  const bool input = kind == EventKind::message || kind == EventKind::result;
  if (input && answered_) return false;
  answered_ = answered_ || output;
  return !begins_context(event, extra_of(event, "record_type"));
}

bool ContextBuilder::take(const EventView& event) {
  if (event.sequence_number > at_) return look_for_tokens(event);
  take_message(event);
  if (event.sequence_number < at_) return true;
  const EventKind kind = kind_of_type(event.type);
  if (kind != EventKind::answer && kind != EventKind::call)
    return kind != EventKind::request || look_for_tokens(event);
  // What the response says itself it had not seen. Its usage may have been told before this event.
  messages_.resize(std::min(response_at_, messages_.size()));
  answered_ = true;
  if (!usage_told_) return true;
  tokens_ = prompt_;
  told_by_ = prompt_told_by_;
  return false;
}

}  // namespace agentstore::formats
