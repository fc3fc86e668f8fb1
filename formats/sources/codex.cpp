// Codex: rollout lines in groups. What is said and done is told by the items (codex_items), what it
// used by the records of tokens (codex_tokens); a session that was forked or spawned begins with a
// copy of its parent's history (codex_history), of which nothing counts.

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/json.hpp"
#include "formats/sources/codex_history.hpp"
#include "formats/sources/codex_items.hpp"
#include "formats/sources/codex_record.hpp"
#include "formats/sources/codex_tokens.hpp"
#include "formats/sources/event_maker.hpp"
#include "formats/sources/held_records.hpp"
#include "formats/sources/texts.hpp"

namespace agentstore::formats {
namespace {

using Place = CodexHistory::Place;

// Messages that tell how the session goes on, or how it is set up.
constexpr auto state_messages = std::to_array<std::string_view>(
    {"context_compacted", "session_configured", "shutdown_complete", "plan_update", "model_reroute",
     "model_verification", "mcp_startup_update", "mcp_startup_complete", "skills_update_available",
     "realtime_conversation_started", "realtime_conversation_closed"});
// Messages about the run that are no part of what was said and done.
constexpr auto side_messages = std::to_array<std::string_view>(
    {"warning", "guardian_warning", "deprecation_notice", "background_event", "turn_diff",
     "hook_started", "hook_completed", "guardian_assessment", "sub_agent_activity"});

bool is_state_message(std::string_view type) {
  return type.starts_with("task_") || type.starts_with("turn_") || type.starts_with("thread_") ||
         type.ends_with("_review_mode") || is_one_of(type, state_messages);
}

bool has_error(const json::Value& payload) {
  const auto error = json::find(payload, "error");
  return error && *error != "null" && *error != "\"\"";
}

class Codex final : public Converter {
 public:
  explicit Codex(EventMaker& events) : events_{events}, items_{events}, tokens_{events} {}

  void take(const SourceRecord& source) override {
    const CodexRecord record = read(source);
    if (!started_ && record.group == "session_meta") start(record.payload, record.at);
    if (!started_) start(std::string_view{"{}"}, record.at);
    if (awaits_model_) return take_before_model(source, record);
    const auto [place, held] = history_.place_of(record);
    if (held) release(*held);
    if (place == Place::undecided) {
      if (held_.hold(source)) return;
      settle();
    }
    take_placed(source, record, place == Place::copied);
  }

  void end() override {
    // What was undecided may wait for a model then.
    while (!held_.empty()) settle();
  }

 private:
  /// What no log may hold must not get into ids and labels either.
  static CodexRecord read(const SourceRecord& source) {
    return source.storable ? read_codex_record(source.json) : CodexRecord{};
  }

  void take_placed(const SourceRecord& source, const CodexRecord& record, bool copied) {
    if (awaits_model_) return take_before_model(source, record);
    // Before the first turn, what was used is that of the model that the first turn names.
    if (!copied && !model_never_told_ && tokens_.needs_model(record) && held_.hold(source)) {
      awaits_model_ = true;
      return;
    }
    convert(source, record, copied);
  }

  void take_before_model(const SourceRecord& source, const CodexRecord& record) {
    const bool told =
        record.group == "turn_context" && !member_text(record.payload, "model").empty();
    if (!told && held_.hold(source)) return;
    if (told) set_turn(record);
    settle();
    take_placed(source, record, false);
  }

  /// What is held is the session's own, and no model is told before it.
  void settle() {
    history_.settle();
    if (held_.empty()) return;
    if (awaits_model_ && tokens_.model().empty()) model_never_told_ = true;
    awaits_model_ = false;
    release(Place::own);
  }

  void release(Place place) {
    held_.release([&](const SourceRecord& source) {
      take_placed(source, read(source), place == Place::copied);
    });
  }

  void convert(const SourceRecord& source, const CodexRecord& record, bool copied) {
    source_ = &source;
    if (!events_.begin(source, session_, {}, record.at)) return;
    if (!source.storable) return events_.emit_unknown("not storable");
    if (json::kind_of(source.json) != json::Kind::object) return events_.emit_unknown("no object");
    if (copied) convert_copied(record);
    else convert_own(record);
  }

  void start(const json::Value& meta, std::optional<Timestamp> at) {
    started_ = true;
    history_.begin(meta, at);
    session_ = events_.session(member_text(meta, "id"));
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
    label_parent(labels, meta);
    label("thread_source", member_text(meta, "thread_source"));
    label("agent_role", member_text(meta, "agent_role"));
  }

