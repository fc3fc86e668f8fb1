#include "agentstore/command.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace agentstore {
namespace {

constexpr std::uint64_t no_version = std::numeric_limits<std::uint64_t>::max();

}  // namespace

Submitter::Submitter(Store& store, std::string session_id, CommandHandlerFactory make)
    : store_(&store), session_id_(std::move(session_id)), make_(std::move(make)) {}

// The handler is made when it is needed.
void Submitter::start_anew() {
  handler_.reset();
  version_ = 0;
  head_.clear();
}

// What a command is decided on starts at a snapshot whose seals were checked, or at none.
Result<void> Submitter::start() {
  auto folded = store_->fold_to_decide(session_id_, make_);
  if (!folded) return std::unexpected(folded.error());
  // What was folded is what `make_` made.
  handler_.reset(static_cast<CommandHandler*>(folded->projection.release()));
  version_ = folded->last_sequence_number;
  head_ = std::move(folded->head);
  return {};
}

// A handler that failed, or threw, may have half of an event: it is not asked again.
Result<void> Submitter::catch_up() {
  if (version_ == 0) return start();
  try {
    auto folded = fold_new();
    if (!folded) start_anew();
    return folded;
  } catch (...) {
    start_anew();
    throw;
  }
}

Result<void> Submitter::fold_new() {
  auto reader = store_->read(session_id_, {.filter = {.from_seq = version_ + 1}});
  if (!reader) return std::unexpected(reader.error());
  return for_each_event(**reader, [&](const EventView& event) -> Result<void> {
    if (auto applied = handler_->apply(event); !applied) return applied;
    version_ = event.sequence_number;
    head_ = event.hash;
    return {};
  });
}

Result<std::vector<Draft>> Submitter::decide(std::string_view command, std::string_view data,
                                             const SubmitOptions& options) const {
  const auto notes = handler_->notes();
  const auto gap = std::ranges::find(notes, FoldNote::Kind::incomplete, &FoldNote::kind);
  if (gap != notes.end()) {
    return fail(Code::conflict, "refused: the state is not known, for want of event #" +
                                    std::to_string(gap->sequence_number) + ": " + gap->message);
  }
  auto drafts = handler_->decide(command, data);
  if (!drafts) return drafts;
  for (std::size_t i = 0; i < drafts->size(); ++i) {
    Draft& draft = (*drafts)[i];
    if (options.timestamp) draft.timestamp = options.timestamp;
    if (!options.event_id.empty()) {
      draft.event_id = options.event_id + (i == 0 ? "" : '-' + std::to_string(i + 1));
    }
  }
  return drafts;
}

Result<std::vector<Receipt>> Submitter::submit(std::string_view command, std::string_view data,
                                               const SubmitOptions& options) {
  std::uint64_t tried = no_version;  // that of the conflict before
  bool anew = false;
  for (int attempt = 0; attempt < options.attempts_max; ++attempt) {
    if (auto caught_up = catch_up(); !caught_up) return std::unexpected(caught_up.error());
    const auto drafts = decide(command, data, options);
    if (!drafts) return std::unexpected(drafts.error());
    auto receipts = store_->append(session_id_, *drafts,
                                   {.expected_version = version_, .expected_head = head_});
    if (receipts || receipts.error().code != Code::conflict) return receipts;
    if (tried != version_) {
      tried = version_;
      continue;
    }
    // No new event explains it: the log was written anew (a salvage), or it is about an event id.
    if (std::exchange(anew, true)) return receipts;
    start_anew();
    tried = no_version;
  }
  return fail(Code::busy,
              "gave up " + std::string{command} + ": other writers of session " + session_id_ +
                  " were faster " + std::to_string(options.attempts_max) + " times",
              "try again");
}

}  // namespace agentstore
