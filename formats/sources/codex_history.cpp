#include "formats/sources/codex_history.hpp"

#include <algorithm>
#include <charconv>

#include "agentstore/json.hpp"
#include "formats/sources/texts.hpp"

namespace agentstore::formats {
namespace {

// A copy is written at once; a model needs longer.
constexpr std::int64_t pause_ms = 1000;
// No model answers in less.
constexpr std::int64_t answer_ms_min = 250;
// The first 0.x version that is sure to write the starts of turns.
constexpr int version_with_turns = 140;

bool starts_turn(const CodexRecord& record) {
  return record.group == "event_msg" &&
         (record.item_type == "task_started" || record.item_type == "turn_started");
}

/// Or the end of a turn that has none.
bool is_answer(const CodexRecord& record) {
  if (record.group == "token_usage_record") return true;
  if (record.group == "event_msg")
    return record.item_type == "token_count" || record.item_type == "agent_message" ||
           record.item_type == "turn_aborted";
  return record.group == "response_item" && member_text(record.payload, "role") == "assistant";
}

bool triggers_turn(const CodexRecord& record) {
  return record.group == "inter_agent_communication_metadata" &&
         json::find(record.payload, "trigger_turn").value_or("") == "true";
}

bool tells_turns(std::string_view version) {
  if (!version.starts_with("0.")) return true;
  int minor = 0;
  const auto [end, error] =
      std::from_chars(version.data() + 2, version.data() + version.size(), minor);
  return error != std::errc{} || minor >= version_with_turns;
}

/// The time in a UUID of version 7, as it is written; empty: it is none.
std::string_view time_in(std::string_view id) {
  constexpr std::size_t uuid_bytes = 36;
  constexpr std::size_t time_bytes = 13;
  return id.size() == uuid_bytes && id[14] == '7' ? id.substr(0, time_bytes) : std::string_view{};
}

}  // namespace

void CodexHistory::begin(const json::Value& meta, std::optional<Timestamp> at) {
  id_ = member_text(meta, "id");
  start_at_ = at;
  last_at_ = at;
  tells_turns_ = tells_turns(member_text(meta, "cli_version"));
  const auto source = json::find(meta, "source").value_or("null");
  const bool spawned = json::find_pointer(source, "/subagent/thread_spawn").has_value() ||
                       !member_text(meta, "parent_thread_id").empty();
  const bool forked = !member_text(meta, "forked_from_id").empty();
  if (spawned || forked) state_ = State::copying;
  spawned_only_ = !forked;
}

CodexHistory::Decision CodexHistory::place_of(const CodexRecord& record) {
  Decision decision;
  switch (state_) {
    case State::none:
      // Older versions name the parent by its own session_meta alone.
      if (last_at_ != start_at_ || !is_other_meta(record)) break;
      state_ = State::copying;
      spawned_only_ = false;
      return {.place = Place::copied, .held = {}};
    case State::copying: decision = while_copying(record); break;
    case State::turn_started: decision = after_turn_start(record); break;
    case State::pause: decision = after_pause(record); break;
  }
  if (record.at && !is_before_start(record)) last_at_ = record.at;
  return decision;
}

CodexHistory::Decision CodexHistory::while_copying(const CodexRecord& record) {
  if (record.group == "session_meta" && !is_other_meta(record)) return {};
  if (is_other_meta(record) || is_before_start(record)) {
    spawned_only_ = spawned_only_ && !is_other_meta(record);
    return {.place = Place::copied, .held = {}};
  }
  if (triggers_turn(record) || spawned_only_) {
    state_ = State::none;
    return {};
  }
  if (starts_turn(record)) return at_turn_start(record, {});
  if (!pauses(record)) return {.place = Place::copied, .held = {}};
  state_ = tells_turns_ ? State::pause : State::none;
  return {.place = tells_turns_ ? Place::undecided : Place::own, .held = {}};
}

// A turn that starts may be copied, too: then another one starts before the copying ends.
CodexHistory::Decision CodexHistory::after_turn_start(const CodexRecord& record) {
  if (is_other_meta(record) || is_before_start(record)) {
    state_ = State::copying;
    return {.place = Place::copied, .held = Place::copied};
  }
  if (triggers_turn(record) || pauses(record)) {
    state_ = State::none;
    return {.place = Place::own, .held = Place::own};
  }
  if (starts_turn(record)) return at_turn_start(record, Place::copied);
  if (!is_answer(record) || !record.at || !turn_at_ ||
      milliseconds_between(*turn_at_, *record.at) >= answer_ms_min)
    return {.place = Place::undecided, .held = {}};
  // Answered at once: it is copied, by a version that tells of turns.
  state_ = State::copying;
  tells_turns_ = true;
  return {.place = Place::copied, .held = Place::copied};
}

CodexHistory::Decision CodexHistory::after_pause(const CodexRecord& record) {
  if (is_other_meta(record)) {
    state_ = State::copying;
    return {.place = Place::copied, .held = Place::copied};
  }
  if (starts_turn(record)) return at_turn_start(record, Place::copied);
  if (!triggers_turn(record)) return {.place = Place::undecided, .held = {}};
  state_ = State::none;
  return {.place = Place::own, .held = Place::copied};
}

CodexHistory::Decision CodexHistory::at_turn_start(const CodexRecord& record,
                                                   std::optional<Place> held) {
  const bool older = is_older_turn(record);
  turn_at_ = record.at;
  state_ = older ? State::copying : State::turn_started;
  return {.place = older ? Place::copied : Place::undecided, .held = held};
}

void CodexHistory::settle() {
  if (state_ == State::turn_started || state_ == State::pause) state_ = State::none;
}

bool CodexHistory::is_other_meta(const CodexRecord& record) const {
  return record.group == "session_meta" && member_text(record.payload, "id") != id_;
}

bool CodexHistory::is_older_turn(const CodexRecord& record) const {
  const std::string turn = member_text(record.payload, "turn_id");
  const std::string_view turn_time = time_in(turn);
  const std::string_view session_time = time_in(id_);
  return !turn_time.empty() && !session_time.empty() && turn_time < session_time;
}

bool CodexHistory::is_before_start(const CodexRecord& record) const {
  return record.at && start_at_ && *record.at < *start_at_;
}

bool CodexHistory::pauses(const CodexRecord& record) const {
  return record.at && last_at_ && milliseconds_between(*last_at_, *record.at) >= pause_ms;
}

}  // namespace agentstore::formats
