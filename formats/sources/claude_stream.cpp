// Claude Code without a screen: what `claude -p --output-format stream-json` prints, and the Agent
// SDK gives. Its messages are those of a transcript, with figures that stop at the first token;
// what was used is told by the result lines (claude_run.hpp).

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

#include "agentstore/json.hpp"
#include "formats/sources/claude_record.hpp"
#include "formats/sources/claude_run.hpp"
#include "formats/sources/claude_talk.hpp"
#include "formats/sources/event_maker.hpp"
#include "formats/sources/held_records.hpp"
#include "formats/sources/texts.hpp"

namespace agentstore::formats {
namespace {

/// They draw a screen, or keep a connection up.
constexpr auto passing = std::to_array<std::string_view>({
    "stream_event",
    "tool_progress",
    "keep_alive",
    "control_request",
    "control_response",
    "control_cancel_request",
});

constexpr auto notes = std::to_array<std::string_view>({
    "rate_limit_event",
    "tool_use_summary",
    "auth_status",
    "prompt_suggestion",
});

class ClaudeStream final : public Converter {
 public:
  explicit ClaudeStream(EventMaker& events)
      : events_{events}, talk_{events, ClaudeFigures::placeholders} {}

  void take(const SourceRecord& source) override {
    ClaudeRecord record = read(source);
    if (!started_ && !record.at && held_.hold(source)) return;
    start(record.at);
    convert(source, record);
  }

  void end() override { start({}); }

 private:
  static ClaudeRecord read(const SourceRecord& source) {
    return source.storable ? read_claude_stream_record(source.json) : ClaudeRecord{};
  }

  /// Most records have no time; those before the first one that has inherit it.
  void start(std::optional<Timestamp> first) {
    if (std::exchange(started_, true)) return;
    if (first) events_.first_at(*first);
    held_.release([&](const SourceRecord& source) {
      ClaudeRecord record = read(source);
      convert(source, record);
    });
  }

  void convert(const SourceRecord& source, ClaudeRecord& record) {
    const std::size_t session = session_of(record);
    talk_.in_session(session);
    if (record.type == "result" && record.duration_ms) events_.pass_time(*record.duration_ms);
    if (!events_.begin(source, session, record.uuid, record.at)) return;
    if (!source.storable) return events_.emit_unknown("not storable");
    if (json::kind_of(source.json) != json::Kind::object) return events_.emit_unknown("no object");
    begin_turn(record);
    if (record.type == "assistant" && record.has_message) assistant(source, record, session);
    else if (record.type == "user" && !record.message.content.empty()) talk_.user(record);
    else if (record.type == "system") system(source, record);
    else if (record.type == "result") result(source, record);
    else if (is_one_of(record.type, passing)) events_.leave_out(record.type);
    else if (is_one_of(record.type, notes))
      events_.emit(custom_event, source.json, ClaudeTalk::of_kind(record, record.type));
    else events_.emit_unknown(record.type.empty() ? "(no type)" : record.type);
  }

  /// What a turn used is not known before its result: stats looks for that.
  void begin_turn(const ClaudeRecord& record) {
    const bool begins =
        record.type == "assistant" || record.type == "user" ||
        (record.type == "system" && (record.subtype == "init" || record.subtype == "hook_started"));
    if (!begins || !record.parent_tool_use.empty() || std::exchange(in_turn_, true)) return;
    events_.annotate_next("run", "begun");
  }

  void assistant(const SourceRecord& source, ClaudeRecord& record, std::size_t session) {
    if (!record.error_kind.empty() || record.api_error) {
      EventMetadata metadata = ClaudeTalk::of_kind(record, record.error_kind);
      return (void)events_.emit(error_event, source.json, std::move(metadata));
    }
    run().respond(session, record.message.model);
    talk_.assistant(record);
  }

  void system(const SourceRecord& source, const ClaudeRecord& record) {
    const std::string_view kind = record.subtype;
    if (kind == "task_started") note_agent(source.json);
    EventMetadata metadata = ClaudeTalk::of_kind(record, joined({"system/", kind}));
    metadata.duration_ms = record.duration_ms;
    const bool state = kind == "init" || kind.ends_with("compact_boundary");
    const std::string_view type = kind == "api_retry" || kind == "api_error" ? error_event
                                  : state                                    ? state_updated
                                                                             : custom_event;
    events_.emit(type, source.json, std::move(metadata));
  }

