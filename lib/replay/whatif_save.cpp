#include <unordered_set>
#include <utility>

#include "agentstore/analysis/whatif.hpp"
#include "agentstore/json.hpp"
#include "base/ids.hpp"
#include "base/json_edit.hpp"
#include "base/sha256.hpp"
#include "replay/alter.hpp"

namespace agentstore {
namespace {

constexpr std::size_t batch_events = 1000;
constexpr std::size_t batch_bytes_max = std::size_t{16} << 20;

const std::vector<std::string> causation_member = {"causation_id"};
const std::vector<std::string> origin_member = {"forked_from"};

// Appends the altered history in large batches.
class Copier {
 public:
  Copier(Store& store, std::string source_id, std::string session_id)
      : store_{store}, source_id_{std::move(source_id)}, session_id_{std::move(session_id)} {}

  Result<void> take(const EventView& event) {
    if (event.type.starts_with(reserved_prefix)) return {};
    Draft draft{
        .type = std::string{event.type},
        .payload = std::string{event.payload},
        .metadata = metadata_of(event),
        .event_id = event.line.empty() ? std::string{event.event_id} : new_id(event.event_id),
        .timestamp = event.timestamp};
    bytes_ += draft.payload.size() + draft.metadata.size();
    waiting_.push_back(std::move(draft));
    if (event.redacted_by != 0) redacted_.push_back(events + waiting_.size());
    return waiting_.size() < batch_events && bytes_ < batch_bytes_max ? Result<void>{} : flush();
  }

  Result<void> flush() {
    if (waiting_.empty()) return {};
    const auto receipts = store_.append(session_id_, waiting_);
    if (!receipts) {
      Error error = receipts.error();
      error.message = "session " + session_id_ + " was made and holds " + std::to_string(events) +
                      " events: " + error.message;
      return std::unexpected(std::move(error));
    }
    events += waiting_.size();
    waiting_.clear();
    bytes_ = 0;
    return {};
  }

  /// After the last event. A payload that was redacted is no null that somebody wrote.
  Result<void> finish() {
    if (auto done = flush(); !done || redacted_.empty()) return done;
    const auto redacted = store_.redact(
        session_id_, redacted_,
        "the payload was redacted in " + json::quote(source_id_) + " before the copy");
    return redacted ? Result<void>{} : std::unexpected(redacted.error());
  }

  std::uint64_t events = 0;

 private:
  // Always the same for an event of this session, so that causes can be renamed without a map.
  std::string new_id(std::string_view event_id) {
    if (event_id.empty()) return {};
    const std::string id = renamed(event_id);
    known_.insert(print_of(event_id));
    return id;
  }

  std::string renamed(std::string_view event_id) const {
    return to_hex(bytes_of(sha256({session_id_, "\n", event_id}))).substr(0, 32);
  }

  static std::uint64_t print_of(std::string_view event_id) {
    const Hash hash = sha256({event_id});
    std::uint64_t print = 0;
    for (int i = 0; i < 8; ++i) print = print << 8U | hash[static_cast<std::size_t>(i)];
    return print;
  }

  std::string metadata_of(const EventView& event) const {
    std::string metadata{json::kind_of(event.metadata) == json::Kind::object ? event.metadata
                                                                             : "{}"};
    const auto cause = json::find_text(metadata, causation_member.front());
    if (cause && known_.contains(print_of(*cause)))
      metadata = json::with_member(metadata, causation_member, json::quote(renamed(*cause)))
                     .value_or(metadata);
    if (event.line.empty()) return metadata;  // It was inserted.
    const std::string origin =
        R"({"session_id":)" + json::quote(source_id_) + R"(,"sequence_number":)" +
        std::to_string(event.sequence_number) + R"(,"event_id":)" +
        (event.event_id.empty() ? "null" : json::quote(event.event_id)) + '}';
    return json::with_member(metadata, origin_member, origin).value_or(metadata);
  }

  Store& store_;
  std::string source_id_;
  std::string session_id_;
  std::vector<Draft> waiting_;
  std::size_t bytes_ = 0;
  std::vector<std::uint64_t> redacted_;      // sequence numbers
  std::unordered_set<std::uint64_t> known_;  // of the event ids so far
};

}  // namespace

Result<SavedHistory> save_what_if(const History& history, const Alterations& alterations,
                                  Store& store, const NewSession& wanted) {
  auto alterer = Alterer::make(alterations);
  if (!alterer) return std::unexpected(alterer.error());
  auto reader = history.read({});
  if (!reader) return std::unexpected(reader.error());
  const auto session = store.create_session(wanted);
  if (!session) return std::unexpected(session.error());
  Copier copier{store, history.session_id, session->id};
  const auto give = [&](const EventView& event) { return copier.take(event); };
  const auto taken =
      for_each_event(**reader, [&](const EventView& event) { return alterer->take(event, give); });
  if (!taken) return std::unexpected(taken.error());
  if (auto ended = alterer->end(history.session_id, give); !ended)
    return std::unexpected(ended.error());
  if (auto done = copier.finish(); !done) return std::unexpected(done.error());
  return SavedHistory{session->id, copier.events};
}

}  // namespace agentstore
