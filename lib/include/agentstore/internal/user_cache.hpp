// A cache of the user's outside of every store: one file of values by key, signed by the user's key
// of caches. It may be deleted at any time.

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/result.hpp"
#include "agentstore/timestamp.hpp"

namespace agentstore {

class UserCache {
 public:
  struct Place {
    std::filesystem::path base;    ///< missing folders are made below it, not itself
    std::filesystem::path folder;  ///< of the cache
    std::string name;              ///< of the file; the id of the key is added
    std::uint64_t bytes_max = 0;   ///< of the file
  };
  struct Found {
    std::string value;
    bool settled = false;  ///< a file that has the stamp in it is unchanged
  };

  /// Errors: those of user_cache_key: nothing can be cached.
  static Result<UserCache> open(Place place);
  UserCache(UserCache&&) noexcept;
  ~UserCache();

  // Thread-safe.

  std::optional<Found> find(std::string_view key);
  /// `begun`: when the first stamp in `value` was taken, by now(); `changed_ns`: the latest time of
  /// change in its stamps.
  void put(std::string key, std::string value, Timestamp begun, std::int64_t changed_ns);
  /// Writes what was put, not durably. That it cannot be written is no error: it costs time later.
  void save();
  /// What is wrong with the file, if it bears our key's name and is not one that we wrote.
  std::optional<std::string> fault();
  std::vector<std::string> keys();

 private:
  struct Impl;
  explicit UserCache(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace agentstore
