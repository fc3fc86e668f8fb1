#include "store/snapshot.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>

#include "agentstore/json.hpp"
#include "base/sha256.hpp"
#include "log/tail.hpp"
#include "store/reader.hpp"

namespace agentstore {
namespace {

constexpr std::uint64_t sequence_number_max = std::numeric_limits<std::uint64_t>::max();
constexpr std::string_view hash_key = R"(,"snapshot_hash":")";
constexpr std::size_t hash_tail_bytes = hash_key.size() + 64 + 2;  // … "}

std::string to_text(std::string_view session_id, const Fold& fold, Timestamp created_at) {
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

// Whether every number fits a double: the Go library fails on a snapshot where one does not.
bool fits_doubles(std::string_view value) {
  if (json::kind_of(value) == json::Kind::number) {
    return std::isfinite(std::strtod(std::string{value}.c_str(), nullptr));
  }
  for (json::Walk walk{value}; walk.next();) {
    if (!fits_doubles(walk.value())) return false;
  }
  return true;
}

// Whether the text is a snapshot that we wrote, to the last bit.
bool is_intact(std::string_view text) {
  if (text.size() < hash_tail_bytes) return false;
  const std::string_view body = text.substr(0, text.size() - hash_tail_bytes);
  const std::string_view tail = text.substr(body.size());
  return tail.starts_with(hash_key) &&
         tail.substr(hash_key.size(), 64) == to_hex(bytes_of(sha256({body})));
}

}  // namespace

Result<bool> restore(std::string_view text, log::ByteSource& source, const std::string& session_id,
                     const Point& point, Fold& fold) {
  if (!is_intact(text) || json::check(text, json::rules_to_read)) return false;
  const auto offset = json::find_integer(text, "offset");
  const auto state = json::find(text, "state");
  const auto head = json::find_text(text, "log_head");
  const auto time = parse_rfc3339(json::find_text(text, "max_timestamp").value_or(""));
  if (!offset || *offset <= 0 || !state || !time ||
      json::find_text(text, "session_id") != session_id ||
      json::find_text(text, "projection") != fold.projection->name() ||
      json::find_integer(text, "projection_version") != fold.projection->version() ||
      (point.at && *time > *point.at) || (point.before && *time >= *point.before)) {
    return false;
  }
  const auto place = log::position_at(source, static_cast<std::uint64_t>(*offset), session_id);
  if (!place) return std::unexpected(place.error());
  if (!*place || (*place)->sequence_number > point.sequence_number.value_or(sequence_number_max) ||
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

Result<void> save_snapshot(Backend& backend, std::string_view session_id,
                           const ProjectionFactory& make, Timestamp created_at) {
  const auto fold = fold_session(backend, session_id, make, {});
  if (!fold) return std::unexpected(fold.error());
  if (!fold->projection->notes().empty()) return {};
  const bool shared_with_go = fold->projection->name() == "session";
  if (!fold->position.head_known || !fold->position.sealed ||
      (shared_with_go && !fits_doubles(fold->projection->to_json()))) {
    return {};
  }
  return backend.save_snapshot(session_id, fold->projection->name(), fold->position.sequence_number,
                               to_text(session_id, *fold, created_at));
}

Result<std::vector<Finding>> check_snapshot(Backend& backend, std::string_view session_id,
                                            const ProjectionFactory& make) {
  const std::string id{session_id};
  Fold fold{.projection = make(id), .position = {}, .report = {}};
  const auto snapshot = backend.snapshot(id, fold.projection->name());
  if (!snapshot) return std::unexpected(snapshot.error());
  if (!*snapshot) return std::vector<Finding>{};
  const auto finding = [](std::string message) {
    return std::vector<Finding>{{"snapshot", 0, 0, 0, "the snapshot " + std::move(message)}};
  };
  const std::string& text = **snapshot;
  if (json::check(text, json::rules_to_read)) return finding("is no JSON");
  auto source = backend.log(id);
  if (!source) return std::unexpected(source.error());
  auto reader =
      LogReader::open(std::move(*source), {.session_id = id, .on_corrupt = OnCorrupt::prefix}, {});
  if (!reader) return std::unexpected(reader.error());
  const auto version = static_cast<std::uint64_t>(json::find_integer(text, "version").value_or(0));
  std::uint64_t last = 0;
  std::string head;
  for (;;) {
    const auto batch = (*reader)->next();
    if (!batch) return std::unexpected(batch.error());
    if (batch->empty()) break;
    for (const EventView& event : *batch) {
      if (event.sequence_number > version) continue;
      if (auto applied = fold.projection->apply(event); !applied)
        return std::unexpected(applied.error());
      last = event.sequence_number;
      head = event.hash;
    }
  }
  if (version > last) {
    return finding("is at event " + std::to_string(version) + ", ahead of the log, which ends at " +
                   std::to_string(last));
  }
  if (!json::find(text, "snapshot_hash"))
    return std::vector<Finding>{};  // The Go library's: never used.
  if (!is_intact(text)) return finding("was altered: its hash is wrong");
  if (json::find_text(text, "log_head") != head)
    return finding("names another event than the log has at #" + std::to_string(version));
  if (json::find(text, "state") != fold.projection->to_json())
    return finding("holds another state than a fold over the log at #" + std::to_string(version));
  return std::vector<Finding>{};
}

}  // namespace agentstore
