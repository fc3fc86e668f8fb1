// The lock of a session's log between processes.

#pragma once

#include <utility>

#include "base/file.hpp"
#include "log/writer_options.hpp"

namespace agentstore::log {

/// For one thread at a time. `system` and `options` outlive it.
class LogLock {
 public:
  LogLock(System& system, const WriterOptions& options) : system_(system), options_(options) {}

  /// The lock, for as long as this lives.
  class Held {
   public:
    Held(System& system, const Descriptor& file) : system_(&system), file_(&file) {}
    Held(Held&& other) noexcept
        : system_(other.system_), file_(std::exchange(other.file_, nullptr)) {}
    Held& operator=(Held&&) = delete;
    ~Held();

   private:
    System* system_;
    const Descriptor* file_;
  };

  /// Blocks for `lock_timeout` at the most. Errors: busy; io.
  Result<Held> hold();

 private:
  System& system_;
  const WriterOptions& options_;
  Descriptor file_;
};

}  // namespace agentstore::log
