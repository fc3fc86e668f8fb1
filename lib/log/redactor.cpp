#include "log/redactor.hpp"

#include <fcntl.h>

#include <string>

#include "log/scrub.hpp"

namespace agentstore::log {

Result<void> Redactor::catch_up(const LogEnd::CatchUp& how, const Path& own_temp) {
  for (LogEnd::CatchUp next = how;; next.read_all = false) {
    const auto looked = end_.catch_up(next);
    if (!looked) return std::unexpected(looked.error());
    if (!*looked) return {};
    const auto rewritten = finish(own_temp);
    if (!rewritten) {
      end_.forget();
      return std::unexpected(rewritten.error());
    }
    if (!*rewritten) return {};
  }
}

// The new log is on the disk before the old one says that payloads go: where there is no room for
// it, nothing was begun.
Result<std::vector<Receipt>> Redactor::redact(std::span<const std::uint64_t> sequence_numbers,
                                              std::string_view reason,
                                              std::string_view requested_by) {
  LockedSource log = end_.source();
  const auto lines = find_lines(log, sequence_numbers);
  if (!lines) return std::unexpected(lines.error());
  if (lines->empty()) return std::vector<Receipt>{};
  const auto payloads = redaction_payloads(*lines, reason, requested_by);
  if (!payloads) return std::unexpected(payloads.error());
  // What is in the way is to be met before the log says that the payloads go.
  if (auto done = forget_derived({}, {}); !done) return std::unexpected(done.error());
  if (auto legible = quarantine_.check_legible(); !legible) return std::unexpected(legible.error());

  std::vector<Receipt> receipts;
  const Write write = assemble_own(redacted_type, *payloads, end_.context(), receipts);
  const Redactions redactions = redactions_of(*lines, receipts.front().sequence_number);
  bool begun = false;
  auto done = rewrite(redactions, write.lines, [&](const Path& temp) -> Result<void> {
    const auto written = end_.write(write);
    if (!written) return std::unexpected(written.error());
    if (!*written) {
      return fail(Code::busy, options_.log.string() + " is being written to without its lock");
    }
    begun = true;
    return remove_payloads(*lines, temp);
  });
  if (!done && begun) {
    end_.forget();  // So the next append looks at the end of the log, and finishes.
    done.error().message +=
        "; what was to go is hidden from now on, and the next append removes it";
  }
  if (!done) return std::unexpected(done.error());
  return receipts;
}

Result<bool> Redactor::finish(const Path& own_temp) {
  LockedSource log = end_.source();
  const auto last = last_redactions(log);
  if (!last) return std::unexpected(last.error());
  if (last->empty()) return false;
  const auto lines = find_targets(log, *last);
  if (!lines) return std::unexpected(lines.error());
  if (lines->empty()) {
    // Whoever put this log in place may have died before its sync, and before the last look at what
    // readers saved meanwhile.
    if (auto synced = sync_folder(system_, options_.log.parent_path()); !synced)
      return std::unexpected(synced.error());
    if (auto done = forget_derived({}, own_temp); !done) return std::unexpected(done.error());
    return false;
  }
  if (auto done = remove_payloads(*lines, own_temp); !done) return std::unexpected(done.error());
  auto rewritten = rewrite(*last, {}, [](const Path&) { return Result<void>{}; });
  if (!rewritten) return std::unexpected(rewritten.error());
  const std::string which =
      lines->size() == 1 ? "event #" + std::to_string((*lines)[0]->line.event.sequence_number)
                         : std::to_string(lines->size()) + " events";
  options_.notice("the redaction of " + which + ", which had been interrupted, was finished");
  return true;
}

// Readers may save caches until the new log is in place: these go last.
Result<void> Redactor::rewrite(const Redactions& redactions, std::string_view more,
                               const std::function<Result<void>(const Path& temp)>& prepare) {
  const Path temp = sibling_temp(options_.log);
  auto rewritten = [&]() -> Result<void> {
    auto file = open_file(system_, temp, O_WRONLY | O_CREAT | O_EXCL, options_.file_mode);
    if (!file) return std::unexpected(file.error());
    const auto write = [&](std::string_view bytes) {
      return write_all(system_, *file, temp, bytes);
    };
    LockedSource log = end_.source();
    if (auto copied = copy_without_payloads(log, redactions, write); !copied) return copied;
    if (auto written = write(more); !written) return written;
    // A disk may say only now that it is full.
    if (const int error = system_.fsync(file->get()); error < 0)
      return system_error("sync", temp, -error);
    if (auto prepared = prepare(temp); !prepared) return prepared;
    return end_.replace(temp, *file);
  }();
  if (!rewritten) system_.unlink(temp.c_str());
  if (!rewritten) return rewritten;
  return forget_derived({}, {});
}

// What else holds the payloads goes first: the rename is what shows that nothing is left to do.
Result<void> Redactor::remove_payloads(const KeptLines& lines, const Path& own_temp) {
  if (auto done = forget_derived(payloads_of(lines), own_temp); !done) return done;
  return scrub_quarantine(lines);
}

Result<void> Redactor::forget_derived(std::span<const std::string_view> payloads,
                                      const Path& own_temp) {
  return options_.forget_derived ? options_.forget_derived(payloads, own_temp) : Result<void>{};
}

Result<void> Redactor::scrub_quarantine(const KeptLines& lines) {
  return quarantine_.scrub({lines, [&](std::string_view event_id) -> Result<bool> {
                              const auto found = end_.find_event(event_id);
                              if (!found) return std::unexpected(found.error());
                              return found->has_value();
                            }});
}

}  // namespace agentstore::log
