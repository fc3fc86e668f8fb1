// The writer's part of a redaction: see redaction.hpp for its steps.

#include <fcntl.h>

#include "log/encode.hpp"
#include "log/writer.hpp"

namespace agentstore::log {
namespace {

constexpr std::size_t telling_bytes_min = 8;  // a shorter payload is found by chance
constexpr std::size_t quarantine_bytes_max = std::size_t{1} << 40;

}  // namespace

Result<Receipt> Writer::redact(std::uint64_t sequence_number, std::string_view reason,
                               std::string_view requested_by) {
  const Exclusively alone{*this};
  const auto locked = lock();
  if (!locked) return std::unexpected(locked.error());
  if (auto done = catch_up(); !done) return std::unexpected(done.error());

  LockedSource log = source(position_.offset_bytes);
  const auto found = find_line(log, sequence_number);
  if (!found) return std::unexpected(found.error());
  const Line& line = (*found)->line;
  if (auto allowed = check_redactable(line); !allowed) return std::unexpected(allowed.error());
  // What stands in the way is to be met before the log says that the payload goes.
  if (options_.forget_derived) {
    if (auto done = options_.forget_derived(); !done) return std::unexpected(done.error());
  }
  const auto kept = list_folder(system_, options_.quarantine);
  if (!kept && kept.error().code != Code::not_found) return std::unexpected(kept.error());
  const auto written = write_durably(
      assemble_own(redacted_type, redaction_payload(line, reason, requested_by), context()));
  if (!written) return std::unexpected(written.error());
  if (!*written) {
    return fail(Code::busy, options_.log.string() + " is being written to without its lock");
  }
  const Receipt receipt{
      position_.sequence_number, {}, to_hex(agentstore::bytes_of(position_.head)), false};
  if (auto done =
          remove_payload(line, {sequence_number, receipt.sequence_number, payload_hash_of(line)});
      !done) {
    known_ = false;  // So the next append looks at the end of the log, and finishes.
    done.error().message += "; the payload is hidden from now on, and the next append removes it";
    return std::unexpected(done.error());
  }
  return receipt;
}

// What a redactor that died left to do.
Result<void> Writer::finish_redaction() {
  LockedSource log = source(position_.offset_bytes);
  const auto last = last_redaction(log);
  if (!last) return std::unexpected(last.error());
  if (!*last) return {};
  const auto found = find_line(log, (*last)->sequence_number);
  if (!found) return {};
  if ((*found)->line.seal != Seal::sealed) {
    // Whoever put this log in place may have died before its sync.
    return sync_folder(system_, options_.log.parent_path());
  }
  if (auto done = remove_payload((*found)->line, **last); !done) return done;
  notice("session " + options_.session_id + ": the redaction of event #" +
         std::to_string((*last)->sequence_number) + ", which had been interrupted, was finished");
  return catch_up();
}

// What else holds the payload goes first: the last step, the rename, is the one that shows that
// nothing is left to do.
Result<void> Writer::remove_payload(const Line& line, const Redaction& redaction) {
  if (auto done = forget_payload(line); !done) return done;
  const Path temp = sibling_temp(options_.log);
  auto rewritten = [&]() -> Result<void> {
    auto file = open_file(system_, temp, O_WRONLY | O_CREAT | O_EXCL, options_.file_mode);
    if (!file) return std::unexpected(file.error());
    LockedSource log = source(position_.offset_bytes);
    auto copied = copy_without_payload(log, redaction, [&](std::string_view bytes) {
      return write_all(system_, *file, temp, bytes);
    });
    return copied ? replace_log(temp, *file) : copied;
  }();
  if (!rewritten) system_.unlink(temp.c_str());
  return rewritten;
}

// Deletes what holds the payload beside the log: all that was derived, and quarantined bytes.
Result<void> Writer::forget_payload(const Line& line) {
  if (options_.forget_derived) {
    if (auto done = options_.forget_derived(); !done) return done;
  }
  const auto names = list_folder(system_, options_.quarantine);
  if (!names && names.error().code == Code::not_found) return {};
  if (!names) return std::unexpected(names.error());
  const bool telling = line.event.payload.size() >= telling_bytes_min;
  for (const std::string& name : *names) {
    const Path path = options_.quarantine / name;
    const auto text = read_file(system_, path, quarantine_bytes_max);
    if (!text) return std::unexpected(text.error());
    const bool free_of_it = telling && text->find(line.event.payload) == text->npos &&
                            text->find(line.event.event_id) == text->npos &&
                            text->find(line.salt) == text->npos;
    if (free_of_it) continue;
    if (const int error = system_.unlink(path.c_str()); error < 0) {
      return system_error("delete", path, -error);
    }
    notice("session " + options_.session_id + ": " + path.string() +
           " held the redacted payload, and was deleted");
  }
  return sync_folder(system_, options_.quarantine);
}

}  // namespace agentstore::log
