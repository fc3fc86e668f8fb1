#include "projections/actors.hpp"

#include <cstdint>
#include <string>

#include "base/checksum.hpp"
#include "projections/said.hpp"

namespace agentstore {
namespace {

constexpr std::uint64_t versions_max = 2'000'000;
constexpr int versions_of_fold_max = 1000;

}  // namespace

Actors::Actors(const Labels& labels) {
  std::string all;
  const auto take = [&](const char* key, std::optional<std::string>& into) {
    const auto label = labels.find(key);
    if (label == labels.end() || label->second.empty()) return;
    into = label->second;
    all += json::quote(key) + json::quote(label->second);
  };
  take("agent_id", agent_id);
  take("agent_type", agent_type);
  take("user_id", user_id);
  if (!all.empty())
    labels_version_ = versions_of_fold_max * static_cast<int>(1 + checksum(all) % versions_max);
}

void Actors::see_agent(const EventView& event) {
  if (auto said = said_of(event, "agent_id")) agent_id = std::move(said);
}

Actors Actors::emptied() const {
  Actors none{{}};
  none.labels_version_ = labels_version_;
  return none;
}

void Actors::see(const EventView& event) {
  see_agent(event);
  if (auto said = said_of(event, "agent_type")) agent_type = std::move(said);
  if (auto said = said_of(event, "user_id")) user_id = std::move(said);
}

}  // namespace agentstore
