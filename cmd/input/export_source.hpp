// Exports read back, a piece at a time: those of agentstore/export/1, as JSON lines or as one JSON
// document, and JSON arrays of events.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agentstore/result.hpp"
#include "agentstore/session.hpp"
#include "cmd/input/byte_input.hpp"

namespace agentstore::cmd {

/// One exported session, or an array of events. Holds one event at a time, whatever the size of the
/// file.
class ExportSource {
 public:
  /// Reads as far as the session. Errors: io; invalid (the file is not such an export).
  static Result<ExportSource> open(ByteInput input);
  /// An array, as `replay --json` prints it. Errors: as open.
  static Result<ExportSource> open_array(ByteInput input);

  /// Of an array nothing is known.
  const Session& session() const { return session_; }
  /// How many events it says that it holds; 0: it does not say.
  std::uint64_t events_due() const { return events_due_; }
  /// Lines of the file before that of the first event.
  std::uint64_t lines_before() const { return lines_ ? 1 : 0; }
  /// Whether some event was laid out over several lines so far. It was given without that white
  /// space.
  bool laid_out_anew() const { return laid_out_anew_; }
  /// The next event's line, nothing at the end. It lives until the next call.
  /// Errors: io; invalid (the file ends early, or is no JSON there).
  Result<std::optional<std::string_view>> next_line();

 private:
  explicit ExportSource(ByteInput input) : input_{std::move(input)} {}

  Result<void> read_head();
  Result<void> take_session(std::string_view json);
  /// One JSON value, as it is; it lives until the next call.
  Result<std::string_view> next_value();
  Result<std::optional<std::string_view>> next_element();
  std::optional<std::string_view> element_on_a_line();
  Result<std::optional<std::string_view>> next_of_lines();
  Result<void> end_of_document();
  /// The next byte that is not white space, without taking it; 0 at the end.
  Result<char> peek();
  Result<void> expect(char wanted);
  Result<bool> fill();
  std::unexpected<Error> not_an_export(const std::string& why) const;

  ByteInput input_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::uint64_t dropped_bytes_ = 0;  ///< of the file, before the buffer
  bool lines_ = false;               ///< JSON lines
  bool array_ = false;               ///< no document round the array
  bool laid_out_anew_ = false;
  bool event_a_line_ = true;             ///< so far, but for those at the end of a piece
  std::uint64_t no_newline_before_ = 0;  ///< after where the next event begins
  bool first_element_ = true;
  bool finished_ = false;
  Session session_;
  std::uint64_t events_due_ = 0;
  std::string compacted_;
};

}  // namespace agentstore::cmd
