// The session files of a data folder: who each session is, and how many of its events are known to
// be on stable storage. What a file cannot say, its log says.

#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "agentstore/append.hpp"
#include "agentstore/result.hpp"
#include "agentstore/session.hpp"
#include "backends/data_folder.hpp"
#include "log/file_source.hpp"
#include "log/log_length.hpp"

namespace agentstore {

/// Thread-safe; who writes has the session's lock.
class SessionFiles {
 public:
  /// `notice` is told once of each file that cannot be used. `folder` outlives this.
  SessionFiles(const DataFolder& folder, Durability durability,
               std::function<void(const std::string&)> notice)
      : folder_(folder), durability_(durability), notice_(std::move(notice)) {}

  /// Whether there is a session's file, or its log. Errors: io.
  Result<bool> exists(std::string_view id) const;
  /// See is_torn_session. False where there is no file. Errors: io.
  Result<bool> is_torn(std::string_view id) const;
  /// Errors: not_found; io.
  Result<Session> read(std::string_view id);
  /// To be written anew. Errors: not_found; io: a file that cannot be read is not written over.
  Result<Session> read_to_write(std::string_view id);
  Result<log::LogLength> length(std::string_view id) const;

  /// As it is called and labelled now; what is counted as synced stays. Durable, unless nothing is
  /// counted as synced and nobody asks for durability, or it is put off. Errors: io.
  Result<void> write(const Session& session);
  Result<void> write(const Session& session, std::uint64_t synced_events);
  /// Counts and times of a session's file are a cache; its log has them. `synced`: how many events
  /// are known to be on stable storage.
  Result<void> refresh(std::string_view id, std::uint64_t synced);

  /// The same of many sessions with one sync: what `prepare` wrote is durable before it is put in
  /// place, durably once the folder is. Nothing: the file is as it has to be.
  struct Prepared {
    std::string id;
    std::string before;  ///< what the file held
    Path temp;
  };
  Result<std::optional<Prepared>> prepare(std::string_view id, std::uint64_t synced);
  /// False: the file was changed since, and stays; it is to be refreshed.
  Result<bool> put(const Prepared& prepared);

  /// Whether session files were written since whose sync was put off; asked for once.
  bool take_deferred() { return deferred_.exchange(false); }

  /// What a session's file counts as synced. Errors: io.
  Result<std::uint64_t> synced_events(std::string_view id) const;
  Result<void> set_synced_events(std::string_view id, std::uint64_t events);
  /// For readers: a file beside the log that cannot be read keeps nobody from reading the log.
  log::DueEvents due_events(std::string_view id) const;

 private:
  Result<void> replace(const Session& session, std::uint64_t synced_events, bool durably);
  struct Fresh {
    Session session;
    std::uint64_t synced_events = 0;
  };
  Result<std::optional<Fresh>> refreshed(std::string_view id, std::uint64_t synced);
  Result<std::string> text_of(std::string_view id) const;
  Result<Session> session_in(std::string_view id, const Result<std::string>& text);
  Result<Session> session_from_log(std::string_view id) const;

  const DataFolder& folder_;
  const Durability durability_;
  const std::function<void(const std::string&)> notice_;
  std::mutex mutex_;
  std::set<std::string> noticed_;
  std::atomic<bool> deferred_ = false;
};

}  // namespace agentstore
