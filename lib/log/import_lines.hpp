// Taking over lines as they are: checking that they make a log, whole and in order, and that it
// goes on from the one that is there.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "agentstore/result.hpp"
#include "base/file.hpp"
#include "log/log_end.hpp"
#include "log/source.hpp"
#include "log/writer_options.hpp"

namespace agentstore::log {

/// Gives each line, with its newline, to `write`. Errors: what either gave.
Result<void> copy_lines(const std::function<Result<std::optional<std::string_view>>()>& next_line,
                        const std::function<Result<void>(std::string_view)>& write);

/// Writes each line to a new file. Durable, but for its entry in the folder. Errors: io; what
/// `next_line` gave.
Result<void> write_lines(System& system, const Path& path, mode_t mode,
                         const std::function<Result<std::optional<std::string_view>>()>& next_line);

/// How many events a log holds that may be taken over; Errors: invalid, naming the line.
Result<std::uint64_t> check_importable(ByteSource& source, const std::string& session_id);

/// What is said of lines that do not go on from those that are there: conflict.
std::unexpected<Error> another_history(const std::string& session_id);

/// As Writer::replace_with, at the end of the log that was caught up with.
Result<std::uint64_t> import_file(System& system, const WriterOptions& options, LogEnd& end,
                                  const Path& temp, std::uint64_t events);

}  // namespace agentstore::log
