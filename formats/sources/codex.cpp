// Codex: rollout lines in groups. What is said stands there twice, as an item of the response and
// as a message for the screen; tokens are counted up over the whole session, and told again and
// again.

#include <string>
#include <utility>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/json.hpp"
#include "formats/sources/codex_record.hpp"
#include "formats/sources/event_maker.hpp"

namespace agentstore::formats {
namespace {

std::string member_text(const json::Value& object, std::string_view key) {
  return json::find_text(object, key).value_or("");
}

/// What is said stands in two groups: whichever comes second is the repetition.
class Echo {
 public:
  bool repeats(std::string_view text, bool of_screen) {
    std::int64_t& balance = unmatched_[std::hash<std::string_view>{}(text)];
    const bool repeated = of_screen ? balance > 0 : balance < 0;
    balance += of_screen ? -1 : 1;
    return repeated;
  }

 private:
  std::unordered_map<std::size_t, std::int64_t> unmatched_;
};

class Codex final : public Converter {
 public:
  explicit Codex(EventMaker& events) : events_{events} {}

  void take(const SourceRecord& source) override {
    source_ = &source;
    // What no log may hold must not get into ids and labels either.
    const CodexRecord record = source.storable ? read_codex_record(source.json) : CodexRecord{};
    if (record.group == "session_meta" && !started_) start(record.payload);
    if (record.group == "exec" && !started_ && record.item_type == "thread.started")
      start_session(member_text(record.payload, "thread_id"), record.payload);
    if (!started_) start(std::string_view{"{}"});
    if (record.at && !start_at_) start_at_ = record.at;
    if (!events_.begin(source, session_, {}, record.at)) return;
    if (!source.storable) return events_.emit_unknown("not storable");
    if (json::kind_of(source.json) != json::Kind::object) return events_.emit_unknown("no object");
    convert(record);
  }

 private:
  struct Call {
    std::string tool;
    std::string event_id;
    Timestamp at;
  };

  void start(const json::Value& meta) { start_session(member_text(meta, "id"), meta); }

  void start_session(const std::string& id, const json::Value& meta) {
    started_ = true;
    session_ = events_.session(id);
    Labels& labels = events_.sessions()[session_].labels;
    labels = {{"source", "codex"}, {"agent_type", "codex"}};
    const auto label = [&](const char* key, const std::string& value) {
      if (!value.empty()) labels[key] = fit_label(value);
    };
    label("cwd", member_text(meta, "cwd"));
    label("project", project_of(member_text(meta, "cwd")));
    label("version", member_text(meta, "cli_version"));
    if (const auto git = json::find(meta, "git")) label("git_branch", member_text(*git, "branch"));
    if (auto from = member_text(meta, "forked_from_id"); !from.empty())
      label("forked_from", fit_session_id(from));
    label_parent(labels, json::find(meta, "source").value_or("null"));
    label("agent_role", member_text(meta, "agent_role"));
  }

  static void label_parent(Labels& labels, const json::Value& source) {
    const auto agent = json::find(source, "subagent");
    if (!agent) return;
    const auto spawn = json::find(*agent, "thread_spawn");
    const std::string kind = text_or_empty(*agent);
    if (!kind.empty()) labels["agent_role"] = fit_label(kind);
    if (!spawn) return;
    if (auto parent = member_text(*spawn, "parent_thread_id"); !parent.empty())
      labels["parent_session"] = fit_session_id(parent);
  }

  void convert(const CodexRecord& record) {
    if (record.group == "session_meta") meta(record);
    else if (record.group == "turn_context") turn_context(record);
    else if (record.group == "response_item") item(record);
    else if (record.group == "event_msg") message(record);
    else if (record.group == "compacted") events_.emit(state_updated, record.payload);
    else if (record.group == "exec") exec(record);
    else if (record.group == "screen") screen(record);
    else if (record.group == "state") events_.leave_out("state");
    else events_.emit_unknown(kind_of_source());
  }

  std::string kind_of_source() const {
    const std::string type = member_text(source_->json, "type");
    return type.empty() ? "(no type)" : type;
  }

  static EventMetadata kind(std::string_view name) {
    EventMetadata metadata;
    metadata.add_extra("record_type", std::string{name});
    return metadata;
  }

  EventMetadata by_model() const {
    EventMetadata metadata;
    metadata.model = model_;
    return metadata;
  }

  /// A second one is that of the session whose history was copied to the front of this file.
  void meta(const CodexRecord& record) {
    if (++metas_ > 1) copied_ = true;
    if (json::find_text(record.payload, "forked_from_id")) copied_ = true;
    events_.emit(state_updated, record.payload, kind("session_meta"));
  }

  /// Whether a record is of the history of the session that this one was forked from.
  bool is_history(const CodexRecord& record) const {
    constexpr std::int64_t copying_ms_max = 1000;
    return copied_ && record.at && start_at_ &&
           milliseconds_between(*start_at_, *record.at) <= copying_ms_max;
  }

