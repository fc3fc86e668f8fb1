// Claude Code: a line for every block of a message, with what the message has used on each of
// them; the results of tools as the user's lines. A sub-agent's lines name its parent's session.

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "agentstore/json.hpp"
#include "formats/sources/claude_attachments.hpp"
#include "formats/sources/claude_record.hpp"
#include "formats/sources/claude_talk.hpp"
#include "formats/sources/claude_types.hpp"
#include "formats/sources/event_maker.hpp"
#include "formats/sources/held_records.hpp"
#include "formats/sources/resumable.hpp"
#include "formats/sources/source_bytes.hpp"
#include "formats/sources/texts.hpp"

namespace agentstore::formats {
namespace {

/// Subtypes of system records that say nothing of failure.
constexpr auto system_notes = std::to_array<std::string_view>({
    "stop_hook_summary",
    "local_command",
    "local_command_output",
    "informational",
    "away_summary",
    "bridge_status",
    "memory_saved",
    "permission_retry",
    "scheduled_task_fire",
    "agents_killed",
    "api_metrics",
    "file_snapshot",
    "thinking",
    "notification",
    "init",
    "status",
    "hook_started",
    "hook_progress",
    "hook_response",
    "task_started",
    "task_progress",
    "task_notification",
    "post_turn_summary",
    "session_state_changed",
    "files_persisted",
    "model_refusal_fallback",
    "teammate_shutdown",
});

class ClaudeCode final : public ResumableConverter {
 public:
  explicit ClaudeCode(EventMaker& events) : events_{events}, talk_{events} {}

  void take(const SourceRecord& source) override {
    ClaudeRecord record = read(source);
    if (started_) return convert(source, std::move(record));
    // What comes before the first line with a session and a time belongs to that session.
    const bool told = !record.session_id.empty() && record.at;
    if (!told && held_.hold(source)) return;
    start(record);
    convert(source, std::move(record));
  }

  bool save(ByteWriter& writer) override {
    if (!started_) return false;
    writer.fields(current_, index_of_current_);
    talk_.list_state(writer);
    return true;
  }

  void restore(ByteReader& reader) override {
    started_ = true;
    reader.fields(current_, index_of_current_);
    talk_.list_state(reader);
  }

  void end() override {
    if (started_) return;
    // Lines about a session, which is not told yet: taken now, they would be taken once more.
    bool waiting = true;
    held_.each([&](const SourceRecord& source) {
      const ClaudeRecord record = read(source);
      waiting = waiting && !record.type.empty() && !record.has_message;
    });
    if (events_.keeps_all() || !waiting) return start({});
    held_.each([&](const SourceRecord& source) {
      count(events_.tally().left_out, std::string{read(source).type} + " (of no session yet)");
    });
  }

 private:
  /// What no log may hold must not get into ids and labels either.
  static ClaudeRecord read(const SourceRecord& source) {
    return source.storable ? read_claude_record(source.json) : ClaudeRecord{};
  }

  void start(const ClaudeRecord& first) {
    started_ = true;
    current_ = key_of(first);
    session_of(first);
    if (first.at) events_.first_at(*first.at);
    held_.release([&](const SourceRecord& source) { convert(source, read(source)); });
  }

  /// The session that a record is of: a sub-agent has one of its own.
  static std::string key_of(const ClaudeRecord& record) {
    if (!record.agent_id.empty())
      return joined({"agent-", record.agent_id, ".", record.session_id});
    return joined({record.sidechain ? "sidechain." : "", record.session_id});
  }

  std::size_t session_of(const ClaudeRecord& record) {
    const bool plain = record.agent_id.empty() && !record.sidechain;
    const bool same = record.session_id.empty() || (plain && record.session_id == current_);
    if (same && index_of_current_) {
      SourceSession& session = events_.sessions()[*index_of_current_];
      if (!record.cwd.empty() && !session.labels.contains("cwd")) describe(session, record);
      return *index_of_current_;
    }
    if (!record.session_id.empty()) current_ = key_of(record);
    const std::size_t before = events_.sessions().size();
    const std::size_t index = events_.session(current_);
    if (index == before) describe(events_.sessions()[index], record);
    index_of_current_ = index;
    return index;
  }

  /// The first records of a session may say little of it.
  static void describe(SourceSession& session, const ClaudeRecord& record) {
    session.labels.insert({{"source", "claude-code"}, {"agent_type", "claude-code"}});
    const auto label = [&](const char* key, std::string_view value) {
      if (!value.empty()) session.labels.try_emplace(key, fit_label(value));
    };
    label("cwd", record.cwd);
    label("project", project_of(record.cwd));
    label("git_branch", record.branch);
    label("version", record.version);
    label("agent_id", record.agent_id);
    if (!record.forked_from.empty()) label("forked_from", fit_session_id(record.forked_from));
    if (!record.agent_id.empty() || record.sidechain)
      label("parent_session", fit_session_id(record.session_id));
  }

