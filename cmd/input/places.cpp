#include "cmd/input/places.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "cmd/quoting.hpp"
#include "cmd/store_name.hpp"

namespace agentstore::cmd {
namespace {

bool is_store(const std::string& name) {
  std::error_code error;
  return std::filesystem::exists(std::filesystem::path{name} / "agentstore.json", error) ||
         std::filesystem::exists(std::filesystem::path{name} / "events", error);
}

/// Where `keep` keeps; nothing where it has not.
std::vector<std::string> kept_here() {
  const std::string kept = store_of_keep();
  return !kept.empty() && is_store(kept) ? std::vector{kept} : std::vector<std::string>{};
}

/// "--store claude: and --store codex:", by their schemes alone.
std::string other_stores_here() {
  std::vector<std::string> names = kept_here();
  for (const std::string& name : transcript_folders_here())
    names.push_back(name.substr(0, name.find(':') + 1));
  std::string text;
  for (const std::string& name : names)
    text += (text.empty() ? "--store " : " and --store ") + shell_word(name);
  return text;
}

}  // namespace

Result<std::vector<Place*>> Places::chosen() {
  if (chosen_.empty())
    for (const std::string& name : context_.store_names())
      if (auto added = name == "all" ? add_all_here() : add(name); !added) {
        chosen_.clear();
        return std::unexpected{added.error()};
      }
  std::vector<Place*> places;
  for (const auto& place : chosen_) places.push_back(place.get());
  return places;
}

Result<void> Places::add(const std::string& name) {
  const auto is_same = [&](const auto& place) { return place->name == name; };
  if (std::ranges::any_of(chosen_, is_same)) return {};
  auto folder = transcript_folder(name);
  if (!folder) return std::unexpected{folder.error()};
  chosen_.push_back(
      std::make_unique<Place>(Place{.name = name, .transcripts = std::move(*folder)}));
  return {};
}

Result<void> Places::add_all_here() {
  const std::string own = context_.own_store_name();
  if (is_store(own))
    if (auto added = add(own); !added) return added;
  for (const std::string& kept : kept_here()) {
    std::error_code error;
    if (std::filesystem::equivalent(own, kept, error)) continue;
    if (auto added = add(kept); !added) return added;
  }
  for (const std::string& name : transcript_folders_here())
    if (auto added = add(name); !added) return added;
  if (chosen_.empty())
    return fail(Code::not_found,
                "there is no store on this machine: none at " + own +
                    ", and no transcripts of Claude Code or Codex",
                "`agentstore create` makes one; --store DIR names another");
  return {};
}

Result<Place*> Places::of_folder(const std::string& folder) {
  const auto places = chosen();
  if (!places) return std::unexpected{places.error()};
  for (Place* const place : *places) {
    std::error_code error;
    if (place->name == folder) return place;
    if (!place->transcripts && std::filesystem::equivalent(folder, place->name, error) && !error)
      return place;
  }
  return &others_.try_emplace(folder, Place{.name = folder}).first->second;
}

Result<Store*> Places::store_of(Place& place) {
  if (!place.store) {
    auto opened = context_.open_store({.create = false}, place.name);
    if (!opened) return std::unexpected{with_hint(opened.error(), place.name)};
    place.store.emplace(std::move(*opened));
  }
  return &*place.store;
}

Error Places::with_hint(Error error, const std::string& name) const {
  if (error.code != Code::not_found && error.code != Code::invalid) return error;
  const std::string scheme = scheme_of_transcripts(name);
  if (!scheme.empty()) {
    error.hint = "there are transcripts in it: --store " + scheme + name;
    return error;
  }
  const std::string here = other_stores_here();
  if (error.code == Code::not_found && !here.empty())
    error.hint = "on this machine there is " + here + "; `agentstore create` makes a store";
  return error;
}

}  // namespace agentstore::cmd
