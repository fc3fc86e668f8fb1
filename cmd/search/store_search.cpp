#include "cmd/search/store_search.hpp"

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "agentstore/analysis/title.hpp"
#include "agentstore/parts.hpp"
#include "cmd/input/file_scan.hpp"

namespace agentstore::cmd {
namespace {

/// Hits among events that follow one another.
class HitsPart final : public Part {
 public:
  explicit HitsPart(const EventQuestions& questions) : questions_{questions} {}

  void restart() override { hits = {}; }
  Result<void> take(std::span<const EventView> events) override {
    for (const EventView& event : events) hits.take(questions_, event);
    return {};
  }

  HitCounter hits;

 private:
  const EventQuestions& questions_;
};

/// What one session came to.
struct Looked {
  HitCounter hits;
  std::optional<ReadReport> report;
  std::optional<Error> error;
};

class StoreSearch {
 public:
  StoreSearch(const Store& store, const Search& search, bool raw)
      : store_{store}, search_{search}, raw_{raw} {}

  Looked look_at(FileScan& scan, const Session& session) const {
    Looked looked;
    if (raw_ && !may_hold(scan, session)) return looked;
    Parts parts{.make = [&] { return std::make_unique<HitsPart>(search_.questions); },
                .join =
                    [&](Part& part) {
                      looked.hits.merge(std::move(static_cast<HitsPart&>(part).hits));
                      return Joined::taken;
                    },
                .depth = Depth::envelope};
    const auto report = store_.read_parts(session.id,
                                          {.filter = search_.filter,
                                           .on_corrupt = OnCorrupt::prefix,
                                           .upcasts = search_.upcasts,
                                           .seals = Seals::short_logs},
                                          parts);
    if (!report) looked.error = report.error();
    else if (report->finding_count > 0) looked.report = *report;
    looked.hits.finish(search_.questions);
    if (looked.hits.any()) describe(session, looked.hits.found());
    return looked;
  }

 private:
  /// Whether its log, where it is a file, may have a hit.
  bool may_hold(FileScan& scan, const Session& session) const {
    const auto opened = store_.read(session.id, {.filter = {.to_seq = 0}, .raw = true});
    if (!opened) return true;  // The reading says why.
    const std::string path = (*opened)->report().log_name;
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) return true;
    return scan.may_hold(path, search_.questions.raw()).value_or(true);
  }

  void describe(const Session& session, formats::FoundSession& found) const {
    found.session_id = session.id;
    found.name = session.name;
    if (const auto project = session.labels.find("project"); project != session.labels.end())
      found.project = project->second;
    if (!session.name.empty()) return;
    Filter first;
    first.to_seq = title_events_max;
    const auto reader =
        store_.read(session.id, {.filter = first, .on_corrupt = OnCorrupt::prefix, .raw = true});
    if (reader) found.title = find_title(**reader);
  }

  const Store& store_;
  const Search& search_;
  const bool raw_;  // whether logs are looked through before they are read
};

}  // namespace

Result<PlaceHits> search_store(Context& context, const Store& store, const Search& search) {
  // Upcasts may say of events what no log does.
  const auto upcasts = store.upcasts();
  if (!upcasts) return std::unexpected{upcasts.error()};
  auto sessions = store.sessions(
      {.labels = search.labels, .fresh_counts = false, .on_unreadable = context.on_unreadable()});
  if (!sessions) return std::unexpected{sessions.error()};
  const bool raw =
      !search.questions.raw().takes_all() && (*upcasts)->empty() && search.upcasts == nullptr;
  const StoreSearch one{store, search, raw};
  std::vector<FileScan> scans(cores());
  std::vector<Looked> looked(sessions->size());
  side_by_side(sessions->size(), [&](std::size_t thread, std::size_t i) {
    looked[i] = one.look_at(scans[thread], (*sessions)[i]);
  });
  PlaceHits hits{.looked_at = sessions->size()};
  for (Looked& session : looked) {
    if (session.error) hits.unreadable.push_back(std::move(*session.error));
    if (session.report) hits.reports.push_back(std::move(*session.report));
    if (session.hits.any()) hits.sessions.push_back(std::move(session.hits));
  }
  return hits;
}

}  // namespace agentstore::cmd
