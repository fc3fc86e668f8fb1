// The payloads in the state of `session` are those of the latest event of each type: their setters
// are found by type. What is left of that state, with payloads folded as nulls, is small, and
// compared after each event, as those of the ledger are.

#include "agentstore/analysis/blame.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "agentstore/analysis/fields.hpp"
#include "agentstore/analysis/views.hpp"
#include "agentstore/json.hpp"
#include "base/json_edit.hpp"

namespace agentstore {
namespace {

using Tokens = std::vector<std::string>;

Setter setter_of(const EventView& event) {
  return {event.sequence_number, std::string{event.event_id}, std::string{event.type},
          event.timestamp};
}

void add_notes(std::vector<FoldNote>& notes, const Projection& projection) {
  notes.insert(notes.end(), projection.notes().begin(), projection.notes().end());
}

// Keeps the newest settings of one value.
class Settings {
 public:
  Settings(Blame& blame, std::size_t newest) : blame_{blame}, newest_{newest} {}

  Blame& blame() { return blame_; }

  void set(const EventView& event, std::optional<std::string_view> value) {
    if (!value && !value_) return;
    const bool changed = value != value_;
    value_ = value ? std::optional{std::string{*value}} : std::nullopt;
    ++blame_.setting_count;
    blame_.settings.push_front({setter_of(event), value_.value_or(""), changed});
    if (blame_.settings.size() > newest_) blame_.settings.pop_back();
  }

  /// Sets it where it is another one.
  void change(const EventView& event, std::optional<std::string_view> value) {
    if (value != value_) set(event, value);
  }
  /// As it is before any event.
  void begin(std::optional<std::string_view> value) {
    if (value) value_ = *value;
  }

 private:
  Blame& blame_;
  std::size_t newest_;
  std::optional<std::string> value_;
};

// Of a value in the payload of the latest event of a type.
Result<ReadReport> blame_payload(const History& history, OnCorrupt on_corrupt,
                                 const std::string& type, std::span<const std::string> tokens,
                                 Settings settings) {
  ReadOptions options{.on_corrupt = on_corrupt};
  options.filter.predicate = [&](const EventView& event) { return event.type == type; };
  return for_each_event(
      history.read, std::move(options), [&](const EventView& event) -> Result<void> {
        if (event.redacted_by == 0) settings.set(event, json::find_at(event.payload, tokens));
        else
          settings.blame().notes.push_back(
              {FoldNote::Kind::incomplete, event.sequence_number,
               "its payload was redacted: what this " + type + " set is not known"});
        return {};
      });
}

// The state of `session` but for its payloads, which may be large.
EventView without_payload(const EventView& event) {
  EventView bare = event;
  bare.payload = "null";
  return bare;
}

std::string shown_state(const Projection& projection) {
  return projection.name() == "balance" ? without_mixed_sum(projection.to_json())
                                        : projection.to_json();
}

// Of any other value of a projection.
Result<ReadReport> blame_state(const History& history, OnCorrupt on_corrupt,
                               std::unique_ptr<Projection> projection, const Tokens& tokens,
                               Settings settings) {
  const bool bare = projection->name() == "session" && !tokens.empty() && tokens[0] != "data";
  const std::string initial = projection->to_json();
  settings.begin(json::find_at(initial, tokens));
  auto read = for_each_event(
      history.read, {.on_corrupt = on_corrupt}, [&](const EventView& event) -> Result<void> {
        if (auto applied = projection->apply(bare ? without_payload(event) : event); !applied)
          return applied;
        const std::string state = shown_state(*projection);
        settings.change(event, json::find_at(state, tokens));
        return {};
      });
  if (!bare) add_notes(settings.blame().notes, *projection);
  return read;
}

struct Place {
  std::string projection;
  Tokens tokens;
};

Result<std::string> state_of(const History& history, const ProjectionFactory& make,
                             OnCorrupt on_corrupt) {
  auto projection = make(history.session_id);
  const auto read =
      for_each_event(history.read, {.on_corrupt = on_corrupt},
                     [&](const EventView& event) { return projection->apply(event); });
  if (!read) return std::unexpected(read.error());
  return projection->to_json();
}

// Where in the states, as they are now, the tokens lead to something.
Result<std::optional<Place>> find_place(const History& history, const Tokens& tokens,
                                        const Ledger& ledger, OnCorrupt on_corrupt) {
  Tokens in_update = {"data", std::string{state_updated}};
  in_update.insert(in_update.end(), tokens.begin(), tokens.end());
  for (const std::string_view name : {"session", "balance", "pnl"}) {
    const auto make = projection_named(name, ledger);
    if (!make) return std::unexpected(make.error());
    const auto state = state_of(history, *make, on_corrupt);
    if (!state) return std::unexpected(state.error());
    if (json::find_at(*state, tokens)) return Place{std::string{name}, tokens};
    if (name == "session" && json::find_at(*state, in_update))
      return Place{std::string{name}, in_update};
    // A type of which the latest payload is another, or gone.
    if (name == "session" && tokens.size() > 1 && tokens[0] == "data" &&
        json::find_at(*state, std::span{tokens}.first(2)))
      return Place{std::string{name}, tokens};
    if (name == "session" && !has_ledger_events(*state, ledger)) break;
  }
  return std::nullopt;
}

std::string pointer_of(const Tokens& tokens) {
  std::string pointer;
  for (const std::string& token : tokens) json::append_pointer(pointer, token);
  return pointer;
}

// The last setter of each field of a small state.
class LastSetters {
 public:
  explicit LastSetters(std::unique_ptr<Projection> projection)
      : projection_{std::move(projection)}, state_{projection_->to_json()} {}