  /// The transcripts call a sub-agent by this id, too.
  void note_agent(const json::Value& json) {
    if (json::find_text(json, "task_type") == "local_bash") return;
    const auto call = json::find_text(json, "tool_use_id");
    const auto agent = json::find_text(json, "task_id");
    if (call && agent) agent_ids_.try_emplace(*call, *agent);
  }

  void result(const SourceRecord& source, const ClaudeRecord& record) {
    in_turn_ = false;
    const std::string id = record.uuid.empty() ? "line-" + digest_of(source.json).substr(0, 16)
                                               : std::string{record.uuid};
    events_.annotate_next("run", "ended");
    const bool failed = json::find(source.json, "is_error").value_or("false") == "true" ||
                        record.subtype.starts_with("error");
    EventMetadata metadata = ClaudeTalk::of_kind(record, "result");
    metadata.duration_ms = record.duration_ms;
    events_.emit(failed ? error_event : state_updated, source.json, std::move(metadata));
    const auto shares = run().end_turn(source.json, id);
    for (std::size_t i = 0; i < shares.size(); ++i)
      emit_share(source, record, shares[i], joined({id, ".usage-", std::to_string(i + 1)}));
  }

  void emit_share(const SourceRecord& source, const ClaudeRecord& record, const RunShare& share,
                  const std::string& id) {
    if (!events_.begin(source, share.session, id, record.at)) return;
    EventMetadata metadata = ClaudeTalk::of_kind(record, "run_usage");
    metadata.add_extra("response", joined({"run/", run().process(), "/", share.model,
                                           share.of_agents ? "/sub-agents" : ""}));
    add_run_use(metadata, share);
    events_.emit(llm_response, "{\"content\":[]}", std::move(metadata));
  }

  std::size_t session_of(const ClaudeRecord& record) {
    if (!record.session_id.empty() && record.session_id != session_id_) {
      session_id_ = record.session_id;
      own_session_.reset();
    }
    if (!own_session_) {
      own_session_ = events_.session(session_id_);
      run_of_.try_emplace(*own_session_, *own_session_);
    }
    describe(events_.sessions()[*own_session_], record);
    if (record.parent_tool_use.empty()) return *own_session_;
    const auto known = agent_ids_.find(record.parent_tool_use);
    const std::string_view agent =
        known == agent_ids_.end() ? record.parent_tool_use : std::string_view{known->second};
    const std::size_t session = events_.session(joined({"agent-", agent, ".", session_id_}));
    Labels& labels = events_.sessions()[session].labels;
    labels = events_.sessions()[*own_session_].labels;
    labels["agent_id"] = fit_label(agent);
    labels["parent_session"] = events_.sessions()[*own_session_].id;
    return session;
  }

  static void describe(SourceSession& session, const ClaudeRecord& record) {
    session.labels["source"] = "claude-code";
    session.labels["agent_type"] = "claude-code";
    if (!record.cwd.empty()) session.labels["cwd"] = fit_label(record.cwd);
    if (auto project = project_of(record.cwd); !project.empty())
      session.labels["project"] = std::move(project);
    if (!record.version.empty()) session.labels["version"] = fit_label(record.version);
  }

  ClaudeRun& run() { return run_of_.at(*own_session_); }

  EventMaker& events_;
  ClaudeTalk talk_;
  HeldRecords held_;
  bool started_ = false;
  bool in_turn_ = false;
  std::string session_id_;
  std::optional<std::size_t> own_session_;
  std::map<std::size_t, ClaudeRun> run_of_;                    // by session
  std::map<std::string, std::string, std::less<>> agent_ids_;  // by the call that began the agent
};

std::unique_ptr<Converter> make_claude_stream(EventMaker& events) {
  return std::make_unique<ClaudeStream>(events);
}

}  // namespace

const Source claude_stream_source{
    .name = "claude-stream",
    .title = "Claude Code stream (claude -p --output-format stream-json)",
    .family = "claude-code",
    .recognises = is_claude_stream_record,
    .make = make_claude_stream,
};

}  // namespace agentstore::formats
