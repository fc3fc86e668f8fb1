// What the stores that keep events as rows of a database do alike with sessions.

#pragma once

#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/session.hpp"
#include "backends/backend.hpp"
#include "log/redaction.hpp"
#include "log/source.hpp"
#include "log/spilled_lines.hpp"

namespace agentstore {

/// Labels as JSON, and back; what is no string is left out.
std::string labels_json(const Labels& labels);
Labels labels_of(std::string_view json_text);

/// What a list of all sessions has of them, by `options`.
std::vector<Session> listed(const std::vector<Session>& all, const ListOptions& options);

/// Lines that were given one by one, as a log that can be read again.
struct ImportedLines {
  std::unique_ptr<log::SpilledLines> log;
  std::uint64_t events = 0;
};
/// Errors: what `next_line` gave; invalid, naming the line.
Result<ImportedLines> collect_lines(const LineSource& next_line, const std::string& session_id);

/// Stores whole lines behind an offset of a session's log, to which those before belong.
using InsertLines = std::function<Result<void>(std::string_view lines, std::uint64_t offset_bytes)>;

/// Stores what the lines have beyond those that are `here`, whose log holds `events_here`, by
/// `insert`, and counts them in `imported`. In a transaction that writes. Errors: conflict, where
/// the log is another one; invalid, where it does not give back what was stored; those of `insert`.
Result<void> extend(log::ByteSource& here, const std::string& session_id, std::uint64_t events_here,
                    const ImportedLines& lines, const InsertLines& insert, ImportReport& imported);

/// Saves each by `save`, in a transaction that writes, as long as the log is the one that was
/// folded; says whether it is. Errors: those of `save`.
Result<bool> save_each(log::ByteSource& folded, std::span<const KeptSnapshot> snapshots,
                       const std::function<Result<void>(const KeptSnapshot&)>& save);

/// The lines of these events; `line_of` gives one with its newline, or nothing. Errors: not_found;
/// corrupt; those of `line_of`.
Result<log::KeptLines> kept_lines(
    const std::set<std::uint64_t>& numbers,
    const std::function<Result<std::string>(std::uint64_t number)>& line_of);

/// Errors: of a session that ends before it should; `what` says where.
std::unexpected<Error> lost_events(const std::string& session, const std::string& what);
/// What a repair that cannot be made says: a salvage is for folders.
std::unexpected<Error> not_repaired(const Error& error, const RepairOptions& options);

}  // namespace agentstore
