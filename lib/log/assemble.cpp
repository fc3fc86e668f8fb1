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
    accepted_.push_back({&request, std::move(receipts)});
    return {};
  }

  Write write() {
    Write write{.lines = {}, .after = context_.before, .last_timestamp = {}, .event_ids = {}};
    const std::uint64_t first = context_.before.sequence_number + 1;
    const Batch batch = news_.size() > 1 ? Batch{first, first + news_.size() - 1} : Batch{};
    std::size_t bytes = 0;
    for (const New& one : news_) {
      bytes += one.draft->payload.size() + one.draft->metadata.size() + line_frame_bytes;
    }
    write.lines.reserve(bytes);
    write.event_ids.reserve(news_.size());
    std::vector<Receipt> stored;
    stored.reserve(news_.size());
    for (const New& one : news_) stored.push_back(seal(one, batch, write));
    for (auto& [request, receipts] : accepted_) {
      for (Receipt& receipt : receipts) {
        if (receipt.sequence_number < first) continue;  // A duplicate of what was there before.
        const bool duplicate = receipt.duplicate;
        Receipt& of_event = stored[receipt.sequence_number - first];
        if (repeated_) receipt = of_event;
        else receipt = std::move(of_event);
        receipt.duplicate = duplicate;
      }
      request->result = std::move(receipts);
    }
    return write;
  }

 private:
  struct New {
    const CheckedDraft* draft;
    const Sealing* sealing;
  };
  struct Accepted {
    Request* request;
    std::vector<Receipt> receipts;  // of new events, the number alone
  };

  // Says in `receipt` where a draft's event is: stored before, or among the new ones.
  Result<void> place(const Request& request, std::size_t i, Receipt& receipt) {
    const CheckedDraft& draft = request.drafts[i];
    const std::uint64_t before = context_.before.sequence_number;
    if (!draft.event_id.empty()) {
      if (const auto known = ids_.find(draft.event_id); known != ids_.end()) {
        const CheckedDraft& other = *news_[known->second].draft;
        receipt.sequence_number = before + known->second + 1;
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
    news_.push_back({&draft, &request.sealings[i]});
    receipt.sequence_number = before + news_.size();
    return {};
  }

  static Result<void> hold_same(const CheckedDraft& draft, bool same) {
    if (same) return {};
    return fail(Code::conflict,
                "event id \"" + draft.event_id +
                    "\" is taken by an event with another type, metadata or payload");
  }

  void refuse(Request& request, std::size_t keep, Error error) {
    for (std::size_t i = keep; i < news_.size(); ++i) ids_.erase(news_[i].draft->event_id);
    news_.resize(keep);
    request.result = std::unexpected(std::move(error));
  }

  Receipt seal(const New& one, Batch batch, Write& write) {
    const CheckedDraft& draft = *one.draft;
    const Timestamp now = context_.clock();
    Position& at = write.after;
    Receipt receipt{at.sequence_number + 1,
                    draft.event_id.empty() ? uuid7(now, one.sealing->id_bytes) : draft.event_id,
                    {},
                    false};
    const NumberedEvent event{.session_id = context_.session_id,
                              .sequence_number = receipt.sequence_number,
                              .type = draft.type,
                              .timestamp = draft.timestamp.value_or(now),
                              .recorded_at = draft.timestamp ? std::optional{now} : std::nullopt,
                              .metadata = draft.metadata,
                              .event_id = receipt.event_id,
                              .batch = batch,
                              .payload = draft.payload,
                              .salt = one.sealing->salt};
    write.last_timestamp = event.timestamp;
    write.event_ids.emplace_back(EventIds::fingerprint_of(receipt.event_id), at.offset_bytes);
    const std::size_t before = write.lines.size();
    at.head = encode_line(write.lines, event, one.sealing->payload_hash, at.head);
    at.head_known = at.sealed = true;
    at.offset_bytes += write.lines.size() - before;
    ++at.sequence_number;
    ++at.line;
    receipt.hash = to_hex(bytes_of(at.head));
    return receipt;
  }

  const AssembleContext& context_;
  std::vector<New> news_;
  std::unordered_map<std::string_view, std::size_t> ids_;  // of news_
  std::vector<Accepted> accepted_;
  bool repeated_ = false;  // whether an event is told of more than once
};

}  // namespace

Request::Request(std::span<const CheckedDraft> the_drafts, const AppendOptions& the_options)
    : drafts(the_drafts), options(the_options), sealings(the_drafts.size()) {
  // One system call for all of them.
  struct Random {
    Salt salt;
    UuidBytes id_bytes;
  };
  std::vector<Random> random(drafts.size());
  random_bytes(random.data(), random.size() * sizeof(Random));
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    const Salt& salt = random[i].salt;
    sealings[i] = {salt, random[i].id_bytes, payload_hash_of(salt, drafts[i].payload)};
  }
}

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
  const AppendOptions options;
  Request request{{&draft, 1}, options};
  Request* const requests[] = {&request};
  return *assemble(requests, context);
}

}  // namespace agentstore::log
