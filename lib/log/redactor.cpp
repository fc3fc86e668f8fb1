#include "log/redactor.hpp"

#include <fcntl.h>

#include <string>

#include "log/scrub.hpp"

namespace agentstore::log {

Result<void> Redactor::catch_up(const LogEnd::CatchUp& how) {
  for (LogEnd::CatchUp next = how;; next.read_all = false) {
    const auto looked = end_.catch_up(next);
    if (!looked) return std::unexpected(looked.error());
    if (!*looked) return {};
    const auto rewritten = finish();
    if (!rewritten) {
      end_.forget();
      return std::unexpected(rewritten.error());
    }
    if (!*rewritten) return {};
  }
}

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
  if (auto done = forget_derived({}); !done) return std::unexpected(done.error());
  if (auto legible = quarantine_.check_legible(); !legible) return std::unexpected(legible.error());

  std::vector<Receipt> receipts;
  const auto written = end_.write(assemble_own(redacted_type, *payloads, end_.context(), receipts));
  if (!written) return std::unexpected(written.error());
  if (!*written) {
    return fail(Code::busy, options_.log.string() + " is being written to without its lock");
  }
  const Redactions redactions = redactions_of(*lines, receipts.front().sequence_number);
  if (auto done = remove_payloads(*lines, redactions); !done) {
    end_.forget();  // So the next append looks at the end of the log, and finishes.
    done.error().message +=
        "; what was to go is hidden from now on, and the next append removes it";
    return std::unexpected(done.error());
  }
  return receipts;
}

Result<bool> Redactor::finish() {
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
    if (auto done = forget_derived({}); !done) return std::unexpected(done.error());
    return false;
  }
  if (auto done = remove_payloads(*lines, *last); !done) return std::unexpected(done.error());
  const std::string which =
      lines->size() == 1 ? "event #" + std::to_string((*lines)[0]->line.event.sequence_number)
                         : std::to_string(lines->size()) + " events";
  options_.notice("the redaction of " + which + ", which had been interrupted, was finished");
  return true;
}

// What else holds the payloads goes first: the rename is what shows that nothing is left to do.
// Readers may have saved caches until then: these go last.
Result<void> Redactor::remove_payloads(const KeptLines& lines, const Redactions& redactions) {
  if (auto done = forget_derived(payloads_of(lines)); !done) return done;
  if (auto done = scrub_quarantine(lines); !done) return done;
  const Path temp = sibling_temp(options_.log);
  auto rewritten = [&]() -> Result<void> {
    auto file = open_file(system_, temp, O_WRONLY | O_CREAT | O_EXCL, options_.file_mode);
    if (!file) return std::unexpected(file.error());
    LockedSource log = end_.source();
    auto copied = copy_without_payloads(log, redactions, [&](std::string_view bytes) {
      return write_all(system_, *file, temp, bytes);
    });
    return copied ? end_.replace(temp, *file) : copied;
  }();
  if (!rewritten) system_.unlink(temp.c_str());
  if (!rewritten) return rewritten;
  return forget_derived({});
}

Result<void> Redactor::forget_derived(std::span<const std::string_view> payloads) {
  return options_.forget_derived ? options_.forget_derived(payloads) : Result<void>{};
}

Result<void> Redactor::scrub_quarantine(const KeptLines& lines) {
  return quarantine_.scrub({lines, [&](std::string_view event_id) -> Result<bool> {
                              const auto found = end_.find_event(event_id);
                              if (!found) return std::unexpected(found.error());
                              return found->has_value();
                            }});
}

}  // namespace agentstore::log
