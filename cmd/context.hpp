// The surroundings of a command: where it writes, how it says what went wrong, which store it asks.

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "agentstore/internal/rule_files.hpp"
#include "agentstore/store.hpp"
#include "cmd/options.hpp"
#include "cmd/output.hpp"
#include "cmd/quoting.hpp"
#include "cmd/times.hpp"
#include "formats/text/error.hpp"

namespace agentstore::cmd {

class KnownFiles;

// The exit status, of which the man page says more.
enum Status : int {
  fine = 0,
  finding = 1,
  usage = 2,
  not_found = 3,
  conflict = 4,
  io_failed = 5,
  busy = 6,
  incomplete = 7,
};

Status status_of(Code code);

class Context {
 public:
  Context(std::string command_name, CommonOptions common);
  ~Context();

  const std::string command;
  const CommonOptions common;
  /// Standard output, or the pager, or the file of -o.
  Output out{1};
  bool color = false;     ///< on `out`
  std::size_t width = 0;  ///< columns of the screen
  Zone zone;
  std::string written_session;  ///< its id, once it is known; for advice
  RuleFiles rules_given;        ///< of --ledger and --upcasts, once they were read
  RuleFiles rules_of_store;     ///< once it was opened

  /// What tables are shown on: in a pipe or a file nothing has to be cut.
  formats::Screen screen() const;

  /// Loads the time zone; says why it cannot.
  Result<void> prepare();
  /// Shows what follows page by page, where a person looks at a terminal.
  void start_pager();

  /// Makes `path` the output, which takes its place when all went well. `input`: the file that is
  /// read, if it is one. Errors: invalid, where `path` is that file, or in a store; io.
  Result<void> write_to(const std::string& path, const std::string& input);

  /// The same error, with the command that helps as its hint, where the library knows a remedy.
  Error advised(Error error) const;
  /// Makes the file of -o the output, and of -q nothing. Errors: as write_to.
  Result<void> choose_output();
  /// Whether the output is that file. Errors: none; a path that cannot be looked at is not.
  bool writes_to(const std::string& path) const;

  /// Says what went wrong, on standard error; returns its exit status.
  int refuse(const Error& error);
  int refuse(Code code, std::string message, std::string hint = {});
  /// Says what was found wrong, such as an assertion that is not true; returns its exit status.
  int find(const std::string& message);
  /// Says that a question could not be judged, and why; returns its exit status.
  int cannot_judge(const std::string& why);
  void warn(std::string_view text);
  void note(std::string_view text);
  /// Warns that the answer lacks something, and has `finish` tell it.
  void answer_lacks(const std::string& what);
  /// For ListOptions: warns, and has `finish` tell that the answer is not about all that is there.
  std::function<void(const std::string& id, const Error& why)> on_unreadable();

  /// Hands over the output, waits for the pager; `status`, unless the output failed.
  int finish(int status);

  /// The one store that was chosen. Errors: as Store::open; unsupported; invalid, where several
  /// are.
  Result<Store> open_store(StoreOptions options = {.create = false});
  /// Another one. Errors: likewise.
  Result<Store> open_store(StoreOptions options, const std::string& name);
  /// What --store names, in its order: not empty; `all` as it is.
  std::vector<std::string> store_names() const;
  /// AGENTSTORE_STORE, else ./agent-data.
  std::string own_store_name() const;
  /// Whether AGENTSTORE_STORE names one.
  bool has_own_store() const;
  /// What is known of files that are not ours. Lives as long as the context.
  KnownFiles& known_files();
  /// Those of --upcasts; null where it is not given. Errors: invalid, not_found, io.
  Result<const Upcasts*> upcasts();

 private:
  void say(std::string_view text);
  void remark(std::string_view kind, std::string_view text);
  void write_error_text(std::string_view text);
  int say_error(const formats::ErrorAnswer& error);

  bool on_screen_ = true;        ///< what is answered goes to standard output
  int pager_ = 0;                ///< its process, or 0
  int left_out_ = Status::fine;  ///< what something that could not be read leads to
  std::optional<Upcasts> upcasts_;
  std::unique_ptr<KnownFiles> known_files_;
};

/// Puts something harmless in the place of standard descriptors that are closed, so that no file
/// of the store is taken for one of them.
void guard_standard_descriptors();

/// Ignores the signals by which a write ends the program: a pipe that nobody reads, a file that
/// gets larger than a limit allows. The writes fail instead, and are told of and cleaned up after.
void have_writes_fail();
/// In a child that becomes another program: as that one expects it.
void have_writes_end_it();

}  // namespace agentstore::cmd
