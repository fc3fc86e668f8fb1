#include "cmd/state_fold.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "agentstore/views.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::array<std::string_view, 3> changed_by_all = {"/version", "/event_count",
                                                            "/last_event_at"};

}  // namespace

StateFold::StateFold(const std::vector<ProjectionFactory>& factories, std::string session_id)
    : factories_{factories}, session_id_{std::move(session_id)} {
  for (const ProjectionFactory& make : factories_) projections_.push_back(make(session_id_));
}

Result<void> StateFold::apply(const EventView& event) {
  for (const auto& projection : projections_)
    if (auto applied = projection->apply(event); !applied) return applied;
  return {};
}

std::vector<std::string> StateFold::save() const {
  std::vector<std::string> states;
  for (const auto& projection : projections_) states.push_back(projection->to_json());
  return states;
}

std::string StateFold::state() const {
  const std::vector<std::string> states = save();
  return states.size() == 1 ? states.front() : joined_states(states);
}

std::vector<FoldNote> StateFold::notes() const {
  std::vector<FoldNote> notes;
  for (const auto& projection : projections_)
    notes.insert(notes.end(), projection->notes().begin(), projection->notes().end());
  return notes;
}

Result<void> StateFold::load(const std::vector<std::string>& saved) {
  for (std::size_t i = 0; i < projections_.size(); ++i) {
    projections_[i] = factories_[i](session_id_);
    if (saved.empty()) continue;
    if (auto loaded = projections_[i]->from_json(saved[i]); !loaded) return loaded;
  }
  return {};
}

std::vector<FieldPair> changed_fields(std::string_view before, std::string_view after) {
  std::vector<FieldPair> pairs = paired_fields(before, after);
  std::erase_if(pairs, [](const FieldPair& pair) {
    return pair.first == pair.second ||
           std::ranges::find(changed_by_all, pair.pointer) != changed_by_all.end();
  });
  return pairs;
}

}  // namespace agentstore::cmd
