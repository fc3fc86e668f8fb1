#include "formats/sources/claude_talk.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/decimal.hpp"
#include "agentstore/json.hpp"
#include "formats/sources/claude_usage.hpp"

namespace agentstore::formats {
namespace {

constexpr std::string_view tool_use_result = "toolUseResult";

/// What a line of the user's begins with that the user did not write.
constexpr std::array command_marks = {
    std::string_view{"<command-name>"},         std::string_view{"<command-message>"},
    std::string_view{"<command-args>"},         std::string_view{"<local-command-stdout>"},
    std::string_view{"<local-command-stderr>"}, std::string_view{"<local-command-caveat>"},
    std::string_view{"<bash-input>"},           std::string_view{"<bash-stdout>"},
    std::string_view{"<bash-stderr>"},          std::string_view{"<task-notification>"},
    std::string_view{"<teammate-message"},      std::string_view{"<cross-session-message"},
    std::string_view{"[Request interrupted"},
};

std::string first_text(const json::Value& content) {
  if (json::kind_of(content) == json::Kind::string) return json::text_of(content);
  for (json::Walk block{content}; block.next();)
    if (auto text = json::find_text(block.value(), "text")) return *text;
  return {};
}

/// Why a content, whose first text is given, is no prompt; empty where it is one.
std::string not_a_prompt(const ClaudeRecord& record, std::string_view text) {
  if (record.compact_summary) return "compact_summary";
  if (record.meta) return "meta";
  if (record.synthetic) return "synthetic";
  if (!record.origin.empty() && record.origin != "human") return joined({"origin/", record.origin});
  const std::size_t start = std::min(text.find_first_not_of(" \n\r\t"), text.size());
  for (const std::string_view mark : command_marks)
    if (text.substr(start).starts_with(mark)) return "command";
  return {};
}

/// A log holds numbers within a double's range; sums are exact.
bool is_cost(std::string_view number) {
  double about = 0;
  const auto [rest, error] = std::from_chars(number.data(), number.data() + number.size(), about);
  return error == std::errc{} && Decimal::parse(number);
}

bool makes_a_plan(std::string_view tool) {
  return tool == "TodoWrite" || tool == "TaskCreate" || tool == "ExitPlanMode";
}

/// A tool of Claude Code's, or one that the model's server runs.
bool is_call(const ClaudeBlock& block) {
  return block.type == "tool_use" || block.type == "server_tool_use" ||
         block.type == "mcp_tool_use";
}

/// Of a server's tool: it stands in the response itself.
bool is_server_result(const ClaudeBlock& block) {
  return block.type.ends_with("_tool_result");
}

bool speaks(const ClaudeBlock& block) {
  return !is_call(block) && !is_server_result(block);
}

EventMetadata response_basics(const ClaudeRecord& record) {
  EventMetadata metadata = ClaudeTalk::of(record);
  metadata.model = record.message.model;
  metadata.add_extra("message_id", record.message.id);
  return metadata;
}

/// What the sums will lack.
void add_unread(EventMetadata& metadata, const ClaudeRecord& record) {
  std::string why = unread_in_claude_usage(record.message.usage);
  const std::string_view cost =
      record.unread_cost.empty() && !record.cost_usd.empty() && !is_cost(record.cost_usd)
          ? record.cost_usd
          : record.unread_cost;
  if (why.empty() && !cost.empty()) why = unread_figure("costUSD", cost);
  metadata.add_extra(unread_member, why);
}

/// One that no log or no sum could hold is kept as text.
void add_cost(EventMetadata& metadata, std::string_view cost_usd) {
  if (cost_usd.empty() || is_cost(cost_usd)) metadata.cost_usd = cost_usd;
  else metadata.add_extra("cost_usd", cost_usd);
}

/// What the result of a sub-agent's call says that it used, for where nothing better is known.
void add_sub_agent(EventMetadata& metadata, const ClaudeToolResult& result) {
  if (result.agent_id.empty() || result.usage.empty()) return;
  const Usage used = read_claude_usage(result.usage);
  metadata.add_extra("sub_agent", result.agent_id);
  metadata.add_extra("sub_agent_tokens_in", std::to_string(used.all_in()));
  metadata.add_extra("sub_agent_tokens_out", std::to_string(used.out));
  metadata.add_extra(unread_member, unread_in_claude_usage(result.usage));
}

}  // namespace

EventMetadata ClaudeTalk::of(const ClaudeRecord& record) {
  EventMetadata metadata;
  metadata.worker_id = record.agent_id;
  if (!record.forked_from.empty()) metadata.add_extra("forked_from", record.forked_from);
  return metadata;
}

EventMetadata ClaudeTalk::of_kind(const ClaudeRecord& record, std::string_view kind) {
  EventMetadata metadata = of(record);
  metadata.add_extra("record_type", kind);
  return metadata;
}

void ClaudeTalk::note_duplicate(const ClaudeRecord& record) {
  const Usage told = read_claude_usage(record.message.usage);
  events_.tally().add_repeated(told.all_in(), told.out);
}

void ClaudeTalk::user(ClaudeRecord& record) {
  const auto blocks = read_claude_blocks(record.message.content, record.texts);
  const auto results = std::ranges::count(blocks, "tool_result", &ClaudeBlock::type);
  std::string others;
  for (const ClaudeBlock& block : blocks) {
    if (block.type == "tool_result") tool_result_of(record, block, results == 1);
    else if (results > 0) (others += others.empty() ? "" : ",") += block.json;
  }
  if (results == 0) return said(record, record.message.content);
  if (others.empty()) return;
  const std::string array = "[" + others + "]";
  said(record, array);
}

void ClaudeTalk::said(const ClaudeRecord& record, const json::Value& content) {
  const std::string why = not_a_prompt(record, first_text(content));
  if (why.empty()) return prompt(record, content);
  events_.emit(custom_event, {"{\"content\":", content, "}"}, of_kind(record, why));
}

void ClaudeTalk::prompt(const ClaudeRecord& record, const json::Value& content) {
  events_.title_session(first_text(content));
  responses_.prompt(session_);
  events_.emit(user_message, {"{\"content\":", content, "}"}, of(record));
}

void ClaudeTalk::answer_call(const ClaudeRecord& record, const ClaudeBlock& block,
                             EventMetadata& metadata) {
  if (const auto call = calls_.find(block.id); call != calls_.end()) {
    metadata.tool_name = call->second.tool;
    metadata.causation_id = call->second.event_id;
    if (record.at) metadata.duration_ms = milliseconds_between(call->second.at, *record.at);
    if (metadata.duration_ms < 0) metadata.duration_ms.reset();
    calls_.erase(call);
  }
  metadata.add_extra("tool_use_id", block.id);
  if (block.error) metadata.add_extra("is_error", "true");
}

void ClaudeTalk::tool_result_of(const ClaudeRecord& record, const ClaudeBlock& block, bool only) {
  EventMetadata metadata = of(record);
  const json::Value result_json = only ? record.tool_use_result : json::Value{};
  const ClaudeToolResult result = read_claude_tool_result(result_json);
  answer_call(record, block, metadata);
  if (result.duration_ms) metadata.duration_ms = result.duration_ms;
  // A stream's result tells what all have used.
  if (figures_ == ClaudeFigures::counted) add_sub_agent(metadata, result);
  // The record has the tool's own result beside the block, which has what the model was shown.
  if (result_json.empty() || json::find(block.json, tool_use_result))
    return events_.emit_result({block.json}, block.json, std::move(metadata));
  const std::string_view members = block.json.substr(0, block.json.rfind('}'));
  events_.emit_result({members, json::Walk{block.json}.next() ? "," : "", "\"", tool_use_result,
                       "\":", result_json, "}"},
                      block.json, std::move(metadata));
}

void ClaudeTalk::server_result(const ClaudeRecord& record, const ClaudeBlock& block,
                               EventMetadata metadata) {
  if (metadata.extra.empty()) {
    metadata = of(record);
    metadata.add_extra("message_id", record.message.id);
  }
  answer_call(record, block, metadata);
  events_.emit_result({block.json}, block.json, std::move(metadata));
}

void ClaudeTalk::assistant(ClaudeRecord& record) {
  if (record.api_error) return error(record);
  const json::Kind kind = json::kind_of(record.message.content);
  if (!record.message.content.empty() && kind != json::Kind::array && kind != json::Kind::null)
    events_.emit(llm_response, {"{\"content\":", record.message.content, "}"},
                 response_metadata(record));
  else blocks_of(record);
  if (figures_ == ClaudeFigures::counted) extra_responses(record);
}

void ClaudeTalk::blocks_of(ClaudeRecord& record) {
  EventMetadata metadata = response_metadata(record);
  const auto blocks = read_claude_blocks(record.message.content, record.texts);
  const bool words = std::ranges::any_of(blocks, speaks);
  // Figures that repeat others stay with the call that repeats them.
  const bool apart = !words && (told_.first || told_.grew || blocks.empty());
  if (apart) respond_nothing(record, std::exchange(metadata, response_basics(record)));
  const auto beside = [&] {
    return words || apart ? EventMetadata{} : std::exchange(metadata, EventMetadata{});
  };
  for (const ClaudeBlock& block : blocks) {
    if (is_call(block)) tool_use(record, block, beside());
    else if (is_server_result(block)) server_result(record, block, beside());
    else respond_block(block.json, std::exchange(metadata, response_basics(record)));
  }
}

void ClaudeTalk::respond_block(std::string_view block, EventMetadata metadata) {
  events_.emit(llm_response, {"{\"content\":[", block, "]}"}, std::move(metadata));
}

// A message without a word, whose usage would be lost.
void ClaudeTalk::respond_nothing(const ClaudeRecord& record, EventMetadata metadata) {
  const std::string_view usage = record.message.usage;
  events_.emit_beside("usage", llm_response,
                      {"{\"content\":[]", usage.empty() ? "" : ",\"usage\":", usage, "}"},
                      std::move(metadata));
}

// Every record of the response repeats them.
void ClaudeTalk::extra_responses(const ClaudeRecord& record) {
  const auto iterations = extra_iterations(record.message.usage);
  for (std::size_t i = 0; i < iterations.size(); ++i) {
    const ClaudeIteration& iteration = iterations[i];
    const std::string number = std::to_string(i + 1);
    const std::string name = joined({iteration.kind, "/", number});
    const std::string identity = joined({told_.identity, "/", name});
    if (!told_.identity.empty() &&
        !told_extras_
             .insert(joined({std::to_string(session_), "\n", identity, "\n", iteration.usage}))
             .second)
      continue;
    EventMetadata metadata = of_kind(record, joined({"iteration/", iteration.kind}));
    metadata.model = iteration.model;
    if (metadata.model.empty())
      metadata.model = iteration.kind == "advisor" && !record.advisor_model.empty()
                           ? record.advisor_model
                           : record.message.model;
    metadata.add_extra("message_id", record.message.id);
    if (!told_.identity.empty()) metadata.add_extra("response", identity);
    add_claude_usage(metadata, iteration.usage);
    metadata.add_extra(unread_member, unread_in_claude_usage(iteration.usage));
    events_.emit_beside(joined({iteration.kind, "-", number}), llm_response,
                        {"{\"content\":[],\"usage\":", iteration.usage, "}"}, std::move(metadata));
  }
}

EventMetadata ClaudeTalk::response_metadata(const ClaudeRecord& record) {
  const ClaudeMessage& message = record.message;
  EventMetadata metadata = response_basics(record);
  metadata.add_extra("request_id", record.request_id);
  metadata.add_extra("stop_reason", message.stop_reason);
  const bool counted = figures_ == ClaudeFigures::counted;
  const Usage told = read_claude_usage(message.usage);
  told_ = responses_.take({.session = session_,
                           .message_id = message.id,
                           .request_id = record.request_id,
                           .uuid = record.uuid,
                           .time = record.time,
                           .history = !record.forked_from.empty()},
                          told, counted ? events_.tally() : placeholders_);
  if (!counted) {
    if (message.usage.empty()) return metadata;
    metadata.add_extra("placeholder_tokens_in", std::to_string(told.all_in()));
    metadata.add_extra("placeholder_tokens_out", std::to_string(told.out));
    return metadata;
  }
  metadata.add_extra("response", told_.identity);
  add_claude_usage(metadata, message.usage);
  add_cost(metadata, record.cost_usd);
  add_unread(metadata, record);
  return metadata;
}

void ClaudeTalk::tool_use(const ClaudeRecord& record, const ClaudeBlock& block,
                          EventMetadata metadata) {
  if (metadata.extra.empty()) {
    metadata = of(record);
    metadata.add_extra("message_id", record.message.id);
  }
  // Whether a call has its response's figures depends on the records before it: it has no model.
  metadata.model.clear();
  metadata.tool_name = block.name;
  metadata.add_extra("tool_use_id", block.id);
  std::string event_id = events_.emit(tool_called, block.json, std::move(metadata));
  if (makes_a_plan(block.name)) {
    EventMetadata plan = of(record);
    plan.tool_name = block.name;
    plan.causation_id = event_id;
    events_.emit(plan_created, block.input.empty() ? "{}" : std::string_view{block.input},
                 std::move(plan));
  }
  calls_[std::string{block.id}] = {std::string{block.name}, std::move(event_id), events_.at()};
}

void ClaudeTalk::error(const ClaudeRecord& record) {
  EventMetadata metadata = of(record);
  metadata.model = record.message.model;
  const std::string_view content = record.message.content;
  events_.emit(error_event, {"{\"content\":", content.empty() ? "null" : content, "}"},
               std::move(metadata));
}

}  // namespace agentstore::formats
