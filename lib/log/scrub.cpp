#include "log/scrub.hpp"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "agentstore/json.hpp"
#include "base/ids.hpp"

namespace agentstore::log {
namespace {

constexpr char filler = '#';
constexpr std::size_t copy_bytes_min = 16;  // shorter payloads are equal by chance
constexpr std::string_view start_of_line = "{\"session_id\":";
constexpr std::string_view payload_key = ",\"payload\":";
constexpr std::string_view id_key = "\"event_id\":\"";
constexpr std::string_view salt_key = ",\"salt\":\"";

// What can be seen of a fragment of a line.
struct Fragment {
  bool begins_line = false;  // or tells its event id, and then its payload
  std::optional<std::string_view> event_id;
  std::string_view payload;  // as far as it goes; empty: the fragment ends before it
  bool cut = true;           // whether the fragment ends in the payload
};

std::optional<std::string_view> last_id_in(std::string_view envelope) {
  const std::size_t key = envelope.rfind(id_key);
  if (key == envelope.npos) return std::nullopt;
  envelope.remove_prefix(key + id_key.size());
  const std::size_t end = envelope.find('"');
  return end == envelope.npos ? std::nullopt : std::optional{envelope.substr(0, end)};
}

Fragment look_at(std::string_view text, Arena& arena) {
  Fragment fragment;
  fragment.begins_line = text.starts_with(start_of_line);
  Line line;
  if (!parse_line(text, arena, line)) {
    fragment.begins_line = true;
    if (!line.event.event_id.empty()) fragment.event_id = line.event.event_id;
    fragment.payload = line.event.payload;
    fragment.cut = false;
    return fragment;
  }
  const std::size_t key = text.find(payload_key);
  if (fragment.begins_line || key != text.npos) fragment.event_id = last_id_in(text.substr(0, key));
  fragment.begins_line = fragment.begins_line || fragment.event_id.has_value();
  if (!fragment.begins_line || key == text.npos) return fragment;
  const std::string_view rest = text.substr(key + payload_key.size());
  const std::size_t salt = rest.rfind(salt_key);
  fragment.payload = rest.substr(0, salt);
  fragment.cut = salt == rest.npos;
  return fragment;
}

bool says_that_it_is(std::string_view text, const Line& line) {
  const std::string hash = "\"hash\":\"" + to_hex(agentstore::bytes_of(line.hash)) + '"';
  return text.find(line.salt) != text.npos || text.find(hash) != text.npos;
}

void overwrite(std::string& bytes, std::string_view part) {
  std::fill_n(bytes.begin() + (part.data() - bytes.data()), part.size(), filler);
}

// Every run of `part` that `payload` has, too.
bool overwrite_common_runs(std::string& bytes, std::string_view part, std::string_view payload) {
  constexpr std::size_t size = telling_bytes_min;
  if (payload.size() < size || part.size() < size) return false;
  std::unordered_set<std::string_view> runs;
  for (std::size_t i = 0; i + size <= payload.size(); ++i) runs.insert(payload.substr(i, size));
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i + size <= part.size(); ++i)
    if (runs.contains(part.substr(i, size))) found.push_back(i);
  for (const std::size_t at : found) overwrite(bytes, part.substr(at, size));
  return !found.empty();
}

}  // namespace

Result<bool> Scrubber::scrub(std::string& bytes) const {
  constexpr std::string_view ends{"\n\0", 2};
  bool changed = false;
  for (std::size_t from = 0; from < bytes.size();) {
    const std::size_t end = std::min(bytes.find_first_of(ends, from), bytes.size());
    const auto done = end > from ? scrub_fragment(bytes, from, end) : Result<bool>{false};
    if (!done) return done;
    changed = changed || *done;
    from = end + 1;
  }
  return changed;
}

Result<bool> Scrubber::is_copy(std::string_view payload, bool cut,
                               std::string_view event_id) const {
  const std::string text = cut ? std::string{payload} : json::compact(payload);
  if (text.size() < copy_bytes_min) return false;
  const bool same = std::ranges::any_of(lines_, [&](const auto& kept) {
    const std::string_view goes = kept->line.event.payload;
    return cut ? goes.starts_with(text) || std::string_view{text}.starts_with(goes) : goes == text;
  });
  if (!same || event_id.empty()) return same;
  const auto other = in_log_(event_id);
  if (!other) return other;
  return !*other;
}

Result<bool> Scrubber::scrub_fragment(std::string& bytes, std::size_t from, std::size_t to) const {
  const std::string_view text = std::string_view{bytes}.substr(from, to - from);
  Arena arena;
  const Fragment fragment = look_at(text, arena);
  if (fragment.begins_line && fragment.payload.empty()) return false;
  const auto from_payload = [&] {
    return text.substr(static_cast<std::size_t>(fragment.payload.data() - text.data()));
  };
  for (const auto& kept : lines_) {
    const bool same = fragment.event_id ? *fragment.event_id == kept->line.event.event_id
                                        : says_that_it_is(text, kept->line);
    if (!same) continue;
    overwrite(bytes, fragment.begins_line ? from_payload() : text);
    return true;
  }
  if (fragment.begins_line) {
    const auto copy = is_copy(fragment.payload, fragment.cut, fragment.event_id.value_or(""));
    if (copy && *copy) overwrite(bytes, fragment.cut ? from_payload() : fragment.payload);
    return copy;
  }
  bool changed = false;
  for (const auto& kept : lines_)
    changed = overwrite_common_runs(bytes, text, kept->line.event.payload) || changed;
  return changed;
}

}  // namespace agentstore::log