  void convert(const SourceRecord& source, ClaudeRecord record) {
    const std::size_t session = session_of(record);
    talk_.in_session(session);
    if (!events_.begin(source, session, record.uuid, record.at)) {
      if (!record.message.usage.empty()) talk_.note_duplicate(record);
      return;
    }
    if (!source.storable) return events_.emit_unknown("not storable");
    if (json::kind_of(source.json) != json::Kind::object) return events_.emit_unknown("no object");
    const std::string_view kind = record.kind();
    if (kind == "assistant" && record.has_message) talk_.assistant(record);
    else if (kind == "user" && !record.message.content.empty()) talk_.user(record);
    else if (kind == "attachment" && !record.attachment.empty())
      take_claude_attachment(events_, talk_, source, record);
    else if (kind == "system") system(source, record);
    else if (kind == "progress") progress(source, record);
    else bookkeeping(source, record, kind);
  }

  /// What Claude Code notes for itself between the messages.
  void bookkeeping(const SourceRecord& source, const ClaudeRecord& record, std::string_view kind) {
    if (is_one_of(kind, claude_snapshots)) return events_.leave_out(kind);
    if (kind == "pr-link") return (void)events_.emit(state_updated, source.json);
    if (!is_one_of(kind, claude_notes))
      return events_.emit_unknown(kind.empty() ? "(no type)" : kind);
    if (kind == "custom-title" || kind == "ai-title") title(source, kind);
    events_.emit(custom_event, source.json, ClaudeTalk::of_kind(record, kind));
  }

  /// A title that the user gave stands, whatever the agent calls the session afterwards.
  void title(const SourceRecord& source, std::string_view kind) {
    const bool own = kind == "custom-title";
    const auto text = json::find_text(source.json, own ? "customTitle" : "aiTitle");
    if (text) events_.name_session(*text, own);
  }

  void system(const SourceRecord& source, const ClaudeRecord& record) {
    EventMetadata metadata = ClaudeTalk::of_kind(record, joined({"system/", record.subtype}));
    metadata.duration_ms = record.duration_ms;
    const std::string_view kind = record.subtype;
    const std::string_view payload = source.json;
    if (kind == "api_error") events_.emit(error_event, payload, std::move(metadata));
    else if (kind == "turn_duration" || kind.ends_with("compact_boundary"))
      events_.emit(state_updated, payload, std::move(metadata));
    else if (is_one_of(kind, system_notes))
      events_.emit(custom_event, payload, std::move(metadata));
    else events_.emit_unknown(joined({"system/", kind}));
  }

  /// A sub-agent's own transcript may be missing: what its progress tells is kept.
  void progress(const SourceRecord& source, const ClaudeRecord& record) {
    const std::string kind = "progress/" + json::find_text(record.data, "type").value_or("");
    const auto nested = json::find(record.data, "message");
    if (kind == "progress/hook_progress")
      events_.emit(custom_event, source.json, ClaudeTalk::of_kind(record, kind));
    else if (kind == "progress/agent_progress" && nested) agent_progress(record, *nested, kind);
    else events_.leave_out(kind);
  }

  void agent_progress(const ClaudeRecord& record, const json::Value& nested,
                      const std::string& kind) {
    ClaudeRecord told = read_claude_record(nested);
    told.agent_id = told.texts.view(json::find(record.data, "agentId").value_or("null"));
    EventMetadata metadata =
        told.message.usage.empty() ? ClaudeTalk::of(told) : talk_.response_metadata(told);
    metadata.add_extra("record_type", kind);
    metadata.add_extra("sub_agent", told.agent_id);
    events_.emit(custom_event, nested, std::move(metadata));
  }

  EventMaker& events_;
  bool started_ = false;
  HeldRecords held_;
  std::string current_;  // the session of records that name none
  std::optional<std::size_t> index_of_current_;
  ClaudeTalk talk_;
};

std::unique_ptr<Converter> make_claude_code(EventMaker& events) {
  return std::make_unique<ClaudeCode>(events);
}

}  // namespace

const Source claude_code_source{
    .name = "claude-code",
    .title = "Claude Code transcript",
    .family = "claude-code",
    .recognises = is_claude_record,
    .make = make_claude_code,
};

}  // namespace agentstore::formats
