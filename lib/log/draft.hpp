// Drafts: what a caller wants to append, checked and brought into the form that is stored.

#pragma once

#include <optional>
#include <string>

#include "agentstore/event.hpp"
#include "agentstore/result.hpp"

namespace agentstore::log {

/// A draft that may be stored: its JSON is compact, its names are checked.
struct CheckedDraft {
  std::string type;
  std::string payload;
  std::string metadata;
  std::string event_id;  ///< empty: the writer makes one
  std::optional<Timestamp> timestamp;
};

/// Errors: invalid, saying which part and why.
Result<CheckedDraft> check_draft(const Draft& draft);
/// The same in place; on an error what `into` holds is not specified.
Result<void> check_draft(const Draft& draft, CheckedDraft& into);

}  // namespace agentstore::log
