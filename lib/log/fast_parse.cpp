#include "log/fast_parse.hpp"

#include <algorithm>

#include "agentstore/json.hpp"
#include "base/cursor.hpp"
#include "base/digits.hpp"
#include "base/ids.hpp"
#include "base/json_string.hpp"
#include "base/sha256.hpp"
#include "base/utf8.hpp"
#include "log/stored_form.hpp"

namespace agentstore::log {
namespace {

constexpr std::string_view before_type = R"(,"type":")";
constexpr std::string_view before_time = R"(,"timestamp":")";
constexpr std::string_view before_recorded = R"(","recorded_at":")";
constexpr std::string_view before_metadata = R"(","metadata":)";
constexpr std::string_view before_id = R"(,"event_id":")";
constexpr std::string_view before_batch = R"(","batch":[)";
constexpr std::string_view before_payload = R"(,"payload":)";
constexpr std::string_view before_salt = R"(,"salt":")";
constexpr std::string_view before_prev = R"(","prev":")";
constexpr std::string_view before_hash = R"(","hash":")";
constexpr std::string_view end_of_seal = R"("})";

constexpr std::size_t salt_size = 32;
constexpr std::size_t hash_size = 64;
constexpr std::size_t hash_bytes = before_hash.size() + hash_size + end_of_seal.size();
constexpr std::size_t links_bytes = before_prev.size() + hash_size + hash_bytes;
constexpr std::size_t seal_bytes = before_salt.size() + salt_size + links_bytes;
static_assert(seal_bytes == 191);

// The Go library's metadata rarely reaches further back from the end.
constexpr std::size_t go_tail_bytes_max = 1024;
constexpr std::ptrdiff_t time_bytes = 30;  // of our times
constexpr std::ptrdiff_t digits_max = 15;  // of a number that is surely below 2^53

inline bool skip_number(Cursor& cursor, std::uint64_t& number) {
  const char* const start = cursor.at();
  const char* const end = cursor.end();
  const char* at = start;
  number = 0;
  if (end - at >= 8) {
    const std::uint64_t eight = load_eight(at);
    const unsigned count = count_digits(eight);
    if (count > 0) number = number_of(eight, count);
    at += count;
    cursor.go_to(at);
    if (count < 8) return count > 0 && *start != '0';
  }
  for (; at != end && *at >= '0' && *at <= '9'; ++at)
    number = number * 10 + static_cast<unsigned>(*at - '0');
  cursor.go_to(at);
  const std::ptrdiff_t digits = at - start;
  return digits > 0 && digits <= digits_max && *start != '0';
}

// A time in the one form of our writer's.
inline bool skip_stored_time(Cursor& cursor, RecentTime& recent, Timestamp& time) {
  const char* const at = cursor.at();
  if (cursor.end() - at <= time_bytes || at[time_bytes] != '"') return false;
  const std::string_view text{at, std::size_t{time_bytes}};
  cursor.go_to(at + time_bytes);
  return is_stored_time(text) && recent.read(text, time);
}

inline bool skip_time(Cursor& cursor, RecentTime& recent, Timestamp& time) {
  const char* const at = cursor.at();
  if (cursor.end() - at > time_bytes && at[time_bytes] == '"' &&
      recent.read({at, std::size_t{time_bytes}}, time)) {
    cursor.go_to(at + time_bytes);
    return true;
  }
  std::string_view text;
  return cursor.skip_text(text) && recent.read(text, time);
}

inline bool skip_object(Cursor& cursor, json::Notes& notes, json::Value& object) {
  const char* const start = cursor.at();
  if (cursor.skip("{}")) {
    object = std::string_view{start, 2};
    return true;
  }
  if (cursor.at_end() || *start != '{') return false;
  object = notes.take(start, cursor.end());
  if (object.empty()) {
    const char* end = start;
    if (json::check_value(start, cursor.end(), json::rules_to_read, end)) return false;
    object = std::string_view{start, end};
  }
  cursor.go_to(start + object.size());
  return true;
}

