// Errors for machines.

#pragma once

#include <string_view>

#include "formats/text/sink.hpp"

namespace agentstore::formats {

struct ErrorAnswer {
  int code = 2;           ///< the exit status
  std::string_view kind;  ///< one word: not_found, conflict, busy…
  std::string_view message;
  std::string_view hint = {};
  bool retryable = false;
};

/// {"error":{"code","kind","message","hint","retryable"}} and a newline; an empty hint is null.
/// What `printable` would escape stands as \uXXXX: standard error may be a terminal.
void write_error_json(Sink& sink, const ErrorAnswer& error);

/// {"KIND":{"message"}} and a newline, escaped likewise; `kind` is warning or note.
void write_remark_json(Sink& sink, std::string_view kind, std::string_view message);

}  // namespace agentstore::formats
