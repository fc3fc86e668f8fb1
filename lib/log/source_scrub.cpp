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

void NamedRecords::add(const NamedRecords& others) {
  ids_.insert(others.ids_.begin(), others.ids_.end());
  digests_.insert(digests_.end(), others.digests_.begin(), others.digests_.end());
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

GoneTexts::GoneTexts(const Labels& labels) {
  for (const auto& [key, value] : labels) known_.insert(json::quote(value));
}

void GoneTexts::add(const json::Value& payload) {
  for_each_string(payload, [&](std::string_view token) {
    if (!known_.emplace(token).second) return;
    texts_.push_back(forms_of(token));
    stays_.push_back(0);
    for (const std::string& form : texts_.back()) all_.add(form, texts_.size() - 1);
  });
}

Result<void> GoneTexts::leave_those_in(ByteSource& log, const std::set<std::uint64_t>& except) {
  return for_each_line(log, [&](std::string_view line) {
    all_.find(line, [&](std::size_t text) {
      if (stays_[text] == 0 && (except.empty() || !except.contains(number_of(line))))
        stays_[text] = 1;
      return true;
    });
  });
}

TextFinder GoneTexts::finder() const {
  TextFinder finder;
  for (std::size_t text = 0; text < texts_.size(); ++text) {
    if (stays_[text] != 0) continue;
    for (const std::string& form : texts_[text]) {
      finder.add(form, text);
      if (form.size() > beginning_bytes) finder.add(form.substr(0, beginning_bytes), text);
    }
  }
  return finder;
}

Result<SourceScrubber> SourceScrubber::of(const KeptLines& lines, ByteSource& log,
                                          ByteSource* keeper, const Labels& labels) {
  NamedRecords records;
  std::set<std::uint64_t> numbers;
  GoneTexts texts{labels};
  for (const auto& kept : lines) {
    records.add(kept->line.event.event_id);
    numbers.insert(kept->line.event.sequence_number);
    texts.add(kept->line.event.payload);
  }
  auto read = texts.leave_those_in(log, numbers);
  if (read && keeper != nullptr) read = texts.leave_those_in(*keeper, {});
  if (!read) return std::unexpected(read.error());
  return SourceScrubber{std::move(records), {}, texts.finder()};
}

bool SourceScrubber::is_known(std::string_view line) const {
  return (!records_.empty() && records_.has(line)) ||
         std::ranges::any_of(removed_,
                             [&](const RemovedLine& removed) { return removed.is(line); });
}

bool SourceScrubber::has_text(std::string_view line) const {
  bool found = false;
  if (!texts_.empty())
    texts_.find(line, [&](std::size_t) {
      found = true;
      return false;
    });
  return found;
}

std::uint64_t SourceScrubber::scrub(std::string& lines, std::uint64_t first_line,
                                    GoneLines& gone) const {
  std::uint64_t count = 0;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t newline = lines.find('\n', at);
    const std::size_t end = std::min(newline, lines.size());
    const std::string_view line = std::string_view{lines}.substr(at, end - at);
    const bool blank =
        line.starts_with(blank_record) && json::trimmed(line).size() == blank_record.size();
    const bool known = !blank && is_known(line);
    if (known || (!blank && has_text(line))) {
      gone.numbers.push_back(first_line + count);
      if (!known) gone.removed.push_back(RemovedLine::of(line));
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
