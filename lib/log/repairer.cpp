#include "log/repairer.hpp"

#include <fcntl.h>

#include <algorithm>
#include <utility>

#include "agentstore/json.hpp"
#include "log/due_events.hpp"
#include "log/foreign_bytes.hpp"
#include "log/scan.hpp"
#include "log/verify.hpp"

namespace agentstore::log {
namespace {

constexpr std::size_t left_out_named_max = 100;  // in the log_salvaged event
constexpr std::size_t copy_bytes = std::size_t{1} << 20;

std::string left_out_json(const Repair& repair) {
  std::string out = "[";
  for (std::size_t i = 0; i < std::min(repair.left_out.size(), left_out_named_max); ++i) {
    const Finding& finding = repair.left_out[i];
    if (i > 0) out += ',';
    out += R"({"line":)" + std::to_string(finding.line) + R"(,"offset":)" +
           std::to_string(finding.offset_bytes) + R"(,"reason":)" + json::quote(finding.message) +
           '}';
  }
  return out + ']';
}

}  // namespace

Result<Repair> Repairer::repair(const RepairOptions& options) {
  if (auto opened = end_.open(options.accept_loss); !opened) return std::unexpected(opened.error());
  // A log that another repair put here, and died, is not to be called sound before it is durable.
  if (auto synced = sync_folder(system_, options_.log.parent_path()); !synced) {
    return std::unexpected(synced.error());
  }
  const auto due = due_events(system_, options_);
  if (!due) return std::unexpected(due.error());
  LockedSource log = end_.whole(*due);
  const auto verified = verify(log, options_.session_id, false);
  if (!verified) return std::unexpected(verified.error());
  if (verified->verdict == Verdict::lost && !options.accept_loss)
    return lost_events(options_, *due, verified->events);
  return repair_found(*verified, options);
}

Result<Repair> Repairer::repair_found(const Verification& found, const RepairOptions& options) {
  Repair repair{.verdict = found.verdict, .events = found.events, .left_out = {}, .kept_as = {}};
  if (found.verdict == Verdict::damaged) {
    if (options.salvage) return salvage(repair, options.dry_run);
    Error error{Code::corrupt, options_.log.string() + " is damaged, not torn",
                "salvage what can be read"};
    error.remedy = Remedy::salvage;
    if (!found.findings.empty()) {
      const Finding& first = found.findings.front();
      error.message += " (line " + std::to_string(first.line) + ", byte " +
                       std::to_string(first.offset_bytes) + ": " + first.message + ")";
    }
    return std::unexpected(std::move(error));
  }
  if (found.verdict == Verdict::torn || found.verdict == Verdict::lost) {
    repair.left_out = found.findings;
    repair.left_out_count = found.finding_count;
    repair.bytes_left_out = end_.size_bytes() - found.end_offset_bytes;
  }
  repair.changed = found.verdict == Verdict::torn || options.accept_loss;
  if (options.dry_run || !repair.changed) return repair;
  // The last write may look whole, although what stands before it does not.
  auto done =
      options.accept_loss ? accept_loss(found.events) : redactor_.catch_up({.read_all = true});
  if (!done) return std::unexpected(done.error());
  repair.kept_as = quarantine_.folder().string();
  return repair;
}

// Says in the log that it goes on after a loss; only then the notes that show it go aside.
// `events`: how many are left.
Result<void> Repairer::accept_loss(std::uint64_t events) {
  const auto due = due_events(system_, options_);
  if (!due) return std::unexpected(due.error());
  if (auto lowered = lower_synced_events(system_, options_, events); !lowered) return lowered;
  if (auto done = redactor_.catch_up({.read_all = true, .accept_loss = true}); !done) return done;
  const std::string payload = R"({"reason":"loss accepted","checkpoint_size":)" +
                              std::to_string(due->checkpoint) + R"(,"synced_events":)" +
                              std::to_string(due->synced) + R"(,"events":)" +
                              std::to_string(events) + R"(,"possible_ack_loss":true})";
  const auto written = end_.write(assemble_own("agentstore.log_repaired", payload, end_.context()));
  if (!written) return std::unexpected(written.error());
  options_.notice("its log had " + std::to_string(due->count()) +
                  " events at the least, and goes on from the " + std::to_string(events) +
                  " that are left");
  return quarantine_.take_checkpoints();
}

// Of a log that was compressed, or put into another encoding, nothing can be read until that is
// undone.
Result<void> Repairer::check_legible() {
  char start[foreign_start_bytes] = {};
  const auto got = end_.whole().read_at(0, start, sizeof start);
  if (!got) return std::unexpected(got.error());
  const char* const words = foreign_start({start, *got});
  if (words == nullptr || std::string_view{start, *got}.starts_with(byte_order_mark)) return {};
  return fail(Code::corrupt, options_.log.string() + " cannot be read: " + words,
              "undo that outside of the store, and put the log back");
}

Result<Repair> Repairer::salvage(const Repair& found, bool dry_run) {
  auto salvage = read(found);
  if (!salvage) return std::unexpected(salvage.error());
  Repair& repair = salvage->repair;
  if (dry_run) return std::move(repair);
  const auto kept = quarantine_.keep(end_.file(), 0, end_.size_bytes());
  if (!kept) return std::unexpected(kept.error());
  repair.kept_as = kept->path.string();
  if (auto written = write_salvaged(*salvage, *kept); !written)
    return std::unexpected(written.error());
  const std::uint64_t unfit = salvage->log.unfit();
  options_.notice(
      "a new log holds the " + std::to_string(repair.events) + " events that could be read" +
      (unfit == 0
           ? ""
           : ", " + std::to_string(unfit) + " of them marked, since their seal does not fit") +
      "; the old one is kept as " + repair.kept_as);
  return std::move(repair);
}

Result<Repairer::Salvage> Repairer::read(const Repair& found) {
  if (auto legible = check_legible(); !legible) return std::unexpected(legible.error());
  LockedSource log = end_.whole();
  auto unfinished = last_redactions(log);
  if (!unfinished) return std::unexpected(unfinished.error());
  auto to_redact = find_targets(log, *unfinished);
  if (!to_redact) return std::unexpected(to_redact.error());
  Salvage salvage{
      .repair = {.verdict = found.verdict, .changed = true, .left_out = {}, .kept_as = {}},
      .log = {options_.session_id, std::move(*unfinished)},
      .to_redact = std::move(*to_redact)};
  Repair& repair = salvage.repair;
  auto counted = Salvager{log, options_.session_id}.run(
      [&](const Line& line, bool fits) -> Result<void> {
        salvage.log.number(line, fits);
        if (line.seal != Seal::unsealed) salvage.old_head = line.hash;
        return {};
      },
      [&](Finding finding, std::uint64_t bytes) {
        ++repair.left_out_count;
        repair.bytes_left_out += bytes;
        if (repair.left_out.size() < findings_max) repair.left_out.push_back(std::move(finding));
      });
  if (!counted) return std::unexpected(counted.error());
  repair.events = salvage.log.count();
  return salvage;
}

std::string Repairer::salvaged_payload(const Salvage& read, const Quarantine::Kept& kept) const {
  const Repair& repair = read.repair;
  return R"({"old":{"size":)" + std::to_string(end_.size_bytes()) + R"(,"head":")" +
         to_hex(agentstore::bytes_of(read.old_head)) + R"(","root":null,"sha256":")" +
         kept.sha256_hex + R"("},"kept_as":)" + json::quote(kept.path.filename().string()) +
         R"(,"events":)" + std::to_string(repair.events) + R"(,"seal_does_not_fit":)" +
         std::to_string(read.log.unfit()) + R"(,"left_out_count":)" +
         std::to_string(repair.left_out_count) + R"(,"left_out_bytes":)" +
         std::to_string(repair.bytes_left_out) + R"(,"left_out":)" + left_out_json(repair) + '}';
}

