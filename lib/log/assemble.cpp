#include "log/assemble.hpp"

#include "base/ids.hpp"
#include "base/system.hpp"
#include "log/encode.hpp"

namespace agentstore::log {
namespace {

void seal(const AppendValidator::New& one, Batch batch, const AssembleContext& context,
          Write& write) {
  const CheckedDraft& draft = *one.draft;
  const Timestamp now = context.clock();
  Position& at = write.after;
  Receipt& receipt = *one.receipt;
  receipt.event_id = draft.event_id.empty() ? uuid7(now, one.sealing->id_bytes) : draft.event_id;
  const NumberedEvent event{.session_id = context.session_id,
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
}

}  // namespace

void prepare(Request& request) {
  struct Random {
    Salt salt;
    UuidBytes id_bytes;
  };
  // One system call for all of them.
  std::vector<Random> random(request.drafts.size());
  random_bytes(random.data(), random.size() * sizeof(Random));
  request.sealings.reserve(random.size());
  for (std::size_t i = 0; i < random.size(); ++i) {
    const auto& [salt, id_bytes] = random[i];
    request.sealings.push_back({salt, id_bytes, payload_hash_of(salt, request.drafts[i].payload)});
  }
}

Result<Write> assemble(std::span<Request* const> requests, const AssembleContext& context) {
  const ValidationContext log{context.before.sequence_number,
                              [&] { return to_hex(bytes_of(context.before.head)); },
                              context.find_event};
  AppendValidator judge{log};
  for (Request* const request : requests) {
    if (auto judged = judge.judge(*request); !judged) return std::unexpected(judged.error());
  }
  Write write{.lines = {}, .after = context.before, .last_timestamp = {}, .event_ids = {}};
  const auto news = judge.news();
  const Batch batch = batch_of(log.version + 1, news.size());
  std::size_t bytes = 0;
  for (const AppendValidator::New& one : news) {
    bytes += one.draft->payload.size() + one.draft->metadata.size() + line_frame_bytes;
  }
  write.lines.reserve(bytes);
  write.event_ids.reserve(news.size());
  for (const AppendValidator::New& one : news) seal(one, batch, context, write);
  judge.finish(requests);
  return write;
}

Write assemble_own(std::string_view type, std::span<const std::string> payloads,
                   const AssembleContext& context, std::vector<Receipt>& receipts) {
  std::vector<CheckedDraft> drafts;
  for (const std::string& payload : payloads)
    drafts.push_back({std::string{type}, payload, "{}", {}, std::nullopt});
  const AppendOptions options;
  Request request{.drafts = drafts, .options = options};
  prepare(request);
  Request* const requests[] = {&request};
  Write write = *assemble(requests, context);
  receipts = std::move(*request.result);
  for (Receipt& receipt : receipts) receipt.event_id.clear();
  return write;
}

Write assemble_own(std::string_view type, std::string_view payload,
                   const AssembleContext& context) {
  const std::string payloads[] = {std::string{payload}};
  std::vector<Receipt> receipts;
  return assemble_own(type, payloads, context, receipts);
}

}  // namespace agentstore::log
