// The beginning of a line of ours: whether bytes that were cut off are how our writer would have
// begun that line. The grammar of agentstore-log(5), key by key in its order; from the end of the
// salt on a line has no choice left, since its hash follows from what stands before.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/json_beginning.hpp"
#include "base/sha256.hpp"
#include "log/line.hpp"

namespace agentstore::log {

/// What is known of a line that is due.
struct DueLine {
  std::string_view session_id;             ///< empty: any
  std::uint64_t first = 0;                 ///< of the write that it is a line of
  std::uint64_t least = 0;                 ///< its number, at the least
  bool exact = true;                       ///< its number is `least`
  std::optional<std::uint64_t> last = {};  ///< of the write
  std::optional<Hash> prev = {};
};

struct LineBeginning {
  json::Beginning how = json::Beginning::bad;
  /// The last number of its write, where the line has got as far as that.
  std::optional<std::uint64_t> last = {};
};

/// How a text, without a newline, begins: as that whole line and nothing more, as it does up to
/// somewhere, or as no line that is due there.
LineBeginning begin_line(std::string_view text, const DueLine& due);

}  // namespace agentstore::log
