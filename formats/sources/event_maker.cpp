#include "formats/sources/event_maker.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <functional>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/internal/record_digest.hpp"
#include "agentstore/json.hpp"
#include "formats/text/code_points.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t session_id_bytes_max = 128;
constexpr std::size_t record_id_bytes_max = 160;
constexpr std::size_t title_bytes_max = 72;
constexpr std::size_t label_bytes_max = 1024;
constexpr std::size_t digest_digits_in_ids = 8;
constexpr std::int64_t passing_ms_max = std::int64_t{365} * 24 * 3600 * 1000;
constexpr std::size_t extra_bytes_usual = 200;

std::uint64_t hash_of(std::string_view text) {
  return std::hash<std::string_view>{}(text);
}

std::uint64_t mixed(std::uint64_t hash, const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return std::rotl((hash ^ word) * 0x9e3779b97f4a7c15ULL, 29);
}

/// A hash of what a record holds, made of four that do not wait for each other: all of a transcript
/// goes through it.
std::uint64_t hash_of_content(std::string_view text) {
  constexpr std::size_t step = 32;
  std::uint64_t a = text.size();
  std::uint64_t b = 1;
  std::uint64_t c = 2;
  std::uint64_t d = 3;
  const auto take = [&](const char* bytes) {
    a = mixed(a, bytes);
    b = mixed(b, bytes + 8);
    c = mixed(c, bytes + 16);
    d = mixed(d, bytes + 24);
  };
  const char* at = text.data();
  const char* const end = at + text.size();
  for (; end - at >= static_cast<std::ptrdiff_t>(step); at += step) take(at);
  std::array<char, step> rest{};
  std::copy(at, end, rest.begin());
  take(rest.data());
  std::array<char, step> lanes{};
  std::memcpy(lanes.data(), &b, 8);
  std::memcpy(lanes.data() + 8, &c, 8);
  std::memcpy(lanes.data() + 16, &d, 8);
  for (std::size_t lane = 0; lane < 24; lane += 8) a = mixed(a, lanes.data() + lane);
  return mixed(a, lanes.data() + 24);
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool fits_session_id(std::string_view text) {
  return !text.empty() && text.size() <= session_id_bytes_max && is_word(text[0]) &&
         !text.starts_with("agentstore.") && std::ranges::all_of(text, [](char c) {
           return is_word(c) || c == '.' || c == '_' || c == ':' || c == '-';
         });
}

bool fits_record_id(std::string_view text) {
  return !text.empty() && text.size() <= record_id_bytes_max &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
}

std::string first_line(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  return std::string{cut_utf8(text.substr(0, text.find_first_of("\r\n")), title_bytes_max)};
}

/// What is_tool_error (agentstore/analysis/stats.hpp) asks of a result's payload.
std::string members_about_failure(const json::Value& payload) {
  std::string out = "{";
  for (json::Walk member{payload}; member.next();) {
    if (!member.key_is("is_error") && !member.key_is("exit_code") && !member.key_is("error"))
      continue;
    if (out.size() > 1) out += ',';
    out += member.key();
    out += ':';
    out += json::compact(member.value());
  }
  return out + '}';
}

class Members {
 public:
  explicit Members(std::string& out) : out_{out} { out_ += '{'; }
  std::string& next(std::string_view key) {
    if (!first_) out_ += ',';
    first_ = false;
    json::append_quoted(out_, key);
    out_ += ':';
    return out_;
  }
  void text(std::string_view key, std::string_view value) {
    if (!value.empty()) json::append_quoted(next(key), value);
  }
  void number(std::string_view key, const std::optional<std::int64_t>& value) {
    if (value) next(key) += std::to_string(*value);
  }
  void close() { out_ += '}'; }

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace

std::string digest_of(std::string_view text) {
  return record_digest(text);
}

std::string fit_session_id(std::string_view text) {
  if (fits_session_id(text)) return std::string{text};
  std::string id{text.substr(0, session_id_bytes_max - 2 - digest_digits_in_ids)};
  for (char& c : id)
    if (!is_word(c) && c != '.' && c != '_' && c != '-') c = '-';
  if (!fits_session_id(id)) id.insert(0, "s");
  return id + "-" + digest_of(text).substr(0, digest_digits_in_ids);
}

std::string fit_label(std::string_view text) {
  return std::string{cut_utf8(text, label_bytes_max)};
}

std::string project_of(std::string_view cwd) {
  for (const std::string_view worktrees :
       {"/.claude/worktrees/", "\\.claude\\worktrees\\", "/.worktrees/", "\\.worktrees\\"})
    cwd = cwd.substr(0, cwd.find(worktrees));
  while (cwd.ends_with('/') || cwd.ends_with('\\')) cwd.remove_suffix(1);
  return fit_label(cwd.substr(cwd.find_last_of("/\\") + 1));
}

void EventMetadata::add_extra(std::string_view key, std::string_view value) {
  if (value.empty()) return;
  if (extra.empty()) extra.reserve(extra_bytes_usual);
  else extra += ',';
  json::append_quoted(extra, key);
  extra += ':';
  json::append_quoted(extra, value);
}

EventMetadata of_record_type(std::string_view name) {
  EventMetadata metadata;
  metadata.add_extra("record_type", name);
  return metadata;
}

std::string EventMetadata::to_json() const {
  std::string out;
  out.reserve(extra.size() + extra_bytes_usual);
  Members members{out};
  members.text("worker_id", worker_id);
  members.number("tokens_in", tokens_in);
  members.number("tokens_out", tokens_out);
  members.number("tokens_cache_read", tokens_cache_read);
  members.number("tokens_cache_write", tokens_cache_write);
  members.number("tokens_cache_write_1h", tokens_cache_write_1h);
  members.number("tokens_reasoning", tokens_reasoning);
  members.text("model", model);
  members.text("tool_name", tool_name);
  members.number("duration_ms", duration_ms);
  if (!cost_usd.empty()) members.next("cost_usd") += cost_usd;
  members.text("causation_id", causation_id);
  if (!extra.empty()) members.next("extra").append(1, '{').append(extra).append(1, '}');
  members.close();
  return out;
}

void EventMaker::first_record(std::string_view json) {
  options_.fallback_id += "-" + digest_of(json).substr(0, digest_digits_in_ids);
}

void EventMaker::title_session(std::string_view prompt) {
  std::string& title = sessions_[session_].title;
  if (title.empty()) title = first_line(prompt);
}

void EventMaker::name_session(std::string_view title, bool for_good) {
  SourceSession& session = sessions_[session_];
  if (session.named && !for_good) return;
  session.named = for_good;
  session.title = first_line(title);
}

std::size_t EventMaker::session(std::string_view id) {
  std::string fit = fit_session_id(id.empty() ? options_.fallback_id : id);
  const auto [at, added] = session_of_.try_emplace(fit, sessions_.size());
  if (added)
    sessions_.push_back(
        {.id = std::move(fit), .title = {}, .named = false, .labels = {}, .created_at = {}});
  return at->second;
}

void EventMaker::pass_time(std::int64_t milliseconds) {
  if (last_at_ || milliseconds < 0 || milliseconds > passing_ms_max) return;
  Timestamp& at = options_.file_changed_at;
  const std::int64_t nanoseconds = at.nanoseconds + milliseconds % 1000 * 1'000'000;
  at.seconds += milliseconds / 1000 + nanoseconds / 1'000'000'000;
  at.nanoseconds = static_cast<std::int32_t>(nanoseconds % 1'000'000'000);
}

bool EventMaker::begin(const SourceRecord& record, std::size_t session, std::string_view id,
                       std::optional<Timestamp> at) {
  record_ = record;
  session_ = session;
  events_of_record_ = 0;
  repeated_ = false;
  time_source_ = at ? nullptr : last_at_ ? "inherited" : "file";
  at_ = at ? *at : last_at_.value_or(options_.file_changed_at);
  used_time_of_file_ = used_time_of_file_ || (!at && !last_at_);
  if (at) last_at_ = at;
  SourceSession& of = sessions_[session];
  if (of.created_at == Timestamp{}) of.created_at = at_;

  if (fits_record_id(id)) return begin_own(id);
  if (whole()) name_by_content();
  return true;
}

bool EventMaker::begin_own(std::string_view id) {
  record_id_ = id;
  const std::string& session_id = sessions_[session_].id;
  seen_key_.assign(session_id).append(1, '\n').append(id);
  const std::uint64_t held = hash_of_content(record_.json);
  const auto [before, added] = seen_.try_emplace(hash_of(seen_key_), held);
  if (added) return true;
  if (before->second != held) {
    // Two records under one id: both are kept.
    record_id_ += "~" + digest_of(record_.json).substr(0, 2 * digest_digits_in_ids);
    if (seen_.try_emplace(hash_of(session_id + '\n' + record_id_), held).second) return true;
  }
  ++tally_.duplicates;
  repeated_ = true;
  return options_.repetitions;
}

// Without an id, records that are alike may well be two: "continue", and again.
void EventMaker::name_by_content() {
  record_id_ = std::string{record_id_start} + digest_of(record_.json);
  const std::uint64_t number = ++equals_[hash_of(sessions_[session_].id + '\n' + record_id_)];
  if (number > 1) record_id_ += "~" + std::to_string(number);
}

SourceEvent& EventMaker::add(std::string_view type, std::size_t payload_bytes,
                             EventMetadata metadata) {
  const auto [key, value] = std::exchange(note_, {});
  metadata.add_extra(key, value);
  if (time_source_ != nullptr) metadata.add_extra("timestamp_source", time_source_);
  SourceEvent& event = events_.emplace_back();
  event.session = session_;
  event.line = record_.line;
  event.repeated = repeated_;
  event.draft.type = type;
  event.draft.metadata = metadata.to_json();
  event.draft.timestamp = at_;
  if (whole()) {
    event.draft.event_id = record_id_;
    if (events_of_record_ > 0) event.draft.event_id += "." + std::to_string(events_of_record_);
  }
  ++events_of_record_;
  ++tally_.events;
  count(tally_.by_type, type);
  tally_.kept_bytes += payload_bytes + event.draft.metadata.size();
  return event;
}

std::string EventMaker::emit(std::string_view type, Payload payload, EventMetadata metadata) {
  std::size_t bytes = 0;
  for (const std::string_view part : payload) bytes += part.size();
  SourceEvent& event = add(type, bytes, std::move(metadata));
  if (!whole()) return {};
  event.compact = record_.compact;
  event.draft.payload.reserve(bytes);
  for (const std::string_view part : payload) event.draft.payload += part;
  return event.draft.event_id;
}

void EventMaker::emit_beside(std::string_view suffix, std::string_view type, Payload payload,
                             EventMetadata metadata) {
  const std::size_t before = std::exchange(events_of_record_, 0);
  emit(type, payload, std::move(metadata));
  events_of_record_ = before;
  if (whole()) (events_.back().draft.event_id += '.') += suffix;
}

void EventMaker::emit_result(Payload payload, const json::Value& outcome, EventMetadata metadata) {
  emit(tool_result, payload, std::move(metadata));
  if (!whole()) events_.back().draft.payload = members_about_failure(outcome);
}

void EventMaker::emit_text(std::string_view type, std::string payload, EventMetadata metadata) {
  SourceEvent& event = add(type, payload.size(), std::move(metadata));
  if (whole()) event.draft.payload = std::move(payload);
}

void EventMaker::emit_unknown(std::string_view kind, EventMetadata metadata) {
  count(tally_.unknown, kind);
  if (record_.storable) return (void)emit(custom_event, record_.json, std::move(metadata));
  metadata.add_extra(unread_member,
                     "the record does not count: a key stands twice in it, or its text "
                     "is no valid UTF-8");
  // What no log may hold as JSON is held as text.
  emit_text(custom_event, "{\"text\":" + json::quote(record_.json) + "}", std::move(metadata));
}

void EventMaker::leave_out(std::string_view kind) {
  count(tally_.left_out, kind);
  if (!options_.keep_all) return;
  EventMetadata metadata;
  metadata.add_extra("record_type", std::string{kind});
  emit(custom_event, record_.json, std::move(metadata));
  events_.back().left_out = true;
}

}  // namespace agentstore::formats
