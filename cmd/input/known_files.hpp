// What is known of files that are not ours, from when they were last read: which sessions they
// hold, and what their events came to. A file is the same as long as device, inode, size and times
// are. Kept in `$XDG_CACHE_HOME/agentstore` (else `~/.cache/agentstore`), which may be deleted at
// any time; signed by the user's key of caches. See CACHES in agentstore(1).

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agentstore/internal/file_stamp.hpp"
#include "agentstore/internal/response_index.hpp"
#include "agentstore/internal/user_cache.hpp"
#include "agentstore/parts.hpp"
#include "agentstore/reader.hpp"
#include "agentstore/verification.hpp"
#include "formats/sources/source.hpp"

namespace agentstore::cmd {

/// A session as far as one file holds it.
struct SessionPiece {
  formats::SourceSession session;
  const formats::Source* source = nullptr;
  std::uint64_t events = 0;
  Timestamp first;
  Timestamp last;
};

/// Thread-safe. Saves what it learnt when it ends.
class KnownFiles {
 public:
  /// `used`: false: nothing is known, and nothing is kept. `tell`, if not null, is told why nothing
  /// can be kept.
  KnownFiles(bool used, const std::function<void(const std::string&)>& tell);
  ~KnownFiles();
  /// From now on nothing is taken from what is known, and nothing is kept, for whoever decides on
  /// an answer; `check` still compares.
  void never_use() { never_used_ = true; }

  /// Files as they are before they are read; what is learnt of them is kept if they still are so.
  struct Look {
    std::vector<std::string> paths;
    std::vector<FileStamp> stamps;
    Timestamp begun;
  };
  /// Each is looked at once.
  Look look_at(std::vector<std::string> paths);
  /// What a file is, for those who looked at it after this was made.
  void saw(const std::string& path, const FileStamp& stamp);

  /// What a file holds; nothing where that is not known. `source`: whose files are looked for.
  std::optional<std::vector<SessionPiece>> pieces(const Look& file, const formats::Source& source);
  void keep_pieces(const Look& file, const formats::Source& source,
                   const std::vector<SessionPiece>& pieces);

  /// A file as it was when it was read, where it begins so still and has only grown.
  struct Beginning {
    std::vector<SessionPiece> pieces;
    std::string state;  ///< of formats::Transcript
    FileStamp stamp;
  };
  std::optional<Beginning> beginning(const Look& file, const formats::Source& source);
  /// `state`: where the file ends. Of short files none is kept.
  static bool keeps_state_of(const Look& file);
  void keep_state(const Look& file, std::string_view state);

  /// When a store was last verified as a whole, and what that found.
  struct Verification {
    Timestamp at;
    std::uint64_t sessions = 0;
    std::uint64_t with_findings = 0;
  };
  std::optional<Verification> last_verification(const std::string& store);
  void keep_verification(const std::string& store, const Verification& verification);

  /// For what responses come to that several files tell of; it lives as long as this.
  SettledUses settled_uses();

  /// How many events a session has in several files, each counted once.
  std::optional<std::uint64_t> count(const Look& files, const std::string& session_id);
  void keep_count(const Look& files, const std::string& session_id, std::uint64_t events);

  /// What the events of a session in these files came to (of an empty id: of all sessions), given
  /// to `aggregate`, with what the reading reported. Nothing where it is not known.
  std::optional<ReadReport> take(const Look& files, const std::string& session_id,
                                 const CachedAggregate& aggregate);
  /// The same of one file as it was.
  bool take_as_of(const FileStamp& stamp, const Look& file, const CachedAggregate& aggregate);
  /// `text`: what `aggregate` gave.
  void keep(const Look& files, const std::string& session_id, const ReadReport& report,
            const CachedAggregate& aggregate, std::string_view text);
  /// Where what is kept differs from what `aggregate` gives now, after the files were read, and
  /// from the pieces that keep_pieces was given.
  std::vector<Finding> check(const Look& files, const std::string& session_id,
                             const ReadReport& report, const CachedAggregate& aggregate);

 private:
  using Cache = std::optional<UserCache>;

  static std::optional<std::string> find(Cache& cache, const std::string& key, const Look& files);
  std::optional<std::string> find_to_use(Cache& cache, const std::string& key, const Look& files) {
    return never_used_ ? std::nullopt : find(cache, key, files);
  }
  void put(Cache& cache, std::string key, const Look& files, std::string_view value);

  // Both are there, or neither. What is listed is small, and read at once.
  Cache lists_;
  Cache sums_;
  std::atomic<bool> never_used_ = false;
  Timestamp begun_;  // before any stamp was taken
  std::mutex mutex_;
  // Under it:
  std::unordered_map<std::string, FileStamp> stamps_;
  std::set<std::string> otherwise_;  // files that hold other sessions than was kept
};

}  // namespace agentstore::cmd
