// Quarantine: the folder of a session where a repair puts bytes that it takes out of a log. Nothing
// is ever dropped; what a redaction removes is overwritten there, too.

#pragma once

#include <cstdint>
#include <string>

#include "agentstore/result.hpp"
#include "base/file.hpp"
#include "log/scrub.hpp"
#include "log/writer_options.hpp"

namespace agentstore::log {

/// `system` and `options` outlive it. The caller has the log's lock.
class Quarantine {
 public:
  Quarantine(System& system, const WriterOptions& options) : system_(system), options_(options) {}

  const Path& folder() const { return options_.quarantine; }

  /// What `keep` kept.
  struct Kept {
    Path path;
    std::string sha256_hex;
    bool ends_in_newline = false;
  };
  /// Copies the bytes [from, to) of the log, which is open as `log`. Durable on return.
  /// Errors: io; busy (the log became shorter meanwhile).
  Result<Kept> keep(const Descriptor& log, std::uint64_t from, std::uint64_t to);

  /// Moves the checkpoints that the log no longer fits here, where an auditor finds them. Durable
  /// on return. Errors: io.
  Result<void> take_checkpoints();

  /// Whether the folder can be listed; a missing one can. Errors: io.
  Result<void> check_legible() const;

  /// Overwrites, durably, what is kept here of payloads that go; all else stays.
  /// Errors: io; those of the scrubber.
  Result<void> scrub(const Scrubber& scrubber);

 private:
  Result<void> make_folders();

  System& system_;
  const WriterOptions& options_;
};

}  // namespace agentstore::log