  static void label_parent(Labels& labels, const json::Value& meta) {
    std::string parent = member_text(meta, "parent_thread_id");
    const auto source = json::find(meta, "source").value_or("null");
    if (const auto agent = json::find_pointer(source, "/subagent")) {
      if (const std::string role = text_or_empty(*agent); !role.empty())
        labels["agent_role"] = fit_label(role);
      if (const auto spawn = json::find_pointer(source, "/subagent/thread_spawn");
          spawn && parent.empty())
        parent = member_text(*spawn, "parent_thread_id");
    }
    if (!parent.empty()) labels["parent_session"] = fit_session_id(parent);
  }

  /// Nothing of it counts. What responses used is told with their ids, by which it is known whether
  /// the parent's log, which tells of them, too, is there.
  void convert_copied(const CodexRecord& record) {
    if (record.group == "turn_context") set_turn(record);
    if (record.group == "token_usage_record") return tokens_.usage_record(record, true);
    if (record.item_type == "token_count" && record.group == "event_msg")
      return tokens_.count(record, true);
    if (record.group == "compacted") tokens_.compacted(record, true);
    const std::string_view type = record.item_type.empty() ? record.group : record.item_type;
    if (type == "session_meta") events_.emit(state_updated, record.payload, of_record_type(type));
    else events_.emit(custom_event, record.payload, of_record_type(joined({"history/", type})));
  }

  void convert_own(const CodexRecord& record) {
    if (record.group == "session_meta")
      events_.emit(state_updated, record.payload, of_record_type(record.group));
    else if (record.group == "turn_context") turn_context(record);
    else if (record.group == "response_item") items_.item(record);
    else if (record.group == "event_msg") message(record);
    else if (record.group == "token_usage_record") tokens_.usage_record(record, false);
    else if (record.group == "compacted") {
      tokens_.compacted(record, false);
      events_.emit(state_updated, record.payload);
    } else if (record.group == "world_state")
      events_.emit(state_updated, record.payload, of_record_type(record.group));
    else if (record.group.starts_with("inter_agent_"))
      events_.emit(custom_event, record.payload, of_record_type(record.group));
    else if (record.group == "screen") screen(record);
    else if (record.group == "state") events_.leave_out("state");
    else events_.emit_unknown(kind_of_source());
  }

  std::string kind_of_source() const {
    const std::string type = member_text(source_->json, "type");
    return type.empty() ? "(no type)" : type;
  }

  void set_turn(const CodexRecord& record) {
    std::string model = member_text(record.payload, "model");
    items_.model(model);
    tokens_.turn(std::move(model), member_text(record.payload, "service_tier"));
  }

  void turn_context(const CodexRecord& record) {
    set_turn(record);
    if (record.payload == context_) return events_.leave_out("turn_context (unchanged)");
    context_ = record.payload;
    EventMetadata metadata = of_record_type("turn_context");
    metadata.model = tokens_.model();
    events_.emit(state_updated, record.payload, std::move(metadata));
  }

  void message(const CodexRecord& record) {
    const std::string_view type = record.item_type;
    if (type == "token_count") return tokens_.count(record, false);
    if (type == "item_completed") return items_.completed(record);
    if (items_.message(record)) return;
    const bool failed = type == "turn_aborted" || type == "error" || type == "stream_error" ||
                        (is_state_message(type) && has_error(record.payload));
    if (failed || is_state_message(type)) {
      EventMetadata metadata = of_record_type(type);
      metadata.duration_ms = json::find_integer(record.payload, "duration_ms");
      if (type == "thread_name_updated") name(record);
      events_.emit(failed ? error_event : state_updated, record.payload, std::move(metadata));
    } else if (type.starts_with("collab_") || is_one_of(type, side_messages)) {
      events_.emit(custom_event, record.payload, of_record_type(type));
    } else if (type == "item_started" || type.starts_with("agent_") || type.ends_with("_begin") ||
               type.ends_with("_end") || type.ends_with("_delta")) {
      events_.leave_out(type);  // They repeat items.
    } else {
      events_.emit_unknown(joined({"event_msg/", type}));
    }
  }

  void name(const CodexRecord& record) {
    for (const char* const key : {"thread_name", "name"})
      if (const std::string title = member_text(record.payload, key); !title.empty())
        return events_.name_session(title, true);
  }

  /// What passed between Codex and its screen.
  void screen(const CodexRecord& record) {
    const std::string_view type = record.item_type;
    if (type == "app_event" || type == "key_event" || type == "insert_history" ||
        type == "log_line" || type.ends_with("_delta"))
      return events_.leave_out(joined({"screen/", type}));
    events_.emit(custom_event, record.payload, of_record_type(joined({"screen/", type})));
  }

  EventMaker& events_;
  CodexItems items_;
  CodexTokens tokens_;
  CodexHistory history_;
  HeldRecords held_;
  const SourceRecord* source_ = nullptr;
  bool started_ = false;
  bool awaits_model_ = false;
  bool model_never_told_ = false;
  std::size_t session_ = 0;
  std::string context_;
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
    .reader = 3,
};

}  // namespace agentstore::formats
