#include "log/writer.hpp"

#include <utility>

#include "base/system.hpp"
#include "log/import_lines.hpp"

namespace agentstore::log {
namespace {

constexpr int foreign_writes_max = 8;
constexpr unsigned pause_us = 100;

}  // namespace

Writer::Writer(System& system, WriterOptions options)
    : system_(system),
      options_(std::move(options)),
      process_epoch_(process_epoch()),
      queue_([this](std::span<Request* const> requests) { return commit(requests); },
             [this] { system_.sleep_us(pause_us); }),
      lock_(system_, options_),
      quarantine_(system_, options_),
      end_(system_, options_, quarantine_),
      redactor_(system_, options_, quarantine_, end_),
      repairer_(system_, options_, quarantine_, end_, redactor_) {}

Result<std::vector<Receipt>> Writer::append(std::span<const CheckedDraft> drafts,
                                            const AppendOptions& options) {
  if (process_epoch() != process_epoch_) {
    return fail(Code::closed, "the store was opened before a fork", "open it again in the child");
  }
  if (drafts.empty()) return std::vector<Receipt>{};
  return queue_.append(drafts, options);
}

Result<void> Writer::commit(std::span<Request* const> requests) {
  const auto locked = lock_.hold();
  if (!locked) return std::unexpected(locked.error());
  for (int i = 0; i < foreign_writes_max; ++i) {
    if (auto done = redactor_.catch_up(); !done) return done;
    const auto write = assemble(requests, end_.context());
    if (!write) return std::unexpected(write.error());
    const auto written = end_.write(*write);
    if (!written) return std::unexpected(written.error());
    if (!*written) continue;
    if (!write->lines.empty()) {
      has_appended_.store(true);
      queue_.note_sync(end_.last_sync());
    }
    return {};
  }
  return fail(Code::busy, options_.log.string() + " is being written to without its lock",
              "stop the other program, or try again");
}

Result<std::uint64_t> Writer::replace_with(const Path& temp, std::uint64_t events) {
  const CommitQueue::Exclusively alone{queue_};
  const auto locked = lock_.hold();
  if (!locked) return std::unexpected(locked.error());
  if (auto done = redactor_.catch_up({}, temp); !done) return std::unexpected(done.error());
  return import_file(system_, options_, end_, temp, events);
}

Result<Repair> Writer::repair(const RepairOptions& options) {
  const CommitQueue::Exclusively alone{queue_};
  const auto locked = lock_.hold();
  if (!locked) return std::unexpected(locked.error());
  return repairer_.repair(options);
}

Result<std::vector<Receipt>> Writer::redact(std::span<const std::uint64_t> sequence_numbers,
                                            std::string_view reason,
                                            std::string_view requested_by) {
  const CommitQueue::Exclusively alone{queue_};
  const auto locked = lock_.hold();
  if (!locked) return std::unexpected(locked.error());
  if (auto done = redactor_.catch_up(); !done) return std::unexpected(done.error());
  return redactor_.redact(sequence_numbers, reason, requested_by);
}

Result<std::uint64_t> Writer::make_durable() {
  const CommitQueue::Exclusively alone{queue_};
  const auto locked = lock_.hold();
  if (!locked) return std::unexpected(locked.error());
  if (auto done = redactor_.catch_up(); !done) return std::unexpected(done.error());
  if (auto synced = end_.sync_deferred(); !synced) return std::unexpected(synced.error());
  return end_.position().sequence_number;
}

Result<void> Writer::sync_deferred() {
  const CommitQueue::Exclusively alone{queue_};
  return end_.sync_deferred();
}

bool Writer::has_deferred() {
  const CommitQueue::Exclusively alone{queue_};
  return end_.has_deferred();
}

Result<void> Writer::deferred_is_durable(bool durable) {
  const CommitQueue::Exclusively alone{queue_};
  if (!end_.has_deferred()) return {};
  if (!durable) end_.deferred_is_lost();
  else if (!end_.poisoned()) end_.deferred_is_durable();
  // After a sync that failed, the next one says nothing of what that one was to write.
  if (!end_.poisoned()) return {};
  return fail(Code::io, "an earlier write to " + options_.log.string() + " could not be synced",
              "close the store and open it again");
}

Result<void> Writer::exclusively(const std::function<Result<void>()>& work) {
  const CommitQueue::Exclusively alone{queue_};
  const auto locked = lock_.hold();
  if (!locked) return std::unexpected(locked.error());
  return work();
}

bool Writer::poisoned() {
  const CommitQueue::Exclusively alone{queue_};
  return end_.poisoned();
}

}  // namespace agentstore::log
