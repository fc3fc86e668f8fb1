// Output: bytes on their way to a descriptor, in large blocks, failing honestly.

#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "agentstore/result.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::cmd {

/// A buffered writer. After the first failure it takes no more: `done()` says so, and the caller
/// may stop its work. A reader that went away (EPIPE) is such an end, but no error.
class Output final : public formats::Sink {
 public:
  /// Does not own `descriptor`; `name` is for messages.
  explicit Output(int descriptor, std::string name = "standard output");
  /// Writes to a new file next to `path`, which takes its place at `commit`; without a commit
  /// nothing is left, nor where a signal ends the program. There is one such file at a time. What
  /// is not a regular file (a terminal, a pipe) is written to as it is. Errors: invalid (a folder),
  /// io.
  static Result<Output> to_file(const std::string& path);

  Output(Output&& other) noexcept;
  Output& operator=(Output&& other) noexcept;
  ~Output() override;

  /// Bytes that are no UTF-8 are written as U+FFFD: what is stored need not be any, and answers
  /// are. See keep_bytes.
  void write(std::string_view bytes) override;
  /// Writes bytes as they are from here on: stored lines are given to the letter.
  void keep_bytes() { keeps_bytes_ = true; }
  /// Hands over what is buffered; false where the output is done.
  bool flush();
  bool done() const { return done_; }
  /// Whether the output is done because nobody reads it: its pipe was closed, or it was closed
  /// from the start.
  bool unread() const;

  int descriptor() const { return descriptor_; }
  /// From here on, writes to `descriptor`.
  void redirect(int descriptor) { descriptor_ = descriptor; }

  /// Flushes, and puts a file into its place. Errors: io; a closed pipe is none.
  Result<void> commit();

 private:
  /// A file beside `name_`, of that mode, or of that of a new file.
  void open_temp(std::optional<mode_t> mode);
  void forget_temp();
  void write_bytes(std::string_view bytes);
  Error failure() const;

  bool keeps_bytes_ = false;  // of what is written here, whatever it goes to
  int descriptor_;
  std::string name_;
  std::string temp_path_;  ///< not empty: a file that is not in its place yet
  bool owned_ = false;
  bool done_ = false;
  bool widened_ = false;  ///< the pipe, if it is one
  int error_number_ = 0;
  std::string buffer_;
};

}  // namespace agentstore::cmd
