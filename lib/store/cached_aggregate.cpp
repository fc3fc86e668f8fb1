#include "store/cached_aggregate.hpp"

#include <cstring>
#include <utility>

#include "backends/cache_file.hpp"
#include "store/parts.hpp"
#include "store/reader.hpp"

namespace agentstore {
namespace {

// What a cached aggregate begins with. Its verdict is a plain one: the reader that wrote it found
// nothing.
struct PlainReport {
  std::uint64_t unsealed_log = 0;  // 0 or 1
  std::uint64_t events = 0;
  std::uint64_t unsealed = 0;
  std::uint64_t last_sequence_number = 0;
  std::uint64_t end_offset_bytes = 0;
  std::uint64_t seals_checked = 0;  // 0 or 1
};

bool is_plain(const ReadReport& report) {
  return (report.verdict == Verdict::clean || report.verdict == Verdict::unsealed) &&
         report.finding_count == 0;
}

// The report, where the cached aggregate was taken.
std::optional<ReadReport> take(const CachedAggregateFile& file,
                               const CachedAggregate& cached_aggregate) {
  const auto text = file.load();
  if (!text || text->size() < sizeof(PlainReport)) return std::nullopt;
  PlainReport plain;
  std::memcpy(&plain, text->data(), sizeof plain);
  const bool checked = plain.seals_checked == 1;
  if (!checked && file.log_bytes() <= short_log_bytes_max) return std::nullopt;
  if (!cached_aggregate.take(std::string_view{*text}.substr(sizeof plain))) return std::nullopt;
  return ReadReport{.verdict = plain.unsealed_log == 1 ? Verdict::unsealed : Verdict::clean,
                    .events = plain.events,
                    .unsealed = plain.unsealed,
                    .last_sequence_number = plain.last_sequence_number,
                    .end_offset_bytes = plain.end_offset_bytes,
                    .findings = {},
                    .log_name = file.log().string(),
                    .seals_checked = checked};
}

PlainReport plain_report(const ReadReport& report) {
  return {.unsealed_log = report.verdict == Verdict::unsealed ? 1U : 0U,
          .events = report.events,
          .unsealed = report.unsealed,
          .last_sequence_number = report.last_sequence_number,
          .end_offset_bytes = report.end_offset_bytes,
          .seals_checked = report.seals_checked ? 1U : 0U};
}

void keep(const CachedAggregateFile& file, const CachedAggregate& cached_aggregate,
          const ReadReport& report) {
  if (!is_plain(report)) return;
  const auto text = cached_aggregate.give();
  if (!text) return;
  const PlainReport plain = plain_report(report);
  file.save(std::string{bytes_of(&plain)} + *text);
}

// The other ways to read may find what this one does not look for, or change what it sees.
bool may_have_cached_aggregate(const ReadOptions& options,
                               const CachedAggregate& cached_aggregate) {
  return !cached_aggregate.name.empty() && options.on_corrupt == OnCorrupt::strict &&
         options.filter.takes_all() && (options.upcasts == nullptr || options.upcasts->empty());
}

}  // namespace

Result<ReadReport> read_session_in_parts(Backend& backend, std::string_view session_id,
                                         ReadOptions options, const Parts& parts) {
  const CachedAggregate& cached_aggregate = parts.cached_aggregate;
  const auto file =
      may_have_cached_aggregate(options, cached_aggregate)
          ? backend.cached_aggregate(session_id, cached_aggregate.name, cached_aggregate.version)
          : std::nullopt;
  // What is decided on the answer comes from the lines themselves.
  if (file && options.seals != Seals::all) {
    if (auto report = take(*file, cached_aggregate)) return std::move(*report);
  }
  const auto source = backend.log(session_id);
  if (!source) return std::unexpected(source.error());
  auto report = read_log_in_parts(**source,
                                  {.session_id = std::string{session_id},
                                   .on_corrupt = options.on_corrupt,
                                   .check_hashes = checks_seals(options.seals, **source)},
                                  std::move(options.filter), options.upcasts, parts);
  if (report && file) keep(*file, cached_aggregate, *report);
  return report;
}

Result<std::vector<Finding>> check_cached_aggregate(Backend& backend, std::string_view session_id,
                                                    const Parts& parts) {
  const CachedAggregate& cached_aggregate = parts.cached_aggregate;
  const auto file =
      backend.cached_aggregate(session_id, cached_aggregate.name, cached_aggregate.version, true);
  if (!file) return std::vector<Finding>{};
  const auto finding = [&](const std::string& what) {
    return std::vector<Finding>{{FindingKind::cached_aggregate, 0, 0, 0,
                                 "the cached " + cached_aggregate.name + " " + what}};
  };
  if (const auto fault = file->fault()) return finding("cannot be used: " + *fault);
  const auto kept = file->load();
  if (!kept) return std::vector<Finding>{};
  const auto source = backend.log(session_id);
  if (!source) return std::unexpected(source.error());
  const auto report = read_log_in_parts(
      **source, {.session_id = std::string{session_id}, .check_hashes = true}, {}, nullptr, parts);
  if (!report && report.error().code != Code::corrupt) return std::unexpected(report.error());
  const auto text = report && is_plain(*report) ? cached_aggregate.give() : std::nullopt;
  if (!text) return finding("is of a log that has none");
  PlainReport wanted = plain_report(*report);
  PlainReport found;
  std::memcpy(&found, kept->data(), std::min(kept->size(), sizeof found));
  wanted.seals_checked = found.seals_checked;  // Both are right.
  if (*kept == std::string{bytes_of(&wanted)} + *text) return std::vector<Finding>{};
  return finding("differs from what the log comes to");
}

}  // namespace agentstore
