#include "backends/row_sessions.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "agentstore/json.hpp"
#include "backends/session_records.hpp"
#include "log/import_lines.hpp"
#include "log/split.hpp"

namespace agentstore {
namespace {

constexpr std::size_t part_bytes = std::size_t{1} << 20;

// Whether one of both is the beginning of the other.
Result<bool> begin_alike(log::ByteSource& here, log::ByteSource& lines) {
  std::string part(part_bytes, '\0');
  std::string there(part_bytes, '\0');
  for (std::uint64_t at = 0;;) {
    const auto got = here.read_at(at, part.data(), part.size());
    if (!got) return std::unexpected(got.error());
    const auto given = lines.read_at(at, there.data(), there.size());
    if (!given) return std::unexpected(given.error());
    const std::size_t both = std::min(*got, *given);
    if (both == 0) return true;
    if (part.compare(0, both, there, 0, both) != 0) return false;
    at += both;
  }
}

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
  ImportedLines lines{.log = std::make_unique<log::SpilledLines>()};
  const auto copied =
      log::copy_lines(next_line, [&](std::string_view line) { return lines.log->append(line); });
  if (!copied) return std::unexpected(copied.error());
  const auto events = log::check_importable(*lines.log, session_id);
  if (!events) return std::unexpected(events.error());
  lines.events = *events;
  return lines;
}

namespace {

// Whole lines from an offset on, a few together.
Result<void> in_parts(log::ByteSource& lines, std::uint64_t offset, const InsertLines& insert) {
  log::LineSplitter splitter{lines, offset, lines.size_bytes()};
  std::string part;
  const auto give = [&]() -> Result<void> {
    if (part.empty()) return {};
    auto inserted = insert(part, offset);
    offset += part.size();
    part.clear();
    return inserted;
  };
  for (;;) {
    while (const auto line = splitter.take()) {
      part.append(line->text) += '\n';
      if (part.size() < part_bytes) continue;
      if (auto given = give(); !given) return given;
    }
    const auto more = splitter.refill(splitter.offset());
    if (!more) return std::unexpected(more.error());
    if (!*more) return give();
  }
}

}  // namespace

Result<void> extend(log::ByteSource& here, const std::string& session_id, std::uint64_t events_here,
                    const ImportedLines& lines, const InsertLines& insert, ImportReport& imported) {
  imported.already = std::min(events_here, lines.events);
  const auto same = begin_alike(here, *lines.log);
  if (!same) return std::unexpected(same.error());
  if (!*same) return log::another_history(session_id);
  const std::uint64_t size = here.size_bytes();
  if (size >= lines.log->size_bytes()) return {};
  if (auto stored = in_parts(*lines.log, size, insert); !stored) return stored;
  imported.events = lines.events - imported.already;
  // What is read back has to be what was given, byte for byte.
  const auto grown = here.refresh();
  if (!grown) return std::unexpected(grown.error());
  const auto kept = begin_alike(here, *lines.log);
  if (!kept) return std::unexpected(kept.error());
  if (!*kept || here.size_bytes() != lines.log->size_bytes())
    return fail(Code::invalid, "session " + session_id + " cannot be stored as it is spelled");
  return {};
}

Result<bool> save_each(log::ByteSource& folded, std::span<const KeptSnapshot> snapshots,
                       const std::function<Result<void>(const KeptSnapshot&)>& save) {
  const auto change = folded.refresh();
  if (!change || *change == log::ByteSource::Change::replaced) return false;
  for (const KeptSnapshot& snapshot : snapshots)
    if (auto done = save(snapshot); !done) return std::unexpected(done.error());
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

std::unexpected<Error> lost_events(const std::string& session, const std::string& what) {
  return fail(Code::corrupt, session + " has lost events: " + what,
              "bring the database back from a backup, or accept the loss in a repair",
              Remedy::accept_loss);
}

std::unexpected<Error> not_repaired(const Error& error, const RepairOptions& options) {
  if (!options.salvage) return std::unexpected(error);
  return fail(Code::unsupported, error.message,
              "a session of a database is not salvaged: copy it to a folder first");
}

}  // namespace agentstore