  void turn_context(const CodexRecord& record) {
    model_ = member_text(record.payload, "model");
    if (record.payload == context_) return events_.leave_out("turn_context (unchanged)");
    context_ = record.payload;
    EventMetadata metadata = kind("turn_context");
    metadata.model = model_;
    events_.emit(state_updated, record.payload, std::move(metadata));
  }

  void item(const CodexRecord& record) {
    const std::string_view type = record.item_type;
    if (type == "message" || (type.empty() && json::find(record.payload, "role"))) said(record);
    else if (type == "reasoning") events_.emit(custom_event, record.payload, kind("reasoning"));
    else if (type.ends_with("_output")) output(record);
    else if (type.ends_with("_call")) call(record);
    else if (type == "ghost_snapshot") events_.leave_out(type);
    else events_.emit_unknown(joined({"response_item/", type}));
  }

  void said(const CodexRecord& record) {
    const std::string role = member_text(record.payload, "role");
    const std::string text = codex_text(record.payload);
    if (role == "assistant") {
      if (answers_.repeats(text, false)) return events_.leave_out("message (repeated)");
      events_.emit(llm_response, record.payload, by_model());
      return;
    }
    if (role != "user" || is_codex_context(text))
      events_.emit(custom_event, record.payload, kind("context"));
    else prompt(record, text, false);
  }

  void prompt(const CodexRecord& record, std::string_view text, bool of_screen) {
    if (prompts_.repeats(text, of_screen)) return events_.leave_out("user_message (repeated)");
    events_.title_session(text);
    if (of_screen) events_.emit(user_message, shown_message(record));
    else events_.emit(user_message, record.payload);
  }

  /// A message for the screen, in the shape of the others.
  static std::string shown_message(const CodexRecord& record) {
    std::string payload = "{\"content\":";
    payload += json::find(record.payload, "message").value_or(R"("")");
    for (json::Walk more{record.payload}; more.next();)
      if (!more.key_is("message") && !more.key_is("type") && !more.key_is("content") &&
          more.value() != "null")
        payload += "," + std::string{more.key()} + ":" + std::string{more.value()};
    return payload + "}";
  }

