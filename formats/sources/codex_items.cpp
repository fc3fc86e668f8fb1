#include "formats/sources/codex_items.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "agentstore/json.hpp"
#include "formats/sources/texts.hpp"

namespace agentstore::formats {
namespace {

constexpr auto tool_items = std::to_array<std::string_view>(
    {"CommandExecution", "FileChange", "McpToolCall", "DynamicToolCall", "WebSearch", "ImageView",
     "ImageGeneration", "CollabAgentToolCall"});
constexpr auto state_items =
    std::to_array<std::string_view>({"ContextCompaction", "EnteredReviewMode", "ExitedReviewMode",
                                     "HookPrompt", "SubAgentActivity"});

/// A message for the screen, in the shape of the others.
std::string shown_message(const CodexRecord& record) {
  std::string payload = "{\"content\":";
  payload += json::find(record.payload, "message").value_or(R"("")");
  for (json::Walk more{record.payload}; more.next();)
    if (!more.key_is("message") && !more.key_is("type") && !more.key_is("content") &&
        more.value() != "null")
      payload += "," + std::string{more.key()} + ":" + std::string{more.value()};
  return payload + "}";
}

/// "CommandExecution" is called "command_execution".
std::string tool_of(const json::Value& item, std::string_view type) {
  for (const char* const key : {"tool", "name"})
    if (std::string named = member_text(item, key); !named.empty()) return named;
  std::string tool;
  for (const char c : type) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !tool.empty()) tool += '_';
    tool += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return tool;
}

/// A result without a code, as of a command that was declined, says by its status that it failed.
bool item_failed(const json::Value& item) {
  const std::string status = member_text(item, "status");
  if (status == "failed" || status == "declined") return true;
  if (const auto code = json::find_integer(item, "exit_code"); code && *code != 0) return true;
  const auto error = json::find(item, "error");
  return error && *error != "null";
}

}  // namespace

EventMetadata CodexItems::by_model() const {
  EventMetadata metadata;
  metadata.model = model_;
  return metadata;
}

void CodexItems::item(const CodexRecord& record) {
  const std::string_view type = record.item_type;
  if (type == "message" || (type.empty() && json::find(record.payload, "role"))) said(record);
  else if (type == "reasoning") reasoning(record);
  else if (type.ends_with("_output")) output(record);
  else if (type.ends_with("_call")) call(record);
  else if (type == "ghost_snapshot") events_.leave_out(type);
  else if (type == "compaction" || type == "context_compaction" || type == "compaction_summary")
    events_.emit(state_updated, record.payload, of_record_type(type));
  else events_.emit_unknown(joined({"response_item/", type}));
}

void CodexItems::said(const CodexRecord& record) {
  const std::string role = member_text(record.payload, "role");
  const std::string text = codex_text(record.payload);
  if (role == "assistant") {
    if (answers_.repeats(text, false)) return events_.leave_out("message (repeated)");
    events_.emit(llm_response, record.payload, by_model());
    return;
  }
  if (role != "user" || is_codex_context(text))
    events_.emit(custom_event, record.payload, of_record_type("context"));
  else prompt(record, std::string{record.payload}, text, false);
}

void CodexItems::prompt(const CodexRecord&, const std::string& payload, std::string_view text,
                        bool of_screen) {
  if (prompts_.repeats(text, of_screen)) return events_.leave_out("user_message (repeated)");
  events_.title_session(text);
  events_.emit(user_message, payload);
}

void CodexItems::answer(const std::string& payload, std::string_view text, std::string_view what) {
  if (answers_.repeats(text, true)) return events_.leave_out(joined({what, " (repeated)"}));
  events_.emit(llm_response, payload, by_model());
}

void CodexItems::reasoning(const CodexRecord& record) {
  const std::string id = member_text(record.payload, "id");
  if (!id.empty() && thoughts_.repeats(id, false)) return events_.leave_out("reasoning (repeated)");
  events_.emit(custom_event, record.payload, of_record_type("reasoning"));
}

void CodexItems::call(const CodexRecord& record) {
  const std::string id = member_text(record.payload, "call_id");
  if (record.group == "event_msg" && calls_.contains(id))
    return events_.leave_out(record.item_type);
  if (record.item_type == "web_search_call")
    if (const std::string search = member_text(record.payload, "id");
        !search.empty() && searches_.repeats(search, false))
      return events_.leave_out("web_search_call (repeated)");
  EventMetadata metadata = of_record_type(record.item_type);
  metadata.tool_name = member_text(record.payload, "name");
  if (metadata.tool_name.empty())
    metadata.tool_name = record.item_type.substr(0, record.item_type.size() - 5);  // "_call"
  metadata.add_extra("call_id", id);
  const std::string tool = metadata.tool_name;
  std::string event_id = events_.emit(tool_called, record.payload, std::move(metadata));
  if (tool == "update_plan") plan(record, event_id);
  calls_[id] = {tool, std::move(event_id), events_.at()};
}

