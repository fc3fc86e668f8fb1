// Where the log of one session lies, and how its writer treats it.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "agentstore/append.hpp"
#include "agentstore/result.hpp"
#include "base/file.hpp"

namespace agentstore::log {

struct WriterOptions {
  Path log;
  Path lock;
  Path quarantine;   ///< the session's folder for bytes that a repair cut off
  Path checkpoints;  ///< the session's folder for notes; may be missing
  mode_t folder_mode = 0700;
  mode_t file_mode = 0600;
  std::string session_id;
  Durability durability = Durability::fsync;
  std::chrono::milliseconds lock_timeout{10'000};
  /// Told of what was mended, under the lock, from the thread at work. Must not throw, and must not
  /// call the writer. Null: nobody is told.
  std::function<void(const std::string&)> on_notice = nullptr;
  /// Deletes, durably, whatever else was derived from the log, or from payloads that go; but not
  /// `own_temp`, which whoever has the lock is at work on (empty: there is none).
  std::function<Result<void>(std::span<const std::string_view> payloads, const Path& own_temp)>
      forget_derived = nullptr;
  /// How many events the session's file counts as synced; null: it does not say.
  std::function<Result<std::uint64_t>()> synced_events = nullptr;
  /// Sets that, durably.
  std::function<Result<void>(std::uint64_t)> set_synced_events = nullptr;

  void notice(const std::string& text) const {
    if (on_notice) on_notice("session " + session_id + ": " + text);
  }
};

}  // namespace agentstore::log
