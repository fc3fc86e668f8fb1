#include "cmd/input/store_input.hpp"

#include <algorithm>
#include <utility>

namespace agentstore::cmd {
namespace {

/// The history as it was at event `last`.
History up_to(History history, std::uint64_t last) {
  history.read = [whole = std::move(history.read), last](ReadOptions options) {
    options.filter.to_seq = std::min(options.filter.to_seq, last);
    return whole(std::move(options));
  };
  history.fold = [whole = std::move(history.fold), last](const ProjectionFactory& make,
                                                         Point point) {
    point.sequence_number = std::min(point.sequence_number.value_or(last), last);
    return whole(make, point);
  };
  return history;
}

}  // namespace

std::string StoreInput::label() const {
  return session().name.empty() ? session().id : session().name;
}

std::string StoreInput::arguments() const {
  return (folder_.empty() ? "" : "--store " + folder_ + " ") + session().id;
}

std::string StoreInput::identity() const {
  // Opening a log reads nothing of it, and says where it is.
  const auto reader = read({.filter = {.to_seq = 0}, .raw = true});
  return identity_of_file(reader ? (*reader)->report().log_name : std::string{},
                          "id " + session().id);
}

// Up to a point, its counts are those of the point.
Result<Session> StoreInput::describe() const {
  if (point()) return session();
  return store_.session(session().id);
}

Result<std::string> StoreInput::session_id(OnCorrupt /*on_corrupt*/) const {
  return session().id;
}

std::optional<std::uint64_t> StoreInput::event_count() const {
  const auto now = store_.session(session().id);
  return now ? std::optional{now->event_count} : std::nullopt;
}

Result<Folded> StoreInput::fold(const ProjectionFactory& make, const Point& point,
                                OnCorrupt on_corrupt) const {
  return store_.fold(session().id, make, point, on_corrupt);
}

Result<History> StoreInput::history() const {
  auto history = history_of(store_, session().id);
  return point() ? up_to(std::move(history), *point()) : std::move(history);
}

Result<Verification> StoreInput::verify(const VerifyOptions& options) const {
  return store_.verify(session().id, options);
}

Result<std::vector<Finding>> StoreInput::check_cached_aggregate(const Parts& parts) const {
  return store_.check_cached_aggregate(session().id, parts);
}

Result<std::unique_ptr<EventReader>> StoreInput::open(ReadOptions options) const {
  return store_.read(session().id, std::move(options));
}

Result<ReadReport> StoreInput::open_parts(ReadOptions options, const Parts& parts,
                                          formats::Made /*made*/) const {
  return store_.read_parts(session().id, std::move(options), parts);
}

}  // namespace agentstore::cmd