  Result<void> apply(const EventView& event) {
    if (auto applied = projection_->apply(event); !applied) return applied;
    std::string state = shown_state(*projection_);
    if (state == state_) return {};
    for (const FieldPair& pair : paired_fields(state_, state))
      if (pair.first != pair.second) setters_[pair.pointer] = setter_of(event);
    state_ = std::move(state);
    return {};
  }

  void add_to(BlamedState& state) const {
    add_notes(state.notes, *projection_);
    for (const Field& field : fields_of(state_)) {
      if (projection_->name() == "session" && field.pointer.starts_with("/data/")) continue;
      const auto setter = setters_.find(field.pointer);
      state.fields.push_back({std::string{projection_->name()}, field.pointer,
                              std::string{field.value},
                              setter == setters_.end() ? Setter{} : setter->second});
    }
  }

 private:
  std::unique_ptr<Projection> projection_;
  std::string state_;
  std::map<std::string, Setter> setters_;
};

struct Latest {
  Setter by;
  std::string payload;
};

void add_payloads(const std::map<std::string, Latest>& latest, std::vector<BlamedField>& fields) {
  for (const auto& [type, one] : latest) {
    const std::string parent = pointer_of({"data", type});
    const std::vector<Field> members = fields_of(one.payload);
    for (const Field& field : members)
      fields.push_back({"session", parent + field.pointer, std::string{field.value}, one.by});
    if (members.empty()) fields.push_back({"session", parent, one.payload, one.by});
  }
}

}  // namespace

Result<Blame> blame(const History& history, std::string_view pointer, std::size_t newest,
                    const Ledger& ledger, OnCorrupt on_corrupt) {
  const auto tokens = json::pointer_tokens(pointer);
  if (!tokens || tokens->empty())
    return fail(Code::invalid, "\"" + std::string{pointer} + "\" is not a JSON pointer",
                "a pointer begins with a slash: /status, /tokens/in");
  const auto found = find_place(history, *tokens, ledger, on_corrupt);
  if (!found) return std::unexpected(found.error());
  Place place = found->value_or(Place{"session", {"data", std::string{state_updated}}});
  if (!*found) place.tokens.insert(place.tokens.end(), tokens->begin(), tokens->end());

  Blame blame;
  blame.projection = place.projection;
  blame.pointer = pointer_of(place.tokens);
  Settings settings{blame, newest};
  const bool in_payload =
      place.projection == "session" && place.tokens.size() > 1 && place.tokens[0] == "data";
  const auto make = projection_named(place.projection, ledger);
  if (!make) return std::unexpected(make.error());
  const auto done = in_payload
                        ? blame_payload(history, on_corrupt, place.tokens[1],
                                        std::span{place.tokens}.subspan(2), std::move(settings))
                        : blame_state(history, on_corrupt, (*make)(history.session_id),
                                      place.tokens, std::move(settings));
  if (!done) return std::unexpected(done.error());
  blame.report = *done;
  const auto gap = std::ranges::find(blame.notes, FoldNote::Kind::incomplete, &FoldNote::kind);
  if (blame.setting_count == 0 && gap != blame.notes.end()) {
    const std::string number = '#' + std::to_string(gap->sequence_number);
    const bool redacted = gap->message.starts_with("its payload was redacted");
    return fail(Code::not_found, "nothing is known of what set " + std::string{pointer} +
                                     (redacted ? ": " + number + " was redacted"
                                               : ", for want of " + number + ": " + gap->message));
  }
  if (blame.setting_count == 0) {
    return fail(Code::not_found,
                "no event of session " + history.session_id + " ever set " + std::string{pointer},
                "look at all of the state for what there is");
  }
  return blame;
}

Result<BlamedState> blame_all(const History& history, const Ledger& ledger, OnCorrupt on_corrupt) {
  std::map<std::string, Latest> latest;
  LastSetters session{make_session_projection(history.session_id)};
  std::vector<LastSetters> money;
  for (const std::string_view name : {"balance", "pnl"}) {
    const auto make = projection_named(name, ledger);
    if (!make) return std::unexpected(make.error());
    money.emplace_back((*make)(history.session_id));
  }
  bool of_ledger = false;
  const auto read = for_each_event(
      history.read, {.on_corrupt = on_corrupt}, [&](const EventView& event) -> Result<void> {
        latest[std::string{event.type}] = {setter_of(event), std::string{event.payload}};
        of_ledger = of_ledger || ledger.types.contains(event.type);
        for (LastSetters& one : money)
          if (auto applied = one.apply(event); !applied) return applied;
        return session.apply(without_payload(event));
      });
  if (!read) return std::unexpected(read.error());
  BlamedState state{.fields = {}, .notes = {}, .report = *read};
  session.add_to(state);
  add_payloads(latest, state.fields);
  for (const LastSetters& one : money)
    if (of_ledger) one.add_to(state);
  return state;
}

}  // namespace agentstore
