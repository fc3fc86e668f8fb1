#include "store/cached_aggregate.hpp"

#include <utility>

#include "log/redaction.hpp"
#include "store/parts.hpp"
#include "store/reader.hpp"

namespace agentstore {
namespace {

bool is_plain(const ReadReport& report) {
  return (report.verdict == Verdict::clean || report.verdict == Verdict::unsealed) &&
         report.finding_count == 0;
}

// Its verdict is a plain one: the reader that kept it found nothing.
ReadReport report_of(const CachedAggregateEntry& entry, const CoveredLog& covered) {
  const bool unsealed = covered.events > 0 && covered.unsealed == covered.events;
  return {.verdict = unsealed ? Verdict::unsealed : Verdict::clean,
          .events = covered.events,
          .unsealed = covered.unsealed,
          .last_sequence_number = covered.end.sequence_number,
          .end_offset_bytes = covered.end.offset_bytes,
          .findings = {},
          .log_name = entry.log().string(),
          .seals_checked = covered.seals_checked};
}

// The other ways to read may find what this one does not look for, or change what it sees.
bool may_have_cached_aggregate(const ReadOptions& options,
                               const CachedAggregate& cached_aggregate) {
  return !cached_aggregate.name.empty() && options.on_corrupt != OnCorrupt::skip &&
         options.filter.takes_all() && (options.upcasts == nullptr || options.upcasts->empty());
}

/// One reading: of what was kept, of what has been added since, or of all.
class Reading {
 public:
  Reading(Backend& backend, std::string_view session_id, ReadOptions options, const Parts& parts)
      : backend_{backend},
        session_id_{session_id},
        options_{std::move(options)},
        parts_{parts},
        entry_{may_have_cached_aggregate(options_, parts.cached_aggregate)
                   ? backend.cached_aggregate(session_id, parts.cached_aggregate.name,
                                              parts.cached_aggregate.version)
                   : std::nullopt} {}

  Result<ReadReport> run() {
    // What is decided on the answer comes from the lines themselves.
    auto kept = entry_ && options_.seals != Seals::all
                    ? entry_->load()
                    : std::optional<CachedAggregateEntry::Kept>{};
    if (kept && !kept->covered.seals_checked && entry_->log_bytes() <= short_log_bytes_max)
      kept.reset();
    if (kept && !kept->grown && parts_.cached_aggregate.take(kept->text))
      return report_of(*entry_, kept->covered);
    auto source = backend_.log(session_id_);
    if (!source) return std::unexpected(source.error());
    source_ = std::move(*source);
    if (kept && kept->grown)
      if (auto report = read_on(*kept)) return std::move(*report);
    return read({});
  }

 private:
  // Nothing where all has to be read after all.
  std::optional<ReadReport> read_on(const CachedAggregateEntry::Kept& kept) {
    if (!CachedAggregateEntry::still_begins_so(*source_, kept.covered)) return std::nullopt;
    // A payload that is to go may be in what was kept.
    const auto redactions = log::last_redactions(*source_);
    if (!redactions || !redactions->empty()) return std::nullopt;
    if (!parts_.cached_aggregate.take(kept.text)) return std::nullopt;
    auto report = read(kept.covered);
    if (report && is_plain(*report)) return std::move(*report);
    // What is wrong is told by a reading of all of it, which begins anew.
    parts_.cached_aggregate.take({});
    return std::nullopt;
  }

  Result<ReadReport> read(const CoveredLog& before) {
    const bool check_hashes = checks_seals(options_.seals, *source_);
    log::Position end;
    auto report = read_log_in_parts(*source_,
                                    {.session_id = std::string{session_id_},
                                     .on_corrupt = options_.on_corrupt,
                                     .check_hashes = check_hashes,
                                     .start = before.end},
                                    options_.filter, options_.upcasts, parts_, {}, &end);
    if (!report || !is_plain(*report)) {
      // Once the log has grown, what is wrong with it might not be looked at again.
      if (entry_ && entry_->forget()) backend_.save_cached_aggregates(source_->size_bytes());
      return report;
    }
    CoveredLog covered;
    covered.end = end;
    covered.events = report->events + before.events;
    covered.unsealed = report->unsealed + before.unsealed;
    covered.seals_checked = report->seals_checked && (before.events == 0 || before.seals_checked);
    if (entry_ == std::nullopt) return report;
    if (before.events > 0) report = report_of(*entry_, covered);
    if (const auto text = parts_.cached_aggregate.give()) {
      entry_->save(covered, *source_, *text);
      backend_.save_cached_aggregates(end.offset_bytes - before.end.offset_bytes);
    }
    return report;
  }

  Backend& backend_;
  const std::string_view session_id_;
  const ReadOptions options_;
  const Parts& parts_;
  std::optional<CachedAggregateEntry> entry_;
  std::unique_ptr<log::ByteSource> source_;
};

}  // namespace

Result<ReadReport> read_session_in_parts(Backend& backend, std::string_view session_id,
                                         ReadOptions options, const Parts& parts) {
  return Reading{backend, session_id, std::move(options), parts}.run();
}

Result<std::vector<Finding>> check_cached_aggregate(Backend& backend, std::string_view session_id,
                                                    const Parts& parts) {
  const CachedAggregate& cached_aggregate = parts.cached_aggregate;
  const auto entry =
      backend.cached_aggregate(session_id, cached_aggregate.name, cached_aggregate.version);
  if (!entry) return std::vector<Finding>{};
  const auto finding = [&](const std::string& what) {
    return std::vector<Finding>{{FindingKind::cached_aggregate, 0, 0, 0,
                                 "the cached " + cached_aggregate.name + " " + what}};
  };
  if (const auto fault = entry->fault()) return finding("cannot be used: " + *fault);
  const auto kept = entry->load();
  if (!kept || kept->grown) return std::vector<Finding>{};
  const auto source = backend.log(session_id);
  if (!source) return std::unexpected(source.error());
  log::Position end;
  const auto report =
      read_log_in_parts(**source, {.session_id = std::string{session_id}, .check_hashes = true}, {},
                        nullptr, parts, {}, &end);
  if (!report && report.error().code != Code::corrupt) return std::unexpected(report.error());
  const auto text = report && is_plain(*report) ? cached_aggregate.give() : std::nullopt;
  if (!text) return finding("is of a log that has none");
  const CoveredLog& covered = kept->covered;
  const bool same = kept->text == *text && covered.events == report->events &&
                    covered.unsealed == report->unsealed &&
                    covered.end.offset_bytes == end.offset_bytes &&
                    covered.end.sequence_number == end.sequence_number &&
                    CachedAggregateEntry::still_begins_so(**source, covered);
  return same ? std::vector<Finding>{} : finding("differs from what the log comes to");
}

}  // namespace agentstore
