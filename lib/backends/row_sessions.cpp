#include "backends/row_sessions.hpp"

#include <memory>
#include <utility>

#include "agentstore/json.hpp"
#include "backends/session_records.hpp"
#include "log/import_lines.hpp"
#include "log/text_source.hpp"

namespace agentstore {
namespace {

constexpr std::size_t compare_bytes = std::size_t{1} << 20;

}  // namespace

std::string labels_json(const Labels& labels) {
  std::string out = "{";
  for (const auto& [key, value] : labels) {
    if (out.size() > 1) out += ',';
    json::append_quoted(out, key);
    out += ':';
    json::append_quoted(out, value);
  }
  return out + '}';
}

Labels labels_of(std::string_view json_text) {
  Labels labels;
  if (json::check(json_text, json::rules_to_read)) return labels;
  for (json::Walk walk{json_text}; walk.next();) {
    if (json::kind_of(walk.value()) == json::Kind::string)
      labels.insert_or_assign(json::text_of(walk.key()), json::text_of(walk.value()));
  }
  return labels;
}

std::vector<Session> listed(const std::vector<Session>& all, const ListOptions& options) {
  SessionRecords records;
  for (const Session& session : all)
    describe(records.records.emplace_back(), view_of(session), records.text);
  std::vector<Session> sessions;
  for (const std::uint32_t row : records.select(options))
    sessions.push_back(records.session(records.records[row]));
  if (options.by_last_event) return newest_event_first(std::move(sessions), options);
  return sessions;
}

Result<ImportedLines> collect_lines(const LineSource& next_line, const std::string& session_id) {
  ImportedLines lines;
  const auto copied = log::copy_lines(next_line, [&](std::string_view line) -> Result<void> {
    lines.text += line;
    return {};
  });
  if (!copied) return std::unexpected(copied.error());
  log::TextSource source{lines.text};
  const auto events = log::check_importable(source, session_id);
  if (!events) return std::unexpected(events.error());
  lines.events = *events;
  return lines;
}

Result<bool> begin_alike(log::ByteSource& here, std::string_view lines) {
  std::string part(compare_bytes, '\0');
  for (std::size_t at = 0; at < lines.size();) {
    const auto got = here.read_at(at, part.data(), part.size());
    if (!got) return std::unexpected(got.error());
    if (*got == 0) return true;
    const std::string_view there = lines.substr(at, *got);
    if (std::string_view{part}.substr(0, there.size()) != there) return false;
    at += *got;
  }
  return true;
}

Result<log::KeptLines> kept_lines(
    const std::set<std::uint64_t>& numbers,
    const std::function<Result<std::string>(std::uint64_t number)>& line_of) {
  log::KeptLines lines;
  for (const std::uint64_t number : numbers) {
    auto text = number == 0 ? Result<std::string>{} : line_of(number);
    if (!text) return std::unexpected(text.error());
    if (text->empty()) return fail(Code::not_found, "there is no event #" + std::to_string(number));
    log::KeptLine& one = *lines.emplace_back(std::make_unique<log::KeptLine>());
    one.text = std::move(*text);
    one.text.pop_back();
    if (const auto error = log::parse_line(one.text, one.arena, one.line))
      return fail(Code::corrupt,
                  "event #" + std::to_string(number) + " is damaged: " + error->message);
  }
  return lines;
}

}  // namespace agentstore