// Whether it is a salt and links, whose glue was seen.
bool is_seal(const char* seal) {
  const char* const end = seal + seal_bytes;
  return std::string_view{seal, before_salt.size()} == before_salt &&
         is_hex({end - links_bytes - salt_size, salt_size}) &&
         is_hex({end - hash_bytes - hash_size, hash_size}) &&
         is_hex({end - end_of_seal.size() - hash_size, hash_size});
}

bool has_unique_keys(const json::Value& metadata) {
  if (metadata.size() == 2 || (metadata.note() != nullptr && json::keys_differ(metadata)))
    return true;
  json::Rules rules = json::rules_to_read;
  rules.unique_keys = true;
  return !json::check(metadata, rules);
}

bool is_value(std::string_view text) {
  const char* end = text.data();
  const bool bad =
      json::check_value(text.data(), text.data() + text.size(), json::rules_to_read, end)
          .has_value();
  return !bad && end == text.data() + text.size();
}

}  // namespace

FastParser::FastParser(std::string_view session_id)
    : session_id_(session_id),
      may_be_sealed_(is_session_id(session_id)),
      head_("{\"session_id\":" + json::quote(session_id) + ",\"sequence_number\":") {}

bool FastParser::ends(std::string_view text, Ends& ends) const {
  Cursor cursor{text.data(), text.data() + text.size()};
  if (!cursor.skip(head_) || !skip_number(cursor, ends.sequence_number) ||
      !cursor.skip(before_type) || !cursor.skip_text(ends.type) || !cursor.skip("\"")) {
    return false;
  }
  const std::size_t left = static_cast<std::size_t>(text.data() + text.size() - cursor.at());
  ends.prev = ends.hash = {};
  if (cursor.skip(before_payload)) return text.ends_with("}}");  // The Go library's.
  if (left < links_bytes || !text.ends_with(end_of_seal)) return false;
  read_links(text, ends);
  return !ends.hash.empty();
}

bool FastParser::event(std::string_view text, bool check_payload, Ends& ends, EventView& event) {
  event.session_id = session_id_;
  event.sequence_number = ends.sequence_number;
  event.type = ends.type;
  event.hash = ends.hash;
  event.line = text;
  const char* const behind_type = ends.type.data() + ends.type.size() + 1;
  ends.batch.emplace();
  ends.recorded_at.reset();
  const bool sealed = !ends.hash.empty();
  const bool read = sealed ? read_sealed(behind_type, text, ends, event)
                           : read_go(behind_type, text, check_payload, event);
  if (!read || (sealed && !has_stored_envelope(text, event)) ||
      (!sealed && !has_unique_keys(event.metadata))) {
    return false;
  }
  if (!check_payload) return true;
  return check_of(event.payload, text) &&
         (!sealed || (is_utf8(event.payload) && is_stored_json(event.payload)));
}

// Of a sealed line, whose times were seen.
bool FastParser::has_stored_envelope(std::string_view text, const EventView& event) const {
  const std::string_view envelope{text.data(), event.payload.data()};
  return may_be_sealed_ && is_event_type(event.type) && check_event_id(event.event_id) &&
         is_utf8(envelope) && is_stored_json(event.metadata) &&
         (event.metadata.size() == 2 || !misfit_in_metadata(event.metadata));
}

// Whether the payload, which stands in a line, is one value; if so, with notes where they fit.
bool FastParser::check_of(json::Value& payload, std::string_view line) {
  const json::Value value = notes_.take(payload.data(), line.data() + line.size());
  if (value.empty()) return is_value(payload);
  if (value.size() != payload.size()) return false;
  payload = value;
  return true;
}

// From the timestamp on, up to the payload; the payload reaches up to the seal.
bool FastParser::line(std::string_view text, Line& line) {
  Ends seen;
  forget();
  if (!ends(text, seen) || !event(text, true, seen, line.event)) return false;
  // The notes are for this line alone.
  line.event.metadata = std::string_view{line.event.metadata};
  line.event.payload = std::string_view{line.event.payload};
  if (seen.hash.empty()) return true;
  const std::string_view payload = line.event.payload;
  line.seal = Seal::sealed;
  line.batch = *seen.batch;
  line.recorded_at = seen.recorded_at;
  line.envelope = {text.data(), payload.data() - before_payload.size()};
  line.salt = {payload.data() + payload.size() + before_salt.size(), salt_size};
  from_hex(seen.prev, line.prev.data(), line.prev.size());
  from_hex(seen.hash, line.hash.data(), line.hash.size());
  return true;
}

