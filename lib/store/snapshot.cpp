#include "store/snapshot.hpp"

#include <utility>

#include "agentstore/json.hpp"
#include "base/sha256.hpp"
#include "log/tail.hpp"

namespace agentstore {
namespace {

constexpr std::string_view kind = "snapshot";
constexpr std::string_view mac_key = R"(,"mac":")";
constexpr std::size_t mac_tail_bytes = mac_key.size() + sizeof(HexText) + 2;  // … "}

// In one walk: the state may be long.
SnapshotView read_members(std::string_view text) {
  SnapshotView view;
  const auto number = [](std::string_view token) { return json::integer_of(token).value_or(0); };
  for (json::Walk walk{text}; walk.next();) {
    const std::string_view value = walk.value();
    if (walk.key_is("version")) view.version = static_cast<std::uint64_t>(number(value));
    else if (walk.key_is("state")) view.state = value;
    else if (walk.key_is("log_head")) view.log_head = value;
    else if (walk.key_is("offset")) view.offset_bytes = static_cast<std::uint64_t>(number(value));
    else if (walk.key_is("max_timestamp"))
      view.max_timestamp = parse_rfc3339(json::text_of(value)).value_or(zero_time);
    else if (walk.key_is("monotonic")) view.monotonic = value == "true";
    else if (walk.key_is("projection")) view.projection = value;
    else if (walk.key_is("projection_version")) view.projection_version = number(value);
    else if (walk.key_is("seals_checked")) view.seals_checked = value == "true";
  }
  return view;
}

}  // namespace

std::string snapshot_text(std::string_view session_id, const Fold& fold, Timestamp created_at,
                          const CacheKey& key) {
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
  out += R"(,"seals_checked":true,"cache_key":")" + key.id() + '"';
  const Hash hash = sha256({out});
  out += R"(,"snapshot_hash":")";
  append_hex(out, bytes_of(hash));
  out += '"';
  const Hash mac = key.mac(session_id, kind, {out});
  out += mac_key;
  append_hex(out, bytes_of(mac));
  return out + "\"}";
}

std::optional<SnapshotView> open_snapshot(std::string_view text, std::string_view session_id,
                                          const CacheKey& key) {
  if (text.size() < mac_tail_bytes) return std::nullopt;
  const std::string_view body = text.substr(0, text.size() - mac_tail_bytes);
  const std::string_view tail = text.substr(body.size());
  const HexText mac = hex_of(key.mac(session_id, kind, {body}));
  if (!tail.starts_with(mac_key) || !tail.ends_with("\"}") ||
      tail.substr(mac_key.size(), mac.size()) != view_of(mac))
    return std::nullopt;
  return read_members(text);  // JSON, since it is ours.
}

std::string key_id_of(std::string_view snapshot) {
  return json::find_text(snapshot, "cache_key").value_or("");
}

bool is_within(const SnapshotView& snapshot, const Point& point) {
  return snapshot.version <= filter_of(point).to_seq &&
         (!point.at || snapshot.max_timestamp <= *point.at) &&
         (!point.before || snapshot.max_timestamp < *point.before);
}

Result<bool> restore(const SnapshotView& snapshot, log::ByteSource& source,
                     const std::string& session_id, Fold& fold) {
  if (!snapshot.seals_checked || snapshot.offset_bytes == 0 || snapshot.state.empty() ||
      snapshot.projection != json::quote(fold.projection->name()) ||
      snapshot.projection_version != fold.projection->version())
    return false;
  const auto place = log::position_at(source, snapshot.offset_bytes, session_id);
  if (!place) return std::unexpected(place.error());
  if (!*place || snapshot.version != (*place)->sequence_number ||
      snapshot.log_head != json::quote(to_hex(bytes_of((*place)->head))) ||
      !fold.projection->from_json(snapshot.state))
    return false;
  fold.position = **place;
  fold.last_sequence_number = fold.started_at = fold.position.sequence_number;
  fold.max_timestamp = snapshot.max_timestamp;
  fold.monotonic = snapshot.monotonic;
  return true;
}

}  // namespace agentstore
