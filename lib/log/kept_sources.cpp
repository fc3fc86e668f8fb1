#include "log/kept_sources.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <tuple>
#include <utility>

#include "agentstore/json.hpp"
#include "base/hex.hpp"
#include "base/ids.hpp"
#include "base/sha256.hpp"
#include "base/utf8.hpp"
#include "log/line.hpp"
#include "log/split.hpp"

namespace agentstore::log {
namespace {

constexpr std::string_view ending = ".zst";
constexpr std::size_t sha256_digits = 64;
constexpr std::size_t salt_digits = 2 * std::tuple_size_v<Salt>;
// As slow as hashing a MiB.
constexpr int iterations = 10'000;
// Of our own line the type is near the beginning.
constexpr std::size_t type_within_bytes = 512;
constexpr std::string_view type_start = "\"agentstore.source_";

std::optional<std::uint64_t> number_in(const json::Value& payload, std::string_view key) {
  const auto number = json::find_integer(payload, key);
  if (!number || *number < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

std::optional<std::uint64_t> version_in(const json::Value& payload) {
  return version_of_file(json::find_text(payload, "kept_as").value_or(""));
}

// JSON holds no name that is not UTF-8: the bytes of such a one stand beside it.
std::optional<std::string> file_in(const json::Value& payload) {
  const auto hex = json::find_text(payload, "file_hex");
  if (!hex) return json::find_text(payload, "file");
  std::vector<unsigned char> bytes(hex->size() / 2);
  if (hex->size() % 2 != 0 || !from_hex(*hex, bytes.data(), bytes.size())) return std::nullopt;
  return std::string{bytes.begin(), bytes.end()};
}

std::string file_members(const std::string& file) {
  std::string members = R"("file":)" + json::quote(file);
  if (!is_utf8(file)) members += R"(,"file_hex":")" + to_hex(file) + '"';
  return members;
}

std::optional<SourceRange> range_in(const json::Value& payload) {
  const auto bytes = number_in(payload, "bytes");
  auto hash = json::find_text(payload, "sha256");
  if (!bytes || !hash || hash->size() != sha256_digits || !is_hex(*hash)) return std::nullopt;
  return SourceRange{*bytes, std::move(*hash)};
}

std::string range_members(const SourceRange& range) {
  return R"("bytes":)" + std::to_string(range.bytes) + R"(,"sha256":")" + range.sha256 + '"';
}

std::string kept_as(std::uint64_t number) {
  return R"("kept_as":")" + file_of_version(number) + '"';
}

CheckedDraft draft_of(std::string_view type, std::string payload) {
  return {.type = std::string{type},
          .payload = std::move(payload),
          .metadata = "{}",
          .event_id = {},
          .timestamp = std::nullopt};
}

void name_last(std::vector<std::string>& names, std::string name) {
  std::erase(names, name);
  names.push_back(std::move(name));
}

void see(std::vector<SeenFile>& seen, SeenFile file) {
  std::erase_if(seen, [&](const SeenFile& each) {
    return each.file == file.file && each.found_at == file.found_at;
  });
  seen.push_back(std::move(file));
}

// Whether a file that was seen so tells more of what it is now than another of its name.
bool tells_more(const SeenFile& one, const SeenFile& other) {
  if (one.found_at.empty() != other.found_at.empty()) return one.found_at.empty();
  return one.bytes >= other.bytes;
}

bool take_elsewhere(Sources& sources, std::string file, std::string session_id) {
  for (KeptElsewhere& known : sources.elsewhere) {
    if (known.file != file) continue;
    known.session_id = std::move(session_id);
    return true;
  }
  sources.elsewhere.push_back({std::move(file), std::move(session_id)});
  return true;
}

bool take_kept(Sources& sources, const json::Value& payload) {
  auto file = file_in(payload);
  if (!file || !is_source_name(*file)) return false;
  if (auto with = json::find_text(payload, "kept_with"))
    return take_elsewhere(sources, std::move(*file), std::move(*with));
  const auto number = version_in(payload);
  const auto offset = number_in(payload, "offset");
  auto range = range_in(payload);
  if (!number || !offset || !range) return false;
  SourceVersion* version = sources.find(*number);
  if (version == nullptr) {
    if (*offset != 0 || *number <= sources.last_number()) return false;
    version = &sources.versions.emplace_back();
    version->kept.number = *number;
  }
  if (*offset != version->kept.bytes) return false;
  version->kept.bytes += range->bytes;
  see(sources.seen,
      {*file, json::find_text(payload, "found_at").value_or(""), *number, version->kept.bytes});
  name_last(version->kept.names, std::move(*file));
  if (range->bytes == 0) return true;
  version->read.push_back(*range);
  version->stored.push_back(std::move(*range));
  return true;
}

void take_removed(Sources& sources, const json::Value& payload) {
  const auto removed = json::find(payload, "removed");
  if (!removed || json::kind_of(*removed) != json::Kind::array) return;
  for (json::Walk walk{*removed}; walk.next();) {
    const auto bytes = number_in(walk.value(), "bytes");
    auto salt = json::find_text(walk.value(), "salt");
    auto digest = json::find_text(walk.value(), "pbkdf2");
    const auto is_digits = [](const auto& text, std::size_t size) {
      return text && text->size() == size && is_hex(*text);
    };
    if (!bytes || !is_digits(salt, salt_digits) || !is_digits(digest, sha256_digits)) continue;
    sources.removed.push_back({*bytes, std::move(*salt), std::move(*digest)});
  }
}

bool take_redacted(Sources& sources, const json::Value& payload) {
  const auto number = version_in(payload);
  SourceVersion* const version = number ? sources.find(*number) : nullptr;
  auto all = range_in(payload);
  const auto lines = json::find(payload, "lines");
  if (version == nullptr || !all || all->bytes != version->kept.bytes || !lines) return false;
  if (json::kind_of(*lines) != json::Kind::array) return false;
  auto& redacted = version->kept.redacted_lines;
  for (json::Walk walk{*lines}; walk.next();)
    if (const auto line = json::integer_of(walk.value()); line && *line > 0)
      redacted.push_back(static_cast<std::uint64_t>(*line));
  std::ranges::sort(redacted);
  redacted.erase(std::unique(redacted.begin(), redacted.end()), redacted.end());
  version->stored = {std::move(*all)};
  take_removed(sources, payload);
  return true;
}

std::string slow_digest(std::string_view line, std::string_view salt_hex) {
  Salt salt{};
  from_hex(salt_hex, salt.data(), salt.size());
  return to_hex(bytes_of(pbkdf2_sha256(line, bytes_of(salt), iterations)));
}

}  // namespace

