// Codex without a screen: what `codex exec --json` prints. Items begin and are completed; a turn
// ends with what it used, or, in other versions, with what the thread has used so far. No line has
// a time, and none names the model.

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/json.hpp"
#include "formats/sources/codex_record.hpp"
#include "formats/sources/event_maker.hpp"
#include "formats/sources/texts.hpp"

namespace agentstore::formats {
namespace {

constexpr auto tools = std::to_array<std::string_view>({
    "command_execution",
    "file_change",
    "mcp_tool_call",
    "web_search",
    "collab_tool_call",
});

bool is_tool(std::string_view item_type) {
  return std::ranges::find(tools, item_type) != tools.end();
}

bool is_exec_record(const json::Value& json) {
  if (json::kind_of(json) != json::Kind::object) return false;
  const std::string type = member_text(json, "type");
  if (type == "thread.started") return json::find(json, "thread_id").has_value();
  if (type.starts_with("item.")) return json::find(json, "item").has_value();
  return type == "turn.started" || type == "turn.completed" || type == "turn.failed";
}

class CodexExec final : public Converter {
 public:
  explicit CodexExec(EventMaker& events) : events_{events} {}

  void take(const SourceRecord& source) override {
    const bool object = source.storable && json::kind_of(source.json) == json::Kind::object;
    const std::string type = object ? member_text(source.json, "type") : "";
    if (type == "thread.started" || !session_) start(type, source.json);
    if (!events_.begin(source, *session_, {}, {})) return;
    if (!std::exchange(in_turn_, true)) events_.annotate_next("run", "begun");
    if (!source.storable) return events_.emit_unknown("not storable");
    if (!object) return events_.emit_unknown("no object");
    convert(source, type);
  }

 private:
  struct Call {
    std::string tool;
    std::string event_id;
  };

  /// A process that resumes a thread goes on with its sums.
  struct Thread {
    std::size_t turns = 0;
    bool by_turn = false;
    CodexUsage told;
  };

  void start(std::string_view type, const json::Value& json) {
    const std::string id = type == "thread.started" ? member_text(json, "thread_id") : "";
    session_ = events_.session(id);
    Labels& labels = events_.sessions()[*session_].labels;
    labels["source"] = "codex";
    labels["agent_type"] = "codex";
    threads_.resize(events_.sessions().size());
    in_turn_ = false;
    calls_.clear();  // Each process numbers its items anew.
  }

  Thread& thread() { return threads_[*session_]; }

  void convert(const SourceRecord& source, const std::string& type) {
    const json::Value item = json::find(source.json, "item").value_or("{}");
    if (type == "item.started") started(item, type);
    else if (type == "item.completed") completed(item);
    else if (type == "item.updated") events_.leave_out(type);
    else if (type == "turn.completed") turn_completed(source);
    else if (type == "turn.failed" || type == "error")
      events_.emit(error_event, source.json, of_record_type(type));
    else if (type == "thread.started" || type == "turn.started")
      events_.emit(state_updated, source.json, of_record_type(type));
    else events_.emit_unknown(type.empty() ? "(no type)" : type);
  }

  void started(const json::Value& item, std::string_view type) {
    if (is_tool(member_text(item, "type"))) call(item);
    else events_.leave_out(type);  // Its completion says more.
  }

  Call& call(const json::Value& item) {
    const std::string type = member_text(item, "type");
    EventMetadata metadata = of_record_type(type);
    const std::string tool = member_text(item, "tool");
    metadata.tool_name = tool.empty() ? type : tool;
    const std::string id = member_text(item, "id");
    metadata.add_extra("call_id", id);
    Call& made = calls_[id];
    made.tool = metadata.tool_name;
    made.event_id = events_.emit(tool_called, item, std::move(metadata));
    return made;
  }

  void completed(const json::Value& item) {
    const std::string type = member_text(item, "type");
    if (is_tool(type)) tool_completed(item, type);
    else if (type == "agent_message") events_.emit(llm_response, item, of_record_type(type));
    else if (type == "todo_list") events_.emit(plan_created, item, of_record_type(type));
    else if (type == "error") events_.emit(error_event, item, of_record_type(type));
    else events_.emit(custom_event, item, of_record_type(type));
  }

  void tool_completed(const json::Value& item, std::string_view type) {
    const std::string id = member_text(item, "id");
    const auto known = calls_.find(id);
    const Call made = known == calls_.end() ? call(item) : known->second;
    calls_.erase(id);
    EventMetadata metadata = of_record_type(type);
    metadata.tool_name = made.tool;
    metadata.causation_id = made.event_id;
    metadata.add_extra("call_id", id);
    const std::string status = member_text(item, "status");
    if (status == "failed" || status == "declined") metadata.add_extra("is_error", "true");
    events_.emit_result({item}, item, std::move(metadata));
  }

  void turn_completed(const SourceRecord& source) {
    const auto usage = json::find(source.json, "usage");
    const auto told = read_codex_usage(usage.value_or("null"));
    ++thread().turns;
    in_turn_ = false;
    if (!told) {
      in_turn_ = true;
      return (void)events_.emit(state_updated, source.json, of_record_type("turn.completed"));
    }
    EventMetadata metadata = of_record_type("turn.completed");
    metadata.add_extra("run", "ended");
    metadata.add_extra("response", "run/" + events_.sessions()[*session_].id + "/" +
                                       std::to_string(thread().turns));
    if (auto why = unread_in_codex_usage(*usage); !why.empty()) {
      metadata.add_extra(unread_member, why);
    } else {
      const CodexUsage used = used_in_turn(*told);
      metadata.tokens_in = used.in;
      metadata.tokens_out = used.out;
      if (used.cached != 0) metadata.tokens_cache_read = used.cached;
      if (used.written != 0) metadata.tokens_cache_write = used.written;
      if (used.reasoning != 0) metadata.tokens_reasoning = used.reasoning;
    }
    events_.emit(llm_response, {"{\"content\":[],\"usage\":", *usage, "}"}, std::move(metadata));
  }

  /// Sums of the thread never fall; where one did, each turn tells its own use.
  CodexUsage used_in_turn(const CodexUsage& told) {
    const CodexUsage before = std::exchange(thread().told, told);
    bool& by_turn = thread().by_turn;
    by_turn = by_turn || told.in < before.in || told.out < before.out ||
              told.cached < before.cached || told.reasoning < before.reasoning ||
              told.written < before.written;
    if (by_turn) return told;
    return {told.in - before.in, told.cached - before.cached, told.out - before.out,
            told.reasoning - before.reasoning, told.written - before.written};
  }

  EventMaker& events_;
  std::optional<std::size_t> session_;
  std::vector<Thread> threads_;  // by their sessions
  bool in_turn_ = false;         // what it used is not known before it is completed
  std::unordered_map<std::string, Call> calls_;
};

std::unique_ptr<Converter> make_codex_exec(EventMaker& events) {
  return std::make_unique<CodexExec>(events);
}

}  // namespace

const Source codex_exec_source{
    .name = "codex-exec",
    .title = "Codex stream (codex exec --json)",
    .family = "codex",
    .recognises = is_exec_record,
    .make = make_codex_exec,
    .reader = 3,
};

}  // namespace agentstore::formats
