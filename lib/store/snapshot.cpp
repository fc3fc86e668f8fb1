#include "store/snapshot.hpp"

#include <utility>

#include "agentstore/json.hpp"
#include "base/sha256.hpp"
#include "log/tail.hpp"

namespace agentstore {
namespace {

constexpr std::string_view hash_key = R"(,"snapshot_hash":")";
constexpr std::size_t hash_tail_bytes = hash_key.size() + 64 + 2;  // … "}

}  // namespace

std::string snapshot_text(std::string_view session_id, const Fold& fold, Timestamp created_at) {
  const std::string version = std::to_string(fold.position.sequence_number);
  std::string out = R"({"session_id":)" + json::quote(session_id);
  out += R"(,"version":)" + version;
  out += R"(,"state":)" + fold.projection->to_json();
  out += R"(,"created_at":")" + format_rfc3339_short(created_at);
  out += R"(","event_count":)" + version;
  out += R"(,"log_head":")" + to_hex(bytes_of(fold.position.head));
  out += R"(","offset":)" + std::to_string(fold.position.offset_bytes);
  out += R"(,"max_timestamp":")" + format_rfc3339(fold.max_timestamp);
  out += R"(","monotonic":)" + std::string{fold.monotonic ? "true" : "false"};
  out += R"(,"projection":)" + json::quote(fold.projection->name());
  out += R"(,"projection_version":)" + std::to_string(fold.projection->version());
  const Hash hash = sha256({out});
  out += hash_key;
  append_hex(out, bytes_of(hash));
  return out + "\"}";
}

bool is_intact(std::string_view text) {
  if (text.size() < hash_tail_bytes) return false;
  const std::string_view body = text.substr(0, text.size() - hash_tail_bytes);
  const std::string_view tail = text.substr(body.size());
  return tail.starts_with(hash_key) &&
         tail.substr(hash_key.size(), 64) == to_hex(bytes_of(sha256({body}))) &&
         !json::check(text, json::rules_to_read);
}

bool is_within(std::string_view snapshot, const Point& point) {
  const auto version = json::find_integer(snapshot, "version");
  const auto time = parse_rfc3339(json::find_text(snapshot, "max_timestamp").value_or(""));
  return version && static_cast<std::uint64_t>(*version) <= filter_of(point).to_seq && time &&
         (!point.at || *time <= *point.at) && (!point.before || *time < *point.before);
}

Result<bool> restore(std::string_view text, log::ByteSource& source, const std::string& session_id,
                     Fold& fold) {
  if (!is_intact(text)) return false;
  const auto offset = json::find_integer(text, "offset");
  const auto state = json::find(text, "state");
  const auto head = json::find_text(text, "log_head");
  const auto time = parse_rfc3339(json::find_text(text, "max_timestamp").value_or(""));
  if (!offset || *offset <= 0 || !state || !time ||
      json::find_text(text, "session_id") != session_id ||
      json::find_text(text, "projection") != fold.projection->name() ||
      json::find_integer(text, "projection_version") != fold.projection->version()) {
    return false;
  }
  const auto place = log::position_at(source, static_cast<std::uint64_t>(*offset), session_id);
  if (!place) return std::unexpected(place.error());
  if (!*place ||
      json::find_integer(text, "version") != static_cast<std::int64_t>((*place)->sequence_number) ||
      head != to_hex(bytes_of((*place)->head)) || !fold.projection->from_json(*state)) {
    return false;
  }
  fold.position = **place;
  fold.last_sequence_number = fold.position.sequence_number;
  fold.max_timestamp = *time;
  fold.monotonic = json::find(text, "monotonic") == "true";
  return true;
}

}  // namespace agentstore
