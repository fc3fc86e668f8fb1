#include "log/append_validator.hpp"

#include <utility>

namespace agentstore::log {
namespace {

Result<void> hold_same(const CheckedDraft& draft, bool same) {
  if (same) return {};
  return fail(Code::conflict, "event id \"" + draft.event_id +
                                  "\" is taken by an event with another type, metadata or payload");
}

}  // namespace

Result<void> AppendValidator::judge(Request& request) {
  const std::size_t before = news_.size();
  std::vector<Receipt> receipts(request.drafts.size());
  for (std::size_t i = 0; i < request.drafts.size(); ++i) {
    auto placed = place(request, i, receipts[i]);
    if (!placed && placed.error().code != Code::conflict) return placed;
    if (!placed) {
      placed.error().draft_index = i;
      refuse(request, before, std::move(placed.error()));
      return {};
    }
  }
  const std::uint64_t version = context_.version + before;
  const auto expected = request.options.expected_version;
  if (news_.size() > before && expected && *expected != version) {
    refuse(request, before,
           Error{Code::conflict,
                 "version " + std::to_string(*expected) + " was expected, and the session is at " +
                     std::to_string(version),
                 "read what is new, and try again"});
    return {};
  }
  const std::string& head = request.options.expected_head;
  // Behind an event of this same write no caller can have seen the head.
  if (news_.size() > before && !head.empty() && (before > 0 || head != context_.head())) {
    refuse(request, before,
           Error{Code::conflict, "the head is not the one that was expected",
                 "read what is new, and try again"});
    return {};
  }
  request.result = std::move(receipts);
  return {};
}

// Says in `receipt` where a draft's event is: stored before, or among the new ones.
Result<void> AppendValidator::place(const Request& request, std::size_t i, Receipt& receipt) {
  const CheckedDraft& draft = request.drafts[i];
  if (!draft.event_id.empty()) {
    if (const auto known = ids_.find(draft.event_id); known != ids_.end()) {
      const CheckedDraft& other = *news_[known->second].draft;
      receipt.sequence_number = context_.version + known->second + 1;
      receipt.duplicate = repeated_ = true;
      return hold_same(draft, other.type == draft.type && other.metadata == draft.metadata &&
                                  other.payload == draft.payload);
    }
    const auto found = context_.find_event(draft.event_id);
    if (!found) return std::unexpected(found.error());
    if (const auto& event = *found) {
      receipt = {event->sequence_number, draft.event_id, event->hash, true};
      return hold_same(draft, event->type == draft.type && event->metadata == draft.metadata &&
                                  (event->redacted || event->payload == draft.payload));
    }
    ids_.emplace(draft.event_id, news_.size());
  }
  const bool prepared = !request.sealings.empty();
  news_.push_back({&draft, prepared ? &request.sealings[i] : nullptr, &receipt});
  receipt.sequence_number = context_.version + news_.size();
  return {};
}

void AppendValidator::refuse(Request& request, std::size_t keep, Error error) {
  for (std::size_t i = keep; i < news_.size(); ++i) ids_.erase(news_[i].draft->event_id);
  news_.resize(keep);
  request.result = std::unexpected(std::move(error));
}

void AppendValidator::finish(std::span<Request* const> requests) const {
  if (!repeated_) return;
  for (Request* const request : requests) {
    if (!request->result) continue;
    for (Receipt& receipt : *request->result) {
      if (!receipt.duplicate || receipt.sequence_number <= context_.version) continue;
      receipt = *news_[receipt.sequence_number - context_.version - 1].receipt;
      receipt.duplicate = true;
    }
  }
}

}  // namespace agentstore::log
