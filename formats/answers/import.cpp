#include "formats/answers/import.hpp"

#include <fmt/format.h>

#include <map>

#include "agentstore/json.hpp"
#include "formats/text/figures.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

std::string session_json(const ImportedSession& session) {
  return fmt::format(
      R"({{"path":{},"session_id":{},"events":{},"already":{},"created":{},"outdated":{},"error":{}}})",
      json::quote(session.path),
      session.session_id.empty() ? "null" : json::quote(session.session_id), session.events,
      session.already, session.created, session.outdated, text_json(session.error));
}

std::string file_json(const ImportedFile& file) {
  return fmt::format(R"({{"path":{},"format":{},"error":{}}})", json::quote(file.path),
                     file.format.empty() ? "null" : json::quote(file.format),
                     text_json(file.error));
}

std::string part_json(const SkippedPart& part) {
  return fmt::format(R"({{"path":{},"line":{},"offset":{},"why":{}}})", json::quote(part.path),
                     part.line, part.offset_bytes, json::quote(part.why));
}

std::string tally_json(const Tally& tally) {
  return fmt::format(
      R"({{"bytes":{},"lines":{},"blank_lines":{},"glued_lines":{},"records":{},"non_objects":{},)"
      R"("events":{},"by_type":{},"bytes_kept":{},"duplicates":{},"repeated_usage":{},)"
      R"("duplicate_tokens_in":{},"duplicate_tokens_out":{},"unknown":{},"left_out":{},)"
      R"("skipped":{},"skipped_parts":{}}})",
      tally.bytes, tally.lines, tally.blank_lines, tally.glued_lines, tally.records,
      tally.non_objects, tally.events, counts_json(tally.by_type), tally.kept_bytes,
      tally.duplicates, tally.repeated_usage, tally.duplicate_tokens_in, tally.duplicate_tokens_out,
      counts_json(tally.unknown), counts_json(tally.left_out), tally.skipped,
      array_json(tally.skipped_parts, part_json));
}

std::string figure(std::uint64_t number) {
  return thousands(number);
}

void add_counts(Figures& figures, const Counts& counts) {
  for (const auto& [name, number] : counts)
    figures.add("", fmt::format("{:>9}  {}", figure(number), name), Paint::dim);
}

std::uint64_t sum_of(const Counts& counts) {
  std::uint64_t sum = 0;
  for (const auto& [name, number] : counts) sum += number;
  return sum;
}

void add_kinds(Figures& figures, std::string_view name, const Counts& counts,
               std::string_view what) {
  if (counts.empty()) return;
  figures.add(name, figure(sum_of(counts)) + std::string{what});
  add_counts(figures, counts);
}

void add_sources(Figures& figures, const ImportAnswer& answer) {
  if (answer.source_bytes > 0)
    figures.add("kept", bytes_text(answer.source_bytes) + " as they were read (restore)");
  for (const ChangedSource& changed : answer.changed) add_changed_source(figures, changed);
}

void add_tally(Figures& figures, const Tally& tally) {
  figures.add("read", fmt::format("{} lines, {} records, {}", figure(tally.lines),
                                  figure(tally.records), bytes_text(tally.bytes)));
  figures.add("events", fmt::format("{}, {} of payload and metadata", figure(tally.events),
                                    bytes_text(tally.kept_bytes)));
  add_counts(figures, tally.by_type);
  if (tally.duplicates > 0) figures.add("duplicates", figure(tally.duplicates) + " records");
  if (tally.duplicate_tokens_in > 0 || tally.duplicate_tokens_out > 0)
    figures.add("repeated", fmt::format("{} tokens in, {} out: told again, counted once",
                                        thousands(tally.duplicate_tokens_in),
                                        thousands(tally.duplicate_tokens_out)));
  add_kinds(figures, "unknown", tally.unknown, " records, kept as custom events");
  add_kinds(figures, "left out", tally.left_out, " records (--keep-all keeps them)");
  if (tally.skipped > 0) figures.add("skipped", figure(tally.skipped), Paint::red);
  for (const SkippedPart& part : tally.skipped_parts)
    figures.add("", fmt::format("{}:{}: {}", part.path, part.line, part.why), Paint::red);
}

}  // namespace

std::string changed_source_json(const ChangedSource& changed) {
  const SourceChange& change = changed.change;
  return fmt::format(
      R"({{"path":{},"session_id":{},"file":{},"kept":{{"bytes":{},"sha256":{}}},"found":{{"bytes":{},"sha256":{}}}}})",
      json::quote(changed.path), json::quote(changed.session_id), json::quote(change.file),
      change.kept_bytes, json::quote(change.kept_sha256), change.found_bytes,
      json::quote(change.found_sha256));
}

void add_changed_source(Figures& figures, const ChangedSource& changed) {
  const SourceChange& change = changed.change;
  const bool shorter = change.found_bytes < change.kept_bytes;
  figures.add(shorter ? "shorter" : "changed",
              fmt::format("{}: {} were kept, {} were found; both versions are kept", changed.path,
                          bytes_text(change.kept_bytes), bytes_text(change.found_bytes)),
              Paint::red);
}

void write_import_json(Sink& sink, const ImportAnswer& answer) {
  sink.write(fmt::format(
      R"({{"schema":"agentstore/import/1","dry_run":{},"sessions":{},"files":{},"unchanged":{},"passed_over":{},"not_read":{},"source_bytes":{},"changed":{},"receipt":{}}})"
      "\n",
      answer.dry_run, array_json(answer.sessions, session_json),
      array_json(answer.files, file_json), answer.unchanged, answer.passed_over,
      counts_json(answer.not_read), answer.source_bytes,
      array_json(answer.changed, changed_source_json), tally_json(answer.tally)));
}

void write_import_text(Sink& sink, const ImportAnswer& answer, const Screen& screen) {
  Figures figures{sink, screen};
  std::uint64_t events = 0;
  std::uint64_t already = 0;
  std::uint64_t created = 0;
  std::map<std::string, std::uint64_t> formats;
  for (const ImportedSession& session : answer.sessions) {
    events += session.events;
    already += session.already;
    created += session.created ? 1 : 0;
  }
  for (const ImportedFile& file : answer.files)
    if (!file.error) ++formats[file.format];
  for (const auto& [format, files] : formats)
    figures.add("files", fmt::format("{} of format {}", figure(files), format));
  if (formats.size() > 1) {
    std::uint64_t files = 0;
    for (const auto& [format, of_format] : formats) files += of_format;
    figures.add("", figure(files) + " in all");
  }
  if (answer.unchanged > 0)
    figures.add("unchanged", figure(answer.unchanged) + " since they were imported: not read");
  if (!answer.not_read.empty()) {
    figures.add("not read", figure(sum_of(answer.not_read)) + " files that are no logs");
    add_counts(figures, answer.not_read);
  }
  if (answer.tally.lines > 0) add_tally(figures, answer.tally);
  add_sources(figures, answer);
  figures.add(answer.dry_run ? "would import" : "imported",
              fmt::format("{} new events, {} were here before; {}", figure(events), figure(already),
                          counted(created, "new session")));
}

}  // namespace agentstore::formats
