// One file of cached values by key, which several processes may use at once:
//
//   a chunk after the other: name, length, MAC; then records: settled, key, value
//
// Whoever learnt something appends a chunk of it, under a lock; a later record of a key replaces an
// earlier one. Where much of the file is replaced, where it would grow over its bound, or where it
// is damaged, it is written anew beside its place and renamed. It is never synced and may be
// deleted at any time: what is lost costs time, nothing else. A chunk counts where its MAC is ours;
// what follows one that does not is not read.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/cache_key.hpp"
#include "base/file.hpp"

namespace agentstore {

class CachePack {
 public:
  struct Options {
    Path file;
    mode_t mode = 0600;
    std::string kind;             ///< goes into the MAC
    std::uint64_t bytes_max = 0;  ///< of the file
  };
  struct Found {
    std::string value;
    /// Whether the file that it is of, if it has the same stamp, is unchanged: see Stamp::settled.
    bool settled = false;
  };

  /// `system` and `key` outlive it. Reads nothing yet.
  CachePack(System& system, Options options, const CacheKey& key)
      : system_(system), options_(std::move(options)), key_(key) {}

  // Thread-safe.

  std::optional<Found> find(std::string_view key);
  /// An empty value: none any more. `begun`: when the first stamp in `value` was taken, by the
  /// system's clock; `changed_ns`: the latest time of change in its stamps.
  void put(std::string key, std::string value, Timestamp begun, std::int64_t changed_ns);
  /// How much was put since it was saved.
  std::size_t unsaved() const;
  /// Writes what was put; `wanted`: of the keys that are kept when the file is written anew. What
  /// goes wrong costs time later, and nothing else. Its folder has to be there.
  void save(const std::function<bool(std::string_view key)>& wanted);
  /// Drops all that it knows; the file is as it was.
  void forget();
  /// What is wrong with the file, if it bears our key's name and is not one that we wrote; that it
  /// ends in half a chunk is not.
  std::optional<std::string> fault();
  /// All keys, in order.
  std::vector<std::string> keys();

 private:
  struct Known {
    std::string_view value;  // into bytes_
    bool settled = false;
    bool used = false;
  };
  struct Put {
    std::string value;
    Timestamp begun;
    std::int64_t changed_ns = 0;
    bool settled = false;  // once it was saved
  };
  enum class Chunk { good, torn, altered, foreign };

  void load();
  Chunk take_chunk(std::size_t& at);
  bool take_records(std::string_view records);
  std::string chunk_of(const std::string& records, std::uint64_t offset_bytes) const;
  Hash mac_of(std::string_view records, std::uint64_t offset_bytes) const;
  bool append(const std::string& records);
  bool ends_in_whole_chunks(const Descriptor& file, std::uint64_t size_bytes);
  std::string all_records(const std::function<bool(std::string_view key)>& wanted) const;
  void settle_puts();

  System& system_;
  const Options options_;
  const CacheKey& key_;
  mutable std::mutex mutex_;
  // What follows is under the mutex.
  bool loaded_ = false;
  std::string bytes_;  // of the file, up to where it is sound
  std::uint64_t inode_ = 0;
  bool sound_ = true;  // to its end
  std::optional<std::string> fault_;
  std::unordered_map<std::string_view, Known> known_;
  std::map<std::string, Put, std::less<>> put_;    // not saved
  std::map<std::string, Put, std::less<>> saved_;  // by this process
  std::uint64_t appended_bytes_ = 0;
};

}  // namespace agentstore