  void call(const CodexRecord& record) {
    const std::string id = member_text(record.payload, "call_id");
    if (record.group == "event_msg" && calls_.contains(id))
      return events_.leave_out(record.item_type);
    EventMetadata metadata = kind(record.item_type);
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
  void plan(const CodexRecord& record, const std::string& event_id) {
    const auto arguments = json::find(record.payload, "arguments");
    const std::string text = text_or_empty(arguments.value_or("null"));
    const bool good = !text.empty() && !json::check(text, json::rules_to_store);
    EventMetadata metadata;
    metadata.tool_name = "update_plan";
    metadata.causation_id = event_id;
    events_.emit_text(plan_created, good ? text : std::string{arguments.value_or("{}")},
                      std::move(metadata));
  }

  void output(const CodexRecord& record) {
    EventMetadata metadata = kind(record.item_type);
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
    if (outcome.exit_code) {
      metadata.add_extra("exit_code", std::to_string(*outcome.exit_code));
      if (*outcome.exit_code != 0) metadata.add_extra("is_error", "true");
    }
    events_.emit_result({record.payload}, record.payload, std::move(metadata));
  }

  void message(const CodexRecord& record) {
    const std::string_view type = record.item_type;
    if (type == "user_message") {
      prompt(record, member_text(record.payload, "message"), true);
    } else if (type == "agent_message") {
      if (answers_.repeats(member_text(record.payload, "message"), true))
        return events_.leave_out("agent_message (repeated)");
      events_.emit(llm_response, shown_message(record), by_model());
    } else if (type == "token_count") {
      const auto info = json::find(record.payload, "info").value_or("null");
      count(record, json::find(info, "total_token_usage"), json::find(info, "last_token_usage"));
    } else if (type == "turn_aborted" || type == "error" || type == "stream_error") {
      events_.emit(error_event, record.payload, kind(type));
    } else if (type.ends_with("_call")) {
      call(record);
    } else if (type.starts_with("collab_")) {
      events_.emit(custom_event, record.payload, kind(type));
    } else if (type.starts_with("task_") || type.starts_with("turn_") ||
               type.ends_with("_review_mode") || type == "context_compacted" ||
               type == "thread_rolled_back") {
      EventMetadata metadata = kind(type);
      metadata.duration_ms = json::find_integer(record.payload, "duration_ms");
      events_.emit(state_updated, record.payload, std::move(metadata));
    } else if (type.starts_with("agent_") || type.ends_with("_begin") || type.ends_with("_end") ||
               type.ends_with("_delta")) {
      events_.leave_out(type);  // They repeat items.
    } else {
      events_.emit_unknown(joined({"event_msg/", type}));
    }
  }

  /// Tokens since they were last told.
  void count(const CodexRecord& record, std::optional<json::Value> total_json,
             std::optional<json::Value> last_json) {
    const auto total = read_codex_usage(total_json.value_or("null"));
    const auto last = read_codex_usage(last_json.value_or("null"));
    if (!total) return events_.leave_out("token_count (nothing told)");
    if (auto why = unread_in_codex_usage(*total_json); !why.empty()) {
      // What comes next is counted from the last total that could be read.
      EventMetadata unread = by_model();
      unread.add_extra(unread_member, std::move(why));
      return (void)events_.emit(llm_response, {"{\"content\":[],\"usage\":", *total_json, "}"},
                                std::move(unread));
    }
    const CodexUsage before = std::exchange(counted_, *total);
    if (*total == before || is_history(record)) {
      if (last) note_repeated(*last);
      return events_.leave_out("token_count (repeated)");
    }
    const bool restarted = total->in < before.in || total->out < before.out;
    CodexUsage used{total->in - before.in, std::max<std::int64_t>(total->cached - before.cached, 0),
                    total->out - before.out,
                    std::max<std::int64_t>(total->reasoning - before.reasoning, 0)};
    if (restarted) used = last.value_or(*total);
    EventMetadata metadata = by_model();
    if (metadata.model.empty())
      metadata.model = member_text(json::find(record.payload, "info").value_or("null"), "model");
    add_usage(metadata, used);
    metadata.add_extra("record_type", record.item_type);
    const std::string_view usage = last_json && last ? *last_json : *total_json;
    events_.emit(llm_response, {"{\"content\":[],\"usage\":", usage, "}"}, std::move(metadata));
  }

  void note_repeated(const CodexUsage& last) {
    ++events_.tally().repeated_usage;
    events_.tally().add_repeated(last.in, last.out);
  }

  static void add_usage(EventMetadata& metadata, const CodexUsage& used) {
    metadata.tokens_in = used.in;
    metadata.tokens_out = used.out;
    if (used.cached != 0) metadata.tokens_cache_read = used.cached;
    if (used.reasoning != 0) metadata.tokens_reasoning = used.reasoning;
  }

  /// `codex exec --json`: items begin and are completed, turns tell what the thread has used.
  void exec(const CodexRecord& record) {
    const std::string_view type = record.item_type;
    if (type == "item.completed") exec_item(json::find(record.payload, "item").value_or("{}"));
    else if (type == "item.started" || type == "item.updated") events_.leave_out(type);
    else if (type == "turn.failed") events_.emit(error_event, record.payload, kind(type));
    else if (type == "turn.completed" && json::find(record.payload, "usage"))
      count(record, json::find(record.payload, "usage"), std::nullopt);
    else events_.emit(state_updated, record.payload, kind(type));
  }

  void exec_item(const json::Value& item) {
    const std::string type = member_text(item, "type");
    const std::string_view payload = item;
    if (type == "agent_message") events_.emit(llm_response, payload, by_model());
    else if (type == "todo_list") events_.emit(plan_created, payload, kind(type));
    else if (type == "error") events_.emit(error_event, payload, kind(type));
    else if (type == "command_execution" || type == "file_change" || type == "mcp_tool_call" ||
             type == "web_search") {
      EventMetadata metadata = kind(type);
      metadata.tool_name = type == "mcp_tool_call" ? member_text(item, "tool") : type;
      EventMetadata result = metadata;
      result.causation_id = events_.emit(tool_called, payload, std::move(metadata));
      if (member_text(item, "status") == "failed") result.add_extra("is_error", "true");
      events_.emit_result({payload}, item, std::move(result));
    } else events_.emit(custom_event, payload, kind(type));
  }

  /// What passed between Codex and its screen.
  void screen(const CodexRecord& record) {
    const std::string_view type = record.item_type;
    if (type == "app_event" || type == "key_event" || type == "insert_history" ||
        type == "log_line" || type.ends_with("_delta"))
      return events_.leave_out(joined({"screen/", type}));
    events_.emit(custom_event, record.payload, kind(joined({"screen/", type})));
  }

  EventMaker& events_;
  const SourceRecord* source_ = nullptr;
  bool started_ = false;
  std::size_t session_ = 0;
  std::optional<Timestamp> start_at_;
  int metas_ = 0;
  bool copied_ = false;
  std::string model_;
  std::string context_;
  CodexUsage counted_;
  Echo prompts_;
  Echo answers_;
  std::unordered_map<std::string, Call> calls_;
};

std::unique_ptr<Converter> make_codex(EventMaker& events) {
  return std::make_unique<Codex>(events);
}

}  // namespace

const Source codex_source{
    .name = "codex",
    .title = "Codex log",
    .family = "codex",
    .recognises = is_codex_record,
    .make = make_codex,
};

}  // namespace agentstore::formats