RemovedLine RemovedLine::of(std::string_view line) {
  std::string salt = random_hex(salt_digits / 2);
  std::string digest = slow_digest(line, salt);
  return {line.size(), std::move(salt), std::move(digest)};
}

bool RemovedLine::is(std::string_view line) const {
  return line.size() == bytes && slow_digest(line, salt) == pbkdf2;
}

SourceVersion* Sources::find(std::uint64_t number) {
  const auto found = std::ranges::find(
      versions, number, [](const SourceVersion& version) { return version.kept.number; });
  return found == versions.end() ? nullptr : &*found;
}

const SeenFile* Sources::find_seen(std::string_view file, std::string_view found_at) const {
  const auto found = std::ranges::find_if(
      seen, [&](const SeenFile& each) { return each.file == file && each.found_at == found_at; });
  return found == seen.end() ? nullptr : &*found;
}

void Sources::mark_latest() {
  std::map<std::string_view, const SeenFile*> of_names;
  for (const SeenFile& each : seen) {
    if (find(each.number)->kept.name() != each.file) continue;
    const SeenFile*& best = of_names[each.file];
    if (best == nullptr || tells_more(each, *best)) best = &each;
  }
  for (const auto& [name, best] : of_names) find(best->number)->kept.latest = true;
}

std::uint64_t Sources::last_number() const {
  return versions.empty() ? 0 : versions.back().kept.number;
}

bool Sources::take(std::string_view type, std::string_view payload) {
  if (type == source_kept) return take_kept(*this, payload);
  if (type == source_redacted) return take_redacted(*this, payload);
  return type == source_changed;
}

std::string file_of_version(std::uint64_t number) {
  return std::to_string(number) + std::string{ending};
}

std::optional<std::uint64_t> version_of_file(std::string_view name) {
  std::uint64_t number = 0;
  std::from_chars(name.data(), name.data() + name.size(), number);
  return number > 0 && name == file_of_version(number) ? std::optional{number} : std::nullopt;
}

Result<Sources> sources_in(ByteSource& log) {
  Sources sources;
  auto read = for_each_line(log, [&](std::string_view text) {
    if (text.substr(0, type_within_bytes).find(type_start) == text.npos) return;
    Arena arena;
    Line line;
    if (!parse_line(text, arena, line) && line.seal == Seal::sealed)
      sources.take(line.event.type, line.event.payload);
  });
  if (!read) return std::unexpected(read.error());
  return sources;
}

CheckedDraft kept_event(const std::string& file, const std::string& found_at, std::uint64_t number,
                        std::uint64_t offset, const SourceRange& range) {
  std::string payload = '{' + file_members(file) + R"(,"offset":)" + std::to_string(offset) + ',' +
                        range_members(range) + ',' + kept_as(number);
  if (!found_at.empty()) payload += R"(,"found_at":)" + json::quote(found_at);
  return draft_of(source_kept, payload + '}');
}

CheckedDraft kept_elsewhere_event(const KeptElsewhere& file) {
  return draft_of(source_kept, '{' + file_members(file.file) + R"(,"kept_with":)" +
                                   json::quote(file.session_id) + '}');
}

CheckedDraft changed_event(const SourceChange& change, std::uint64_t number) {
  return draft_of(source_changed,
                  '{' + file_members(change.file) + ',' + kept_as(number) + R"(,"kept":{)" +
                      range_members({change.kept_bytes, change.kept_sha256}) + R"(},"found":{)" +
                      range_members({change.found_bytes, change.found_sha256}) + "}}");
}

CheckedDraft redacted_event(std::uint64_t number, const SourceRange& all, const GoneLines& lines) {
  std::string numbers;
  for (const std::uint64_t line : lines.numbers)
    numbers += (numbers.empty() ? "" : ",") + std::to_string(line);
  std::string removed;
  for (const RemovedLine& line : lines.removed)
    removed += (removed.empty() ? R"({"bytes":)" : R"(,{"bytes":)") + std::to_string(line.bytes) +
               R"(,"salt":")" + line.salt + R"(","pbkdf2":")" + line.pbkdf2 + R"("})";
  if (!removed.empty()) removed = R"(,"removed":[)" + removed + ']';
  return draft_of(source_redacted, '{' + kept_as(number) + ',' + range_members(all) +
                                       R"(,"lines":[)" + numbers + ']' + removed + '}');
}

}  // namespace agentstore::log

namespace agentstore {

bool is_source_name(std::string_view name) {
  if (name.empty() || name.find('\0') != name.npos) return false;
  for (;;) {
    const std::size_t slash = name.find('/');
    const std::string_view part = name.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == name.npos) return true;
    name.remove_prefix(slash + 1);
  }
}

}  // namespace agentstore
