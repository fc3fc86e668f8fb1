// What a page unfolds of an event: its input or its result, an edit as a difference, its payload.

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/event.hpp"

namespace agentstore::formats {

/// A part of what is unfolded. The text is printable, whole, of many lines; those of a difference
/// begin with '+', '-', ' ' or, where in the file the next ones are, '@'.
struct DetailPart {
  enum class Kind { text, difference };
  Kind kind = Kind::text;
  std::string title;  ///< "input", "result", "src/a.js"; printable
  std::string text;
};

using Mask = std::function<std::string(std::string_view)>;

/// The parts of an event; `mask` is applied to what the log says, where it is set. Of a redacted
/// event there are none.
std::vector<DetailPart> details_of(const EventView& event, const Mask& mask);

/// `[42,[["text","result","…"],…]]`: as the page's script reads it.
std::string details_json(std::uint64_t sequence_number, const std::vector<DetailPart>& parts);

}  // namespace agentstore::formats
