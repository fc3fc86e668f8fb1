#include "agentstore/analysis/copies.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "agentstore/json.hpp"
#include "agentstore/store.hpp"

namespace agentstore {
namespace {

constexpr std::string_view origin_member = "forked_from";

// An event by its id, which it keeps when a log is salvaged, where it has one.
using Name = std::tuple<std::string, std::string, std::uint64_t>;

Name name_of(std::string_view session_id, std::string_view event_id, std::uint64_t number) {
  return {std::string{session_id}, std::string{event_id}, event_id.empty() ? number : 0};
}

Result<void> for_each_match(const Store& store, std::string_view session_id, OnCorrupt on_corrupt,
                            std::function<bool(const EventView&)> matches,
                            const std::function<void(const EventView&)>& use) {
  ReadOptions options{.on_corrupt = on_corrupt, .raw = true};
  options.filter.predicate = std::move(matches);
  auto reader = store.read(session_id, std::move(options));
  if (!reader) return std::unexpected(reader.error());
  return for_each_event(**reader, use);
}

class Search {
 public:
  explicit Search(const Store& store) : store_{store} {}

  // The events that copies are looked for of.
  Result<void> begin(std::string_view session_id, std::span<const std::uint64_t> numbers) {
    const std::set<std::uint64_t> wanted{numbers.begin(), numbers.end()};
    return for_each_match(
        store_, session_id, OnCorrupt::strict,
        [&](const EventView& event) { return wanted.contains(event.sequence_number); },
        [&](const EventView& event) {
          known_.insert(name_of(session_id, event.event_id, event.sequence_number));
        });
  }

  Result<Copies> run() {
    const auto sessions = store_.sessions({.fresh_counts = false});
    if (!sessions) return std::unexpected(sessions.error());
    std::vector<std::string> ids;
    for (const Session& session : *sessions) ids.push_back(session.id);
    // A copy of a copy may be in a session that was looked at before the copy was found.
    for (bool more = true; more && !ids.empty();) {
      const std::size_t before = known_.size();
      std::erase_if(ids, [&](const std::string& id) { return !look_at(id); });
      more = known_.size() > before;
    }
    std::ranges::sort(copies_.events, {}, [](const EventCopy& copy) {
      return std::tie(copy.session_id, copy.sequence_number);
    });
    return std::move(copies_);
  }

 private:
  // False: there is no copy of anything in it.
  bool look_at(const std::string& id) {
    bool has_copies = false;
    const auto looked = for_each_match(
        store_, id, OnCorrupt::skip,
        [](const EventView& event) {
          return event.metadata.find(origin_member) != event.metadata.npos;
        },
        [&](const EventView& event) { has_copies = take(id, event) || has_copies; });
    if (!looked) copies_.unread.push_back(id + ": " + looked.error().message);
    return looked && has_copies;
  }

  bool take(const std::string& id, const EventView& event) {
    const auto origin = json::find(event.metadata, origin_member);
    if (!origin || json::kind_of(*origin) != json::Kind::object) return false;
    const auto from = json::find_text(*origin, "session_id");
    const auto number = json::find_integer(*origin, "sequence_number").value_or(0);
    if (!from || number <= 0) return false;
    const auto from_number = static_cast<std::uint64_t>(number);
    if (!known_.contains(
            name_of(*from, json::find_text(*origin, "event_id").value_or(""), from_number)))
      return true;
    const bool is_new = known_.insert(name_of(id, event.event_id, event.sequence_number)).second;
    if (is_new && event.redacted_by == 0)
      copies_.events.push_back({id, event.sequence_number, *from, from_number});
    return true;
  }

  const Store& store_;
  std::set<Name> known_;
  Copies copies_;
};

}  // namespace

Result<Copies> find_copies(const Store& store, std::string_view session_id,
                           std::span<const std::uint64_t> sequence_numbers) {
  Search search{store};
  if (auto begun = search.begin(session_id, sequence_numbers); !begun)
    return std::unexpected(begun.error());
  return search.run();
}

}  // namespace agentstore
