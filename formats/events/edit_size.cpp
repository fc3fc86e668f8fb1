#include "formats/events/edit_size.hpp"

#include "agentstore/analysis/kinds.hpp"
#include "formats/events/edits.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {

std::optional<EditSize> edit_size_of(const EventView& call) {
  if (kind_of_type(call.type) != EventKind::call || call.redacted_by != 0) return std::nullopt;
  const auto edits = edits_of(call);
  if (edits.empty()) return std::nullopt;
  EditSize size;
  for (const FileEdit& edit : edits) {
    size.added += edit.added();
    size.removed += edit.removed();
  }
  return size;
}

std::string edit_text(const EditSize& size) {
  std::string text;
  if (size.added > 0 || size.removed == 0) text = "+" + thousands(size.added);
  if (size.removed > 0) text += (text.empty() ? "−" : " −") + thousands(size.removed);
  return text;
}

}  // namespace agentstore::formats
