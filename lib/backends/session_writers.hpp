// The writers of a data folder that are open: one a session, made when it is first written to.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agentstore/result.hpp"
#include "backends/backend.hpp"
#include "backends/data_folder.hpp"
#include "backends/session_files.hpp"
#include "log/writer.hpp"

namespace agentstore {

/// Thread-safe. What it is made of outlives it.
class SessionWriters {
 public:
  using SharedWriter = std::shared_ptr<log::Writer>;
  /// As log::WriterOptions::forget_derived, of a session.
  using Forget = std::function<Result<void>(
      const std::string& id, std::span<const std::string_view> payloads, const Path& own_temp)>;

  SessionWriters(DataFolder& folder, SessionFiles& files, const BackendOptions& options,
                 Forget forget)
      : folder_(folder), files_(files), options_(options), forget_(std::move(forget)) {}

  /// Makes the folder ours, durably, where it is not yet. Errors: io; unsupported.
  Result<void> prepare();

  /// The session's writer, made where there is none. Of many, the idle ones are let go of: each
  /// holds two descriptors. Errors: as prepare.
  Result<SharedWriter> open(std::string_view id);
  /// One that has appended to its log, so that the session is known to exist; else null.
  SharedWriter with_appends(std::string_view id);

  /// With Durability::deferred: makes durable what was written to the folder since, with one sync
  /// of the file system where that is `much`, or found to be. Errors: io; what was written may be
  /// lost then.
  Result<void> sync_deferred(bool much);
  /// The same, then refreshes the files of the sessions, and lets go of the writers that are idle.
  Result<void> settle();

  /// Refreshes the files of the sessions, and lets go of every writer.
  Result<void> close();

 private:
  void let_go_of_idle();
  std::vector<std::pair<std::string, SharedWriter>> writers();
  Result<void> sync_file_system();
  Result<void> refresh_together(std::span<const std::pair<std::string, SharedWriter>> writers);
  Result<void> refresh(const std::string& id, log::Writer& writer);
  log::WriterOptions options_for(std::string_view id);

  DataFolder& folder_;
  SessionFiles& files_;
  const BackendOptions& options_;
  const Forget forget_;
  Descriptor root_;  // of the folder, open since before the first write whose sync is put off
  std::mutex mutex_;
  std::map<std::string, SharedWriter, std::less<>> writers_;
};

}  // namespace agentstore
