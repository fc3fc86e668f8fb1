// Logs of one session that lie in several places: a store and its backup, two files, two branches.

#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "agentstore/result.hpp"
#include "cmd/context.hpp"
#include "cmd/input/input.hpp"

namespace agentstore::cmd {

/// How two logs of a session go together. The store's own events say nothing here: they tell what
/// one place did with its log.
struct LogComparison {
  bool first_has_second = false;  ///< nothing of the second is not in the first
  bool second_has_first = false;
  bool diverged = false;   ///< each has events that the other one does not have
  bool any_equal = false;  ///< whether they begin alike
  /// The event of the second from which on they differ, or whose payload only one of them has.
  std::uint64_t differs_at = 0;
  bool second_goes_further = false;
  bool first_is_sound = true;  ///< as far as it was read: neither torn nor damaged
  bool second_is_sound = true;
};

/// Reads both, of what is damaged what comes before. Errors: those of reading.
Result<LogComparison> compare_logs(const Input& first, const Input& second);

/// Where it is, for messages: its store or file.
std::string place_of_copy(const Input& input);

struct CopyOptions {
  /// Whether one that is torn or damaged is left out, too, where another log has what comes before;
  /// else both stay, and who reads them tells of the damage.
  bool prefix_will_do = false;
  /// Left out without a look at what it holds, where another log of the session is not. Null: none.
  std::function<bool(const Input&)> is_bad = nullptr;
  /// Told of each log that has what the one that is kept does not have; gives whether it is left
  /// out, too.
  std::function<bool(const Input& kept, const Input& other, const LogComparison&)> differs;
};

/// Of several logs of one session leaves out those that another one has whole, and says so. `ids`
/// are those of the inputs, in their order; an empty one is nobody's. Gives what was left out.
/// Errors: those of reading.
Result<Inputs> leave_out_copies(Context& context, Inputs& inputs, std::span<const std::string> ids,
                                const CopyOptions& options);

/// "session S is in A and in B, as 2 more are in two: each counts once, as far as it goes"
class CopiesNote {
 public:
  void add(const std::string& session_id, const std::string& place, const std::string& other);
  /// Says it, where there is anything to say.
  void tell(Context& context) const;

 private:
  std::string first_;
  std::size_t copies_ = 0;
};

}  // namespace agentstore::cmd
