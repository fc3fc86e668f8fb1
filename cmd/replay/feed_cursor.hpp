// The cursor of a feed: a file that says how much of each session of a store was read, in lines of
// JSON. What moved is appended; now and then the file is written anew, with a line a session.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "agentstore/result.hpp"
#include "cmd/input/open_file.hpp"

namespace agentstore::cmd {

class FeedCursor {
 public:
  /// The last event of a session that was read.
  struct Place {
    std::uint64_t sequence_number = 0;
    std::string hash;  ///< tells it from another event of that number; empty: it has none
    std::uint64_t end_bytes = 0;  ///< of its line in the log; 0: not known
  };
  enum class Use { look, move };

  /// One that is kept nowhere.
  FeedCursor() = default;
  /// Opens the file; where it is missing it is made. To move it, nobody else may have it.
  /// Errors: invalid (it is of another store, or no cursor); corrupt; busy; io.
  static Result<FeedCursor> open(const std::string& path, const std::string& store, Use use);

  /// Null where nothing of the session was read.
  const Place* of(std::string_view session_id) const;
  /// Of a store that has positions; nothing where nothing was read.
  std::optional<std::int64_t> position() const { return position_; }

  /// What `save` will keep.
  void move(const std::string& session_id, Place place);
  void move(std::int64_t position);
  /// The session is to be read from its start again.
  void forget(const std::string& session_id) { move(session_id, {}); }
  /// Appends what moved. Errors: io.
  Result<void> save();

 private:
  FeedCursor(std::string path, std::string store)
      : path_{std::move(path)}, store_{std::move(store)} {}
  Result<void> lock();
  /// Takes the file's lines; a last one that is torn was never there.
  Result<void> read();
  Result<void> take(std::string_view line, std::size_t number);
  Result<void> rewrite();
  std::unexpected<Error> failure(const char* attempt) const;

  std::string path_;
  std::string store_;
  OpenFile file_;
  bool torn_ = false;
  std::size_t lines_ = 0;
  std::map<std::string, Place, std::less<>> places_;
  std::optional<std::int64_t> position_;
  std::string moved_;  // lines to be appended
  std::size_t moved_lines_ = 0;
};

}  // namespace agentstore::cmd
