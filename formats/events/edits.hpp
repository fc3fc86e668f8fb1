// Edits: what a call of a tool would change in files, line by line, whatever the tool calls it:
// texts to find and to put in their place, a new file, a patch.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/event.hpp"

namespace agentstore::formats {

/// A line of a difference. Untrusted text.
struct EditLine {
  enum class Kind { same, added, removed, place };  ///< place: where in the file the next ones are
  Kind kind = Kind::same;
  std::string text;
  friend bool operator==(const EditLine&, const EditLine&) = default;
};

struct FileEdit {
  std::string file;  ///< untrusted; empty: the call does not say
  std::string what;  ///< "new file", "deleted", "moved to x"; empty: changed
  std::vector<EditLine> lines;

  std::size_t added() const;
  std::size_t removed() const;
};

/// The edits of a call, in its order; of a result, those that it says were made, where its tool
/// says that. Empty: it edits nothing that we know of.
std::vector<FileEdit> edits_of(const EventView& event);

/// The lines of two texts side by side: the same, removed, added. Of texts whose middles are long
/// and differ, all lines there are removed and added.
std::vector<EditLine> line_difference(std::string_view before, std::string_view after);

}  // namespace agentstore::formats
