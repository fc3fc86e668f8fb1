// What the stores that keep events as rows of a database do alike with sessions.

#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/session.hpp"
#include "backends/backend.hpp"
#include "log/redaction.hpp"
#include "log/source.hpp"

namespace agentstore {

/// Labels as JSON, and back; what is no string is left out.
std::string labels_json(const Labels& labels);
Labels labels_of(std::string_view json_text);

/// What a list of all sessions has of them, by `options`.
std::vector<Session> listed(const std::vector<Session>& all, const ListOptions& options);

/// Lines that were given one by one, as one text.
struct ImportedLines {
  std::string text;
  std::uint64_t events = 0;
};
/// Errors: what `next_line` gave; invalid, naming the line.
Result<ImportedLines> collect_lines(const LineSource& next_line, const std::string& session_id);

/// Whether one of both is the beginning of the other.
Result<bool> begin_alike(log::ByteSource& here, std::string_view lines);

/// The lines of these events; `line_of` gives one with its newline, or nothing. Errors: not_found;
/// corrupt; those of `line_of`.
Result<log::KeptLines> kept_lines(
    const std::set<std::uint64_t>& numbers,
    const std::function<Result<std::string>(std::uint64_t number)>& line_of);

}  // namespace agentstore
