// What is new in a store, for whoever follows all of its sessions: cheap to ask again and again.

#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/result.hpp"

namespace agentstore {

/// Where an event of a database is. Positions rise in the order of becoming visible.
struct EventPlace {
  std::int64_t position = 0;
  std::string session_id;
  std::uint64_t sequence_number = 0;
};

/// A session's log that is other than before.
struct ChangedLog {
  std::string session_id;
  std::uint64_t size_bytes = 0;
};

class FeedSource {
 public:
  /// Whatever the payloads come to, which are not looked at then.
  static constexpr std::int64_t any_bytes = std::numeric_limits<std::int64_t>::max();

  virtual ~FeedSource() = default;

  /// Of a data folder, or of "sqlite:FILE". Errors: as Store::open.
  static Result<std::unique_ptr<FeedSource>> open(const std::string& store_name);

  /// What tells the store from others: its absolute path.
  virtual std::string identity() const = 0;
  /// Whether the store has one order of all its events: then `behind` and `newest` speak of them,
  /// else `changed` and `durable_bytes`.
  virtual bool has_positions() const = 0;

  /// The logs that are other than at the last call; at first all. Errors: io.
  virtual Result<std::vector<ChangedLog>> changed() = 0;
  /// Waits for a write that is under way, and makes what the session's log holds durable; how many
  /// bytes that are. Errors: not_found; busy; io.
  virtual Result<std::uint64_t> durable_bytes(std::string_view session_id) = 0;

  /// The first events behind a position: one, and others as long as the payloads before them come
  /// to less than `bytes_max`. Errors: busy; io; corrupt.
  virtual Result<std::vector<EventPlace>> behind(std::int64_t position, std::int64_t count_max,
                                                 std::int64_t bytes_max) = 0;
  /// The last position; 0: there is no event. Errors: likewise.
  virtual Result<std::int64_t> newest() = 0;
};

}  // namespace agentstore
