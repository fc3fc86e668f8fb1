#include "agentstore/analysis/views.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "agentstore/analysis/fields.hpp"
#include "agentstore/analysis/kinds.hpp"
#include "agentstore/internal/nearest.hpp"
#include "agentstore/json.hpp"

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

// `session` has these, too, of all that is stored, as the Go library counts them.
bool is_of_tokens(std::string_view name) {
  return name == "tokens_in" || name == "tokens_out";
}

constexpr std::size_t assets_named_max = 5;

// The name of an asset's amount in a condition, in quotes where it needs them.
std::string field_of(const std::string& asset) {
  const bool plain = std::ranges::all_of(asset, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  return plain ? "by_asset_" + asset : "\"by_asset_" + asset + '"';
}

std::unexpected<Error> unknown(const std::string& name, const std::vector<Shape>& known) {
  std::vector<std::string> names;
  for (const Shape& shape : known)
    names.insert(names.end(), shape.names.begin(), shape.names.end());
  const std::string near = nearest_field_name(name, names);
  return fail(Code::invalid, "no projection has a field \"" + name + "\"",
              near.empty() ? "the states of the projections show their fields"
                           : "did you mean \"" + near + "\"?");
}

}  // namespace

Result<std::vector<std::string>> projections_with(std::span<const std::string> names) {
  const std::vector<Shape> known = shapes();
  std::set<std::string> needed;
  for (const std::string& name : names) {
    const auto found = std::ranges::find_if(known, [&](const Shape& one) {
      return one.has(name) && (!is_of_tokens(name) || one.projection == "totals");
    });
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
  return {"session", "cost"};
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
  return without_mixed_sum(out + '}');
}

std::vector<std::string> assets_in(std::string_view state) {
  std::vector<std::string> assets;
  const auto by_asset = json::find(state, "by_asset");
  if (!by_asset || json::kind_of(*by_asset) != json::Kind::object) return assets;
  for (json::Walk walk{*by_asset}; walk.next();) assets.push_back(json::text_of(walk.key()));
  return assets;
}

std::string without_mixed_sum(std::string state) {
  const auto balance = json::find(state, "balance");
  if (!balance || assets_in(state).size() < 2) return state;
  const auto at = static_cast<std::size_t>(balance->data() - state.data());
  return state.replace(at, balance->size(), "null");
}

Result<void> check_names(std::span<const std::string> names, std::span<const std::string> assets) {
  if (assets.size() < 2 || std::ranges::find(names, "balance") == names.end()) return {};
  std::string use;
  for (const std::string& asset : assets.first(std::min(assets.size(), assets_named_max)))
    use += (use.empty() ? "" : " or ") + field_of(asset);
  return fail(Code::invalid,
              "\"balance\" is of one asset, and here are " + std::to_string(assets.size()) +
                  ", which are not added up",
              "say " + use);
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
  if (projections_.size() != 1) return joined_states(states());
  const Projection& only = *projections_.front();
  return only.name() == "balance" ? without_mixed_sum(only.to_json()) : only.to_json();
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

bool ProjectionGroup::goes_on_from_json() const {
  return std::ranges::all_of(projections_, &Projection::goes_on_from_json,
                             &std::unique_ptr<Projection>::operator*);
}

void ProjectionGroup::replace(std::size_t i, std::unique_ptr<Projection> projection) {
  projections_[i] = std::move(projection);
}

std::optional<std::string_view> value_of(std::string_view state, std::string_view name) {
  constexpr std::string_view prefix = "by_type_";
  const auto found = find_field(state, name);
  if (found || !name.starts_with(prefix) || !json::find(state, "by_type")) return found;
  const bool known = std::ranges::find(known_types(), name.substr(prefix.size()),
                                       &KnownType::type) != known_types().end();
  return known ? std::optional<std::string_view>{"0"} : std::nullopt;
}

std::vector<std::optional<std::string_view>> values_of(std::string_view state,
                                                       std::span<const std::string> names) {
  std::vector<std::optional<std::string_view>> found;
  for (const std::string& name : names) found.push_back(value_of(state, name));
  return found;
}

}  // namespace agentstore
