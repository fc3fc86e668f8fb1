#include "log/assemble.hpp"

#include <unordered_map>

#include "base/ids.hpp"
#include "base/system.hpp"
#include "log/encode.hpp"

namespace agentstore::log {
namespace {

class Assembler {
 public:
  explicit Assembler(const AssembleContext& context) : context_(context) {}

  Result<void> judge(Request& request) {
    const std::size_t before = news_.size();
    std::vector<Slot> slots;
    for (std::size_t i = 0; i < request.drafts.size(); ++i) {
      auto slot = place(request.drafts[i]);
      if (!slot && slot.error().code != Code::conflict) return std::unexpected(slot.error());
      if (!slot) {
        slot.error().draft_index = i;
        refuse(request, before, std::move(slot.error()));
        return {};
      }
      slots.push_back(*slot);
    }
    const std::uint64_t version = context_.before.sequence_number + before;
    const auto expected = request.options.expected_version;
    if (news_.size() > before && expected && *expected != version) {
      refuse(request, before,
             Error{Code::conflict,
                   "version " + std::to_string(*expected) +
                       " was expected, and the session is at " + std::to_string(version),
                   "read what is new, and try again"});
      return {};
    }
    const std::string& head = request.options.expected_head;
    // Behind an event of this same write no caller can have seen the head.
    if (news_.size() > before && !head.empty() &&
        (before > 0 || head != to_hex(bytes_of(context_.before.head)))) {
      refuse(request, before,
             Error{Code::conflict, "the head is not the one that was expected",
                   "read what is new, and try again"});
      return {};
    }
    accepted_.push_back({&request, std::move(slots)});
    return {};
  }

  Write write() {
    Write write{.lines = {}, .after = context_.before, .last_timestamp = {}, .event_ids = {}};
    std::vector<Receipt> stored;
    const std::uint64_t first = context_.before.sequence_number + 1;
    const Batch batch = news_.size() > 1 ? Batch{first, first + news_.size() - 1} : Batch{};
    // One system call for all of them.
    std::vector<Salt> salts(news_.size());
    random_bytes(salts.data(), salts.size() * sizeof(Salt));
    for (std::size_t i = 0; i < news_.size(); ++i)
      stored.push_back(seal(*news_[i], salts[i], batch, write));
    for (auto& [request, slots] : accepted_) {
      std::vector<Receipt> receipts;
      for (const Slot& slot : slots) {
        receipts.push_back(slot.stored ? *slot.stored : stored[slot.index]);
        receipts.back().duplicate = slot.duplicate;
      }
      request->result = std::move(receipts);
    }
    return write;
  }

 private:
  // Where a draft's event is: stored before, or among the new ones.
  struct Slot {
    std::optional<Receipt> stored;
    std::size_t index = 0;
    bool duplicate = false;
  };
  struct Accepted {
    Request* request;
    std::vector<Slot> slots;
  };

  Result<Slot> place(const CheckedDraft& draft) {
    if (!draft.event_id.empty()) {
      if (const auto known = ids_.find(draft.event_id); known != ids_.end()) {
        const CheckedDraft& other = *news_[known->second];
        return duplicate(draft,
                         other.type == draft.type && other.metadata == draft.metadata &&
                             other.payload == draft.payload,
                         Slot{std::nullopt, known->second, true});
      }
      const auto found = context_.find_event(draft.event_id);
      if (!found) return std::unexpected(found.error());
      if (const auto& event = *found) {
        const bool same = event->type == draft.type && event->metadata == draft.metadata &&
                          (event->redacted || event->payload == draft.payload);
        return duplicate(
            draft, same,
            Slot{Receipt{event->sequence_number, draft.event_id, event->hash, true}, 0, true});
      }
      ids_.emplace(draft.event_id, news_.size());
    }
    news_.push_back(&draft);
    return Slot{std::nullopt, news_.size() - 1, false};
  }

  Result<Slot> duplicate(const CheckedDraft& draft, bool same, Slot slot) {
    if (same) return slot;
    return fail(Code::conflict,
                "event id \"" + draft.event_id +
                    "\" is taken by an event with another type, metadata or payload");
  }

  void refuse(Request& request, std::size_t keep, Error error) {
    for (std::size_t i = keep; i < news_.size(); ++i) ids_.erase(news_[i]->event_id);
    news_.resize(keep);
    request.result = std::unexpected(std::move(error));
  }

  Receipt seal(const CheckedDraft& draft, const Salt& salt, Batch batch, Write& write) {
    const Timestamp now = context_.clock();
    const std::string id = draft.event_id.empty() ? uuid7(now) : draft.event_id;
    Position& at = write.after;
    NumberedEvent event{.session_id = context_.session_id,
                        .sequence_number = at.sequence_number + 1,
                        .type = draft.type,
                        .timestamp = draft.timestamp.value_or(now),
                        .recorded_at = draft.timestamp ? std::optional{now} : std::nullopt,
                        .metadata = draft.metadata,
                        .event_id = id,
                        .batch = batch,
                        .payload = draft.payload};
    write.last_timestamp = event.timestamp;
    event.salt = salt;
    write.event_ids.emplace_back(id, at.offset_bytes);
    const std::size_t before = write.lines.size();
    at.head = encode_line(write.lines, event, at.head);
    at.head_known = at.sealed = true;
    at.offset_bytes += write.lines.size() - before;
    ++at.sequence_number;
    ++at.line;
    return {at.sequence_number, id, to_hex(bytes_of(at.head)), false};
  }

  const AssembleContext& context_;
  std::vector<const CheckedDraft*> news_;
  std::unordered_map<std::string, std::size_t> ids_;  // of news_
  std::vector<Accepted> accepted_;
};

}  // namespace

Result<Write> assemble(std::span<Request* const> requests, const AssembleContext& context) {
  Assembler assembler{context};
  for (Request* const request : requests) {
    if (auto judged = assembler.judge(*request); !judged) return std::unexpected(judged.error());
  }
  return assembler.write();
}

Write assemble_own(std::string_view type, std::string_view payload,
                   const AssembleContext& context) {
  const CheckedDraft draft{std::string{type}, std::string{payload}, "{}", {}, std::nullopt};
  Request request{.drafts = {&draft, 1}, .options = {}};
  Request* const requests[] = {&request};
  return *assemble(requests, context);
}

}  // namespace agentstore::log