std::optional<LineError> take_apart(std::string_view text, FastParser& fast_parse, Arena& arena,
                                    Line& line) {
  if (fast_parse.line(text, line)) return std::nullopt;
  line = {};
  return parse_line(text, arena, line);
}

bool FastParser::read_sealed(const char* at, std::string_view text, Ends& ends, EventView& event) {
  Cursor cursor{at, text.data() + text.size()};
  if (!cursor.skip(before_time) || !skip_stored_time(cursor, happened_, event.timestamp))
    return false;
  if (cursor.skip(before_recorded) &&
      !skip_stored_time(cursor, recorded_, ends.recorded_at.emplace())) {
    return false;
  }
  if (!cursor.skip(before_metadata) || !skip_object(cursor, notes_, event.metadata) ||
      !cursor.skip(before_id) || !cursor.skip_text(event.event_id)) {
    return false;
  }
  Batch& batch = *ends.batch;
  if (cursor.skip(before_batch)) {
    if (!skip_number(cursor, batch.first) || !cursor.skip(",") ||
        !skip_number(cursor, batch.last) || !cursor.skip("]") || batch.first >= batch.last ||
        batch.first > event.sequence_number || batch.last < event.sequence_number) {
      return false;
    }
  } else if (!cursor.skip("\"")) {
    return false;
  }
  if (!cursor.skip(before_payload)) return false;
  const char* const seal = text.data() + text.size() - seal_bytes;
  // A redacted line has no salt, and white space stands before no value.
  if (cursor.at() >= seal || static_cast<unsigned char>(*cursor.at()) <= ' ' || !is_seal(seal))
    return false;
  event.payload = std::string_view{cursor.at(), seal};
  return true;
}

// Whether a timestamp and metadata stand from here to the line's end.
bool FastParser::read_go_tail(const char* at, const char* end, EventView& event) {
  Cursor cursor{at, end};
  return cursor.skip(before_time) && skip_time(cursor, happened_, event.timestamp) &&
         cursor.skip(before_metadata) && skip_object(cursor, notes_, event.metadata) &&
         cursor.skip("}") && cursor.at_end();
}

// `,"timestamp":"` stands inside no string of JSON, where its quotes would be escaped; and it
// stands in the line's own object, where all that the line still closes behind it is that.
bool FastParser::read_go(const char* begin, std::string_view text, bool check_payload,
                         EventView& event) {
  Cursor cursor{begin, text.data() + text.size()};
  if (!cursor.skip(before_payload)) return false;
  const std::string_view rest{cursor.at(), text.data() + text.size()};
  std::size_t at = rest.size() - std::min(rest.size(), go_tail_bytes_max);
  for (; (at = rest.find(before_time, at)) != rest.npos; ++at) {
    if (!read_go_tail(rest.data() + at, rest.data() + rest.size(), event)) continue;
    event.payload = rest.substr(0, at);
    if (at == 0 || json::is_space(event.payload.front())) return false;
    // Another key might stand between the two, which a check of the payload sees, too.
    return check_payload || json::first_value(event.payload).size() == at;
  }
  return false;
}

void read_links(std::string_view text, Ends& ends) {
  ends.prev = ends.hash = {};
  if (text.size() < links_bytes) return;
  const std::string_view links = text.substr(text.size() - links_bytes);
  if (!links.starts_with(before_prev) ||
      links.substr(before_prev.size() + hash_size, before_hash.size()) != before_hash ||
      !links.ends_with(end_of_seal)) {
    return;
  }
  ends.prev = links.substr(before_prev.size(), hash_size);
  ends.hash = links.substr(links.size() - end_of_seal.size() - hash_size, hash_size);
}

}  // namespace agentstore::log
