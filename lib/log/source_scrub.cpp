#include "log/source_scrub.hpp"

#include <algorithm>
#include <utility>

#include "agentstore/internal/record_digest.hpp"
#include "agentstore/json.hpp"
#include "log/split.hpp"

namespace agentstore::log {
namespace {

constexpr std::string_view blank_record = R"({"redacted":true})";
/// Of a longer text the beginning tells, too: titles and lists cut what they repeat.
constexpr std::size_t beginning_bytes = 40;
constexpr std::size_t digest_digits_min = 16;

std::string_view inside(std::string_view string_token) {
  return string_token.substr(1, string_token.size() - 2);
}

// A string of a payload, in the ways in which a line may hold it: as it stands there, written by
// another program, as a part of JSON that is a string itself.
std::vector<std::string> forms_of(std::string_view string_token) {
  std::vector<std::string> forms{std::string{inside(string_token)}};
  const std::string again = json::quote(json::text_of(string_token));
  forms.emplace_back(inside(again));
  const std::string nested = json::quote(inside(string_token));
  forms.emplace_back(inside(nested));
  std::ranges::sort(forms);
  forms.erase(std::unique(forms.begin(), forms.end()), forms.end());
  return forms;
}

void for_each_string(const json::Value& value, const std::function<void(std::string_view)>& use) {
  const json::Kind kind = json::kind_of(value);
  if (kind == json::Kind::string) return use(value);
  if (kind != json::Kind::object && kind != json::Kind::array) return;
  for (json::Walk walk{value}; walk.next();) for_each_string(walk.value(), use);
}

std::uint64_t number_of(std::string_view line) {
  Arena arena;
  Line parsed;
  return parse_line(line, arena, parsed) ? 0 : parsed.event.sequence_number;
}

}  // namespace

void NamedRecords::add(std::string_view event_id) {
  if (event_id.starts_with(record_id_start)) {
    std::string_view digest = event_id.substr(record_id_start.size());
    digest = digest.substr(0, digest.find_first_not_of("0123456789abcdef"));
    if (digest.size() >= digest_digits_min) digests_.emplace_back(digest);
    return;
  }
  for (const char mark : {'\0', '.', '~'}) {
    const std::size_t end = mark == '\0' ? event_id.size() : event_id.find(mark);
    if (end != event_id.npos && end > 0) ids_.emplace(event_id.substr(0, end));
  }
}

bool NamedRecords::has(std::string_view line) const {
  const std::string_view record = json::trimmed(line);
  if (!ids_.empty() && record.starts_with('{') && record.find("\"uuid\"") != record.npos) {
    const auto id = json::find_text(json::first_value(record), "uuid");
    if (id && ids_.contains(*id)) return true;
  }
  if (digests_.empty()) return false;
  const std::string digest = record_digest(record);
  return std::ranges::any_of(digests_,
                             [&](const std::string& known) { return digest.starts_with(known); });
}

Result<SourceScrubber> SourceScrubber::of(const KeptLines& lines, ByteSource& log,
                                          ByteSource* keeper, const Labels& labels) {
  NamedRecords records;
  std::set<std::uint64_t> numbers;
  std::vector<std::vector<std::string>> texts;
  std::set<std::string, std::less<>> known;
  for (const auto& [key, value] : labels) known.insert(json::quote(value));
  TextFinder all;
  for (const auto& kept : lines) {
    records.add(kept->line.event.event_id);
    numbers.insert(kept->line.event.sequence_number);
    for_each_string(kept->line.event.payload, [&](std::string_view token) {
      if (!known.emplace(token).second) return;
      texts.push_back(forms_of(token));
      for (const std::string& form : texts.back()) all.add(form, texts.size() - 1);
    });
  }
  std::vector<char> stays(texts.size());
  const auto look_at = [&](std::string_view line, bool own) {
    all.find(line, [&](std::size_t text) {
      if (stays[text] == 0 && (!own || !numbers.contains(number_of(line)))) stays[text] = 1;
      return true;
    });
  };
  auto read = for_each_line(log, [&](std::string_view line) { look_at(line, true); });
  if (read && keeper != nullptr)
    read = for_each_line(*keeper, [&](std::string_view line) { look_at(line, false); });
  if (!read) return std::unexpected(read.error());
  SourceScrubber scrubber{std::move(records)};
  for (std::size_t text = 0; text < texts.size(); ++text) {
    if (stays[text] != 0) continue;
    for (const std::string& form : texts[text]) {
      scrubber.texts_.add(form, text);
      if (form.size() > beginning_bytes) scrubber.texts_.add(form.substr(0, beginning_bytes), text);
    }
  }
  return scrubber;
}

bool SourceScrubber::goes(std::string_view line) const {
  bool found = false;
  if (!texts_.empty())
    texts_.find(line, [&](std::size_t) {
      found = true;
      return false;
    });
  return found || (!records_.empty() && records_.has(line));
}

std::uint64_t SourceScrubber::scrub(std::string& lines, std::uint64_t first_line,
                                    std::vector<std::uint64_t>& gone) const {
  std::uint64_t count = 0;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t newline = lines.find('\n', at);
    const std::size_t end = std::min(newline, lines.size());
    const std::string_view line = std::string_view{lines}.substr(at, end - at);
    const bool blank =
        line.starts_with(blank_record) && json::trimmed(line).size() == blank_record.size();
    if (!blank && goes(line)) {
      gone.push_back(first_line + count);
      std::string record{line.size() < blank_record.size() ? std::string_view{} : blank_record};
      record.resize(line.size(), ' ');
      lines.replace(at, line.size(), record);
    }
    if (newline == lines.npos) break;
    ++count;
    at = newline + 1;
  }
  return count;
}

Result<NamedRecords> redacted_records(ByteSource& log) {
  NamedRecords records;
  auto read = for_each_line(log, [&](std::string_view text) {
    if (text.find(R"(,"payload":null,"redacted":)") == text.npos) return;
    Arena arena;
    Line line;
    if (!parse_line(text, arena, line) && line.seal == Seal::redacted)
      records.add(line.event.event_id);
  });
  if (!read) return std::unexpected(read.error());
  return records;
}

}  // namespace agentstore::log