Result<void> Repairer::write_salvaged(const Salvage& read, const Quarantine::Kept& kept) {
  const std::uint64_t events = read.repair.events + 1;
  const Path temp = sibling_temp(options_.log);
  auto written = [&]() -> Result<void> {
    auto file = open_file(system_, temp, O_WRONLY | O_CREAT | O_EXCL, options_.file_mode);
    if (!file) return std::unexpected(file.error());
    const Write first = assemble_own("agentstore.log_salvaged", salvaged_payload(read, kept),
                                     end_.context(Position{}));
    SalvagedLog log = read.log;
    log.start_at(first.after);
    auto copied = copy_events(std::move(log), first.lines, [&](std::string_view bytes) {
      return write_all(system_, *file, temp, bytes);
    });
    if (!copied) return copied;
    // Before the new log is there: it would be shorter than they say, and refused as lost.
    if (auto done = quarantine_.take_checkpoints(); !done) return done;
    if (!read.to_redact.empty()) {
      if (auto done = redactor_.scrub_quarantine(read.to_redact); !done) return done;
    }
    if (auto done = lower_synced_events(system_, options_, events); !done) return done;
    if (auto done = end_.replace(temp, *file); !done) return done;
    return note_salvaged(events);
  }();
  if (!written) system_.unlink(temp.c_str());
  return written;
}

// Gives `lines`, and then those of every event that can be read, to `write`, in large pieces.
Result<void> Repairer::copy_events(SalvagedLog log, std::string lines,
                                   const std::function<Result<void>(std::string_view)>& write) {
  LockedSource old = end_.whole();
  auto copied = Salvager{old, options_.session_id}.run(
      [&](const Line& line, bool fits) -> Result<void> {
        log.write(line, fits, lines, system_.clock());
        if (lines.size() < copy_bytes) return {};
        auto done = write(lines);
        lines.clear();
        return done;
      },
      [](const Finding&, std::uint64_t) {});
  return copied ? write(lines) : copied;
}

// The new log is on the disk with all its events.
Result<void> Repairer::note_salvaged(std::uint64_t events) {
  if (options_.durability == Durability::none) return {};
  end_.set_synced_events(events);
  return options_.set_synced_events ? options_.set_synced_events(events) : Result<void>{};
}

}  // namespace agentstore::log
