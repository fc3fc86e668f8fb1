#include "log/draft.hpp"

#include "agentstore/json.hpp"
#include "base/ids.hpp"
#include "base/json_check.hpp"
#include "log/stored_form.hpp"

namespace agentstore::log {
namespace {

// What a line holds beside payload, metadata and event id, at the most.
constexpr std::size_t line_overhead_bytes = 1024;

Result<void> check_json(std::string_view what, std::string_view text, std::string& out) {
  if (text.empty()) {
    out = "{}";
    return {};
  }
  if (text.size() >= line_bytes_max)
    return fail(Code::invalid, "the " + std::string{what} + " is over 64 MiB");
  if (const auto error = json::check_and_compact(text, json::rules_to_store, out)) {
    return fail(Code::invalid, "the " + std::string{what} + " " + error->what + " (byte " +
                                   std::to_string(error->offset_bytes) + ")");
  }
  return {};
}

}  // namespace

Result<CheckedDraft> check_draft(const Draft& draft) {
  CheckedDraft checked;
  if (auto done = check_draft(draft, checked); !done) return std::unexpected(done.error());
  return checked;
}

Result<void> check_draft(const Draft& draft, CheckedDraft& into) {
  if (auto allowed = check_event_type(draft.type); !allowed) return allowed;
  if (!draft.event_id.empty()) {
    if (auto allowed = check_event_id(draft.event_id); !allowed) return allowed;
  }
  if (draft.timestamp && !is_writable(*draft.timestamp)) {
    return fail(Code::invalid, "the timestamp is outside the years 0000 to 9999");
  }
  if (auto checked = check_json("payload", draft.payload, into.payload); !checked) return checked;
  if (auto checked = check_json("metadata", draft.metadata, into.metadata); !checked)
    return checked;
  if (!draft.metadata.empty()) {
    if (auto misfit = misfit_in_metadata(into.metadata))
      return fail(Code::invalid, "the metadata" + *misfit);
  }
  const std::size_t size = into.payload.size() + into.metadata.size() + draft.event_id.size() * 6;
  if (size + line_overhead_bytes > line_bytes_max) {
    return fail(Code::invalid, "the event would be longer than 64 MiB");
  }
  into.type = draft.type;
  into.event_id = draft.event_id;
  into.timestamp = draft.timestamp;
  return {};
}

}  // namespace agentstore::log
