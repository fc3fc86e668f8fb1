// The writer's part of a redaction: see redaction.hpp for its steps.

#include <fcntl.h>

#include <algorithm>

#include "log/encode.hpp"
#include "log/scrub.hpp"
#include "log/writer.hpp"

namespace agentstore::log {
namespace {

constexpr std::size_t quarantine_bytes_max = std::size_t{1} << 40;

// "<offset>-<random>.bytes", as quarantined bytes are named.
bool is_quarantined(std::string_view name) {
  constexpr std::string_view ending = ".bytes";
  const std::size_t dash = name.find('-');
  if (dash == name.npos || dash == 0 || !name.ends_with(ending)) return false;
  const std::string_view offset = name.substr(0, dash);
  name = name.substr(dash + 1, name.size() - dash - 1 - ending.size());
  return offset.find_first_not_of("0123456789") == offset.npos && !name.empty() &&
         name.find_first_not_of("0123456789abcdef") == name.npos;
}

std::vector<std::string_view> payloads_of(const KeptLines& lines) {
  std::vector<std::string_view> payloads;
  for (const auto& kept : lines) payloads.push_back(kept->line.event.payload);
  return payloads;
}

}  // namespace

Result<std::vector<Receipt>> Writer::redact(std::span<const std::uint64_t> sequence_numbers,
                                            std::string_view reason,
                                            std::string_view requested_by) {
  const Exclusively alone{*this};
  const auto locked = lock();
  if (!locked) return std::unexpected(locked.error());
  if (auto done = catch_up(); !done) return std::unexpected(done.error());

  LockedSource log = source(position_.offset_bytes);
  const auto lines = find_lines(log, sequence_numbers);
  if (!lines) return std::unexpected(lines.error());
  if (lines->empty()) return std::vector<Receipt>{};
  std::vector<std::string> payloads;
  for (const auto& kept : *lines) {
    if (auto allowed = check_redactable(kept->line); !allowed)
      return std::unexpected(allowed.error());
    payloads.push_back(redaction_payload(kept->line, reason, requested_by));
  }
  // What is in the way is to be met before the log says that the payloads go.
  if (auto done = forget_derived({}); !done) return std::unexpected(done.error());
  const auto names = list_folder(system_, options_.quarantine);
  if (!names && names.error().code != Code::not_found) return std::unexpected(names.error());

  std::vector<Receipt> receipts;
  const auto written = write_durably(assemble_own(redacted_type, payloads, context(), receipts));
  if (!written) return std::unexpected(written.error());
  if (!*written) {
    return fail(Code::busy, options_.log.string() + " is being written to without its lock");
  }
  const Redactions redactions = redactions_of(*lines, receipts.front().sequence_number);
  if (auto done = remove_payloads(*lines, redactions); !done) {
    known_ = false;  // So the next append looks at the end of the log, and finishes.
    done.error().message +=
        "; what was to go is hidden from now on, and the next append removes it";
    return std::unexpected(done.error());
  }
  return receipts;
}

// What a redactor that died left to do.
Result<void> Writer::finish_redaction() {
  LockedSource log = source(position_.offset_bytes);
  const auto last = last_redactions(log);
  if (!last) return std::unexpected(last.error());
  if (last->empty()) return {};
  const auto lines = find_targets(log, *last);
  if (!lines) return std::unexpected(lines.error());
  if (lines->empty()) {
    // Whoever put this log in place may have died before its sync, and before the last look at what
    // readers saved meanwhile.
    if (auto synced = sync_folder(system_, options_.log.parent_path()); !synced) return synced;
    return forget_derived({});
  }
  if (auto done = remove_payloads(*lines, *last); !done) return done;
  const std::string which =
      lines->size() == 1 ? "event #" + std::to_string((*lines)[0]->line.event.sequence_number)
                         : std::to_string(lines->size()) + " events";
  notice("session " + options_.session_id + ": the redaction of " + which +
         ", which had been interrupted, was finished");
  return catch_up();
}

// What else holds the payloads goes first: the rename is what shows that nothing is left to do.
// Readers may have saved caches until then: these go last.
Result<void> Writer::remove_payloads(const KeptLines& lines, const Redactions& redactions) {
  if (auto done = forget_derived(payloads_of(lines)); !done) return done;
  if (auto done = scrub_quarantine(lines); !done) return done;
  const Path temp = sibling_temp(options_.log);
  auto rewritten = [&]() -> Result<void> {
    auto file = open_file(system_, temp, O_WRONLY | O_CREAT | O_EXCL, options_.file_mode);
    if (!file) return std::unexpected(file.error());
    LockedSource log = source(position_.offset_bytes);
    auto copied = copy_without_payloads(log, redactions, [&](std::string_view bytes) {
      return write_all(system_, *file, temp, bytes);
    });
    return copied ? replace_log(temp, *file) : copied;
  }();
  if (!rewritten) system_.unlink(temp.c_str());
  if (!rewritten) return rewritten;
  return forget_derived({});
}

Result<void> Writer::forget_derived(std::span<const std::string_view> payloads) {
  return options_.forget_derived ? options_.forget_derived(payloads) : Result<void>{};
}

// Overwrites what quarantined bytes hold of the payloads; all else in them stays.
Result<void> Writer::scrub_quarantine(const KeptLines& lines) {
  const auto names = list_folder(system_, options_.quarantine);
  if (!names && names.error().code == Code::not_found) return {};
  if (!names) return std::unexpected(names.error());
  const Scrubber scrubber{lines, [&](std::string_view event_id) -> Result<bool> {
                            const auto found = find_event(event_id);
                            if (!found) return std::unexpected(found.error());
                            return found->has_value();
                          }};
  for (const std::string& name : *names) {
    if (!is_quarantined(name)) continue;
    const Path path = options_.quarantine / name;
    auto bytes = read_file(system_, path, quarantine_bytes_max);
    if (!bytes) return std::unexpected(bytes.error());
    const auto changed = scrubber.scrub(*bytes);
    if (!changed) return std::unexpected(changed.error());
    if (!*changed) continue;
    if (auto done = replace_file(system_, path, *bytes, options_.file_mode); !done) return done;
    notice("session " + options_.session_id + ": " + path.string() +
           " held bytes of the redacted payload, and was written anew without them");
  }
  return sync_folder(system_, options_.quarantine);
}

}  // namespace agentstore::log
