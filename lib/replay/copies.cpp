#include "agentstore/analysis/copies.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "agentstore/json.hpp"
#include "agentstore/store.hpp"
#include "base/sha256.hpp"

namespace agentstore {
namespace {

constexpr std::string_view origin_member = "forked_from";

// An event that copies are looked for of.
struct Original {
  std::uint64_t sequence_number = 0;
  std::string type;
  std::optional<Hash> payload_hash;  // nothing: it is gone
};

bool is_imported(const Session& session) {
  return session.labels.contains("source");
}

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
    const auto session = store_.session(session_id, false);
    if (!session) return std::unexpected(session.error());
    session_id_ = session_id;
    const bool imported = is_imported(*session);
    return for_each_match(
        store_, session_id, OnCorrupt::strict,
        [&](const EventView& event) { return wanted.contains(event.sequence_number); },
        [&](const EventView& event) {
          known_.insert(name_of(session_id, event.event_id, event.sequence_number));
          if (!imported || event.event_id.empty()) return;
          Original original{event.sequence_number, std::string{event.type}, std::nullopt};
          if (event.redacted_by == 0) original.payload_hash = sha256({event.payload});
          originals_.emplace(event.event_id, std::move(original));
        });
  }

  Result<Copies> run() {
    auto sessions = store_.sessions({.fresh_counts = false});
    if (!sessions) return std::unexpected(sessions.error());
    // A copy of a copy may be in a session that was looked at before the copy was found.
    for (bool more = true; more && !sessions->empty();) {
      const std::size_t before = known_.size();
      std::erase_if(*sessions, [&](const Session& session) { return !look_at(session); });
      more = known_.size() > before;
    }
    std::ranges::sort(copies_.events, {}, [](const EventCopy& copy) {
      return std::tie(copy.session_id, copy.sequence_number);
    });
    return std::move(copies_);
  }

 private:
  // False: there is no copy of anything in it.
  bool look_at(const Session& session) {
    const std::string& id = session.id;
    const bool may_repeat = is_imported(session) && id != session_id_;
    bool has_copies = false;
    const auto looked = for_each_match(
        store_, id, OnCorrupt::skip,
        [&](const EventView& event) {
          return event.metadata.find(origin_member) != event.metadata.npos ||
                 (may_repeat && repeated_by(event) != nullptr);
        },
        [&](const EventView& event) {
          const Original* const original = may_repeat ? repeated_by(event) : nullptr;
          if (original != nullptr) add(id, event, session_id_, original->sequence_number);
          has_copies = original != nullptr || take(id, event) || has_copies;
        });
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
    add(id, event, *from, from_number);
    return true;
  }

  // The event of the first session that another imported one repeats; null: none.
  const Original* repeated_by(const EventView& event) const {
    const auto found = originals_.find(event.event_id);
    if (found == originals_.end() || found->second.type != event.type) return nullptr;
    const auto& hash = found->second.payload_hash;
    const bool same = !hash || event.redacted_by != 0 || *hash == sha256({event.payload});
    return same ? &found->second : nullptr;
  }

  void add(const std::string& id, const EventView& event, const std::string& from,
           std::uint64_t from_number) {
    const bool is_new = known_.insert(name_of(id, event.event_id, event.sequence_number)).second;
    if (is_new && event.redacted_by == 0)
      copies_.events.push_back({id, event.sequence_number, from, from_number});
  }

  const Store& store_;
  std::string session_id_;
  std::map<std::string, Original, std::less<>> originals_;  // of an imported session, by event id
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
