// Sessions: one agent run, or one account; a stream of events under one id.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "agentstore/result.hpp"
#include "agentstore/timestamp.hpp"

namespace agentstore {

using Labels = std::map<std::string, std::string>;

struct Session {
  std::string id;
  /// What somebody called it; may be empty. Unique in a store, among the ids, too: but a store that
  /// other programs write to may hold several sessions of one name.
  std::string name;
  Labels labels;
  Timestamp created_at;
  Timestamp updated_at;  ///< the last event's time; created_at where there is none
  std::uint64_t event_count = 0;
};

/// What a caller may choose of a new session.
struct NewSession {
  /// [A-Za-z0-9][A-Za-z0-9._:-]{0,127}, not beginning with "agentstore."; empty: a UUIDv4.
  std::string id = {};
  /// Up to 1024 bytes of UTF-8, not beginning with `@` nor ending in `@` and digits: those words
  /// say which session by its age, and at which event. Not the name or the id of another session.
  std::string name = {};
  Labels labels = {};
  /// When it began; absent: now.
  std::optional<Timestamp> created_at = std::nullopt;
};

/// What is to be changed of a session; all else stays.
struct SessionChange {
  std::optional<std::string> name = std::nullopt;  ///< as NewSession::name; empty: it has none
  std::map<std::string, std::optional<std::string>> labels = {};  ///< without a value: taken off
};

/// Which sessions a list has, and in which order.
struct ListOptions {
  std::optional<std::uint64_t> limit = std::nullopt;
  std::uint64_t offset = 0;
  /// Sessions that have all of these; asked before limit and offset.
  Labels labels = {};
  /// Not empty: sessions whose id begins with this, or whose name it is.
  std::string called = {};
  /// Newest last event first, asked of every log; a session without events counts by its creation.
  bool by_last_event = false;
  /// Takes event_count and updated_at from each log. Off: from the session files, a cache.
  bool fresh_counts = true;
  /// Called with each session that is there and is left out, since neither its file nor its log can
  /// be read, or whose events cannot be counted. Null: StoreOptions::on_notice is.
  std::function<void(const std::string& id, const Error& why)> on_unreadable = nullptr;
};

/// What importing a session's history came to.
struct ImportReport {
  std::uint64_t events = 0;   ///< that were new here
  std::uint64_t already = 0;  ///< that were here before
  bool session_created = false;
};

}  // namespace agentstore
