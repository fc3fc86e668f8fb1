// The exports of agentstore/export/1, read back: JSON lines, or one JSON document, a piece at a
// time.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agentstore/result.hpp"
#include "agentstore/session.hpp"
#include "cmd/byte_input.hpp"

namespace agentstore::cmd {

/// One exported session. Holds one event at a time, whatever the size of the file.
class ExportSource {
 public:
  /// Reads as far as the session. Errors: io; invalid (the file is no such export).
  static Result<ExportSource> open(ByteInput input);

  const Session& session() const { return session_; }
  /// The next event's line, nothing at the end. It lives until the next call.
  /// Errors: io; invalid (the file ends early, or is no JSON there).
  Result<std::optional<std::string_view>> next_line();

 private:
  explicit ExportSource(ByteInput input) : input_{std::move(input)} {}

  Result<void> read_head();
  Result<void> take_session(std::string_view json);
  /// One JSON value, as it stands; it lives until the next call.
  Result<std::string_view> next_value();
  Result<std::optional<std::string_view>> next_element();
  Result<std::optional<std::string_view>> next_of_lines();
  Result<void> end_of_document();
  /// The next byte that is no white space, without taking it; 0 at the end.
  Result<char> peek();
  Result<void> expect(char wanted);
  Result<bool> fill();
  std::unexpected<Error> not_an_export(const std::string& why) const;

  ByteInput input_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::uint64_t dropped_bytes_ = 0;  ///< of the file, before the buffer
  bool lines_ = false;               ///< JSON lines
  bool first_element_ = true;
  bool finished_ = false;
  Session session_;
  std::string compacted_;
};

}  // namespace agentstore::cmd
