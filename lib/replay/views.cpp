#include "agentstore/views.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "agentstore/fields.hpp"
#include "agentstore/json.hpp"
#include "agentstore/nearest.hpp"

namespace agentstore {
namespace {

// The fields of a projection before any event; one that is `{}` stands for those that begin so.
struct Shape {
  std::string projection;
  std::vector<std::string> names;
  std::vector<std::string> prefixes;

  bool has(std::string_view name) const {
    return std::ranges::find(names, name) != names.end() ||
           std::ranges::any_of(prefixes,
                               [&](const std::string& prefix) { return name.starts_with(prefix); });
  }
};

std::vector<Shape> shapes() {
  std::vector<Shape> all;
  for (const ProjectionKind& kind : projection_kinds()) {
    const auto make = projection_named(kind.name);
    if (!make) continue;
    const std::string empty = (*make)("")->to_json();
    Shape shape{std::string{kind.name}, {}, {}};
    for (const Field& field : fields_of(empty)) {
      shape.names.push_back(field.name);
      if (field.value == "{}") shape.prefixes.push_back(field.name + '_');
    }
    all.push_back(std::move(shape));
  }
  return all;
}

std::unexpected<Error> unknown(const std::string& name, const std::vector<Shape>& known) {
  std::vector<std::string> names;
  for (const Shape& shape : known)
    names.insert(names.end(), shape.names.begin(), shape.names.end());
  const std::string near = nearest(name, names);
  return fail(Code::invalid, "no projection has a field \"" + name + "\"",
              near.empty() ? "`agentstore state S --projection balance` shows fields"
                           : "did you mean \"" + near + "\"?");
}

}  // namespace

Result<std::vector<std::string>> projections_with(std::span<const std::string> names) {
  const std::vector<Shape> known = shapes();
  std::set<std::string> needed;
  for (const std::string& name : names) {
    const auto found = std::ranges::find_if(known, [&](const Shape& one) { return one.has(name); });
    if (found == known.end()) return unknown(name, known);
    needed.insert(found->projection);
  }
  std::vector<std::string> ordered;
  for (const Shape& shape : known)
    if (needed.contains(shape.projection)) ordered.push_back(shape.projection);
  return ordered;
}

std::vector<std::string> overview_of(bool has_ledger_events) {
  if (has_ledger_events) return {"balance", "pnl"};
  return {"session"};
}

bool has_ledger_events(std::string_view session_state, const Ledger& ledger) {
  const auto data = json::find(session_state, "data").value_or("{}");
  for (json::Walk walk{data}; walk.next();)
    if (ledger.types.contains(json::text_of(walk.key()))) return true;
  return false;
}

std::string joined_states(std::span<const std::string> states) {
  std::set<std::string, std::less<>> known;
  std::string out = "{";
  for (const std::string& state : states) {
    for (json::Walk walk{state}; walk.next();) {
      if (!known.insert(json::text_of(walk.key())).second) continue;
      if (out.size() > 1) out += ',';
      out += walk.key();
      out += ':';
      out += walk.value();
    }
  }
  return out + '}';
}

ProjectionGroup::ProjectionGroup(std::span<const ProjectionFactory> factories,
                                 std::string_view session_id)
    : factories_{factories.begin(), factories.end()}, session_id_{session_id} {
  for (const ProjectionFactory& make : factories_) projections_.push_back(make(session_id_));
}

Result<void> ProjectionGroup::apply(const EventView& event) {
  for (const auto& projection : projections_)
    if (auto applied = projection->apply(event); !applied) return applied;
  return {};
}

std::vector<std::string> ProjectionGroup::states() const {
  std::vector<std::string> states;
  for (const auto& projection : projections_) states.push_back(projection->to_json());
  return states;
}

std::string ProjectionGroup::state() const {
  return projections_.size() == 1 ? projections_.front()->to_json() : joined_states(states());
}

std::vector<FoldNote> ProjectionGroup::notes() const {
  std::vector<FoldNote> notes;
  for (const auto& projection : projections_)
    notes.insert(notes.end(), projection->notes().begin(), projection->notes().end());
  return notes;
}

Result<void> ProjectionGroup::restore(std::span<const std::string> states) {
  for (std::size_t i = 0; i < projections_.size(); ++i) {
    projections_[i] = factories_[i](session_id_);
    if (states.empty()) continue;
    if (auto restored = projections_[i]->from_json(states[i]); !restored) return restored;
  }
  return {};
}

void ProjectionGroup::replace(std::size_t i, std::unique_ptr<Projection> projection) {
  projections_[i] = std::move(projection);
}

std::vector<std::optional<std::string_view>> values_of(std::string_view state,
                                                       std::span<const std::string> names) {
  std::vector<std::optional<std::string_view>> found;
  for (const std::string& name : names) found.push_back(find_field(state, name));
  return found;
}

}  // namespace agentstore