/// The arguments are JSON in a string.
void CodexItems::plan(const CodexRecord& record, const std::string& event_id) {
  const auto arguments = json::find(record.payload, "arguments");
  const std::string text = text_or_empty(arguments.value_or("null"));
  const bool good = !text.empty() && !json::check(text, json::rules_to_store);
  EventMetadata metadata;
  metadata.tool_name = "update_plan";
  metadata.causation_id = event_id;
  events_.emit_text(plan_created, good ? text : std::string{arguments.value_or("{}")},
                    std::move(metadata));
}

void CodexItems::output(const CodexRecord& record) {
  EventMetadata metadata = of_record_type(record.item_type);
  const std::string id = member_text(record.payload, "call_id");
  if (const auto known = calls_.find(id); known != calls_.end()) {
    metadata.tool_name = known->second.tool;
    metadata.causation_id = known->second.event_id;
    if (record.at) {
      metadata.duration_ms = milliseconds_between(known->second.at, *record.at);
      if (*metadata.duration_ms < 0) metadata.duration_ms.reset();
    }
  }
  const CodexOutcome outcome =
      read_codex_output(json::find(record.payload, "output").value_or("null"));
  if (outcome.duration_ms) metadata.duration_ms = outcome.duration_ms;
  metadata.add_extra("call_id", id);
  if (outcome.exit_code) metadata.add_extra("exit_code", std::to_string(*outcome.exit_code));
  if (outcome.failed || outcome.exit_code.value_or(0) != 0) metadata.add_extra("is_error", "true");
  events_.emit_result({record.payload}, record.payload, std::move(metadata));
}

bool CodexItems::message(const CodexRecord& record) {
  const std::string_view type = record.item_type;
  if (type == "user_message")
    prompt(record, shown_message(record), member_text(record.payload, "message"), true);
  else if (type == "agent_message")
    answer(shown_message(record), member_text(record.payload, "message"), type);
  else if (type.ends_with("_call")) call(record);
  else return false;
  return true;
}

void CodexItems::completed(const CodexRecord& record) {
  const json::Value item = json::find(record.payload, "item").value_or("{}");
  if (json::kind_of(item) != json::Kind::object) return events_.emit_unknown("item_completed");
  const std::string type = member_text(item, "type");
  const std::string id = member_text(item, "id");
  const auto repeated = [&] {
    events_.leave_out(joined({"item_completed/", type, " (repeated)"}));
  };
  if (type == "UserMessage") prompt(record, std::string{item}, codex_text(item), true);
  else if (type == "AgentMessage") answer(std::string{item}, codex_text(item), "item_completed");
  else if (type == "Reasoning") {
    if (!id.empty() && thoughts_.repeats(id, true)) return repeated();
    events_.emit(custom_event, item, of_record_type("reasoning"));
  } else if (type == "Plan") events_.emit(plan_created, item, of_record_type("item/Plan"));
  else if (is_one_of(type, tool_items)) {
    if (calls_.contains(id)) return repeated();
    if (type == "WebSearch" && !id.empty() && searches_.repeats(id, true)) return repeated();
    done(item, type);
  } else if (is_one_of(type, state_items)) {
    events_.emit(type == "ContextCompaction" ? state_updated : custom_event, item,
                 of_record_type(joined({"item/", type})));
  } else events_.emit_unknown(joined({"item_completed/", type}));
}

/// A call and what came of it, in one record.
void CodexItems::done(const json::Value& item, std::string_view type) {
  EventMetadata metadata = of_record_type(joined({"item/", type}));
  metadata.tool_name = tool_of(item, type);
  metadata.add_extra("call_id", member_text(item, "id"));
  EventMetadata result = metadata;
  const std::string_view payload = item;
  result.causation_id = events_.emit(tool_called, payload, std::move(metadata));
  if (const auto ms = json::find_integer(item, "duration_ms")) result.duration_ms = ms;
  if (const auto code = json::find_integer(item, "exit_code"))
    result.add_extra("exit_code", std::to_string(*code));
  if (item_failed(item)) result.add_extra("is_error", "true");
  events_.emit_result({payload}, item, std::move(result));
}

}  // namespace agentstore::formats
