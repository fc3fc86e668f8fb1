// Which names the sessions of a data folder have: one lock for all processes while one is given,
// and a list that is made once a process, and again where another one has given a name since.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/result.hpp"
#include "agentstore/session.hpp"
#include "backends/data_folder.hpp"

namespace agentstore {

class SessionNames {
 public:
  using List = std::function<Result<std::vector<Session>>()>;
  /// `list` gives every session of the folder. `folder` outlives this.
  SessionNames(const DataFolder& folder, std::chrono::milliseconds lock_timeout, List list)
      : folder_(folder), lock_timeout_(lock_timeout), list_(std::move(list)) {}

  /// Runs `work` while nobody else gives a name or an id, which `work` may ask for again. The
  /// folder is prepared for writing. A session is never locked before. Errors: busy; io; those of
  /// `work`.
  Result<void> exclusively(const std::function<Result<void>()>& work);

  /// The following are for `work` alone.

  /// The id of a session other than `except_id` that has this name. Names that a program gave which
  /// does not take the lock may be missed.
  Result<std::optional<std::string>> holder_of(std::string_view name, std::string_view except_id);
  /// Before a session gets or loses a name: whoever knows the names is to list them anew.
  Result<void> announce();
  /// After that: the session of this id has this name, perhaps an empty one.
  void is_called(std::string_view id, std::string_view name);

 private:
  const DataFolder& folder_;
  const std::chrono::milliseconds lock_timeout_;
  const List list_;

  std::recursive_mutex mutex_;
  Descriptor file_;          // open while the lock is held
  std::uint64_t given_ = 0;  // how often names were given or taken: the size of the lock's file
  std::uint64_t known_given_ = 0;                                              // of names_
  std::optional<std::multimap<std::string, std::string, std::less<>>> names_;  // ids by name
};

}  // namespace agentstore
