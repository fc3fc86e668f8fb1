#include "reliability/disk.hpp"

#include <algorithm>
#include <utility>

namespace agentstore::reliability {
namespace {

std::string_view sector_of(std::string_view content, std::size_t sector) {
  const std::size_t start = std::min(sector * sector_bytes, content.size());
  return content.substr(start, sector_bytes);
}

std::size_t sectors_in(std::size_t size) {
  return (size + sector_bytes - 1) / sector_bytes;
}

void soil(Node& node, std::size_t from, std::size_t to) {
  if (node.dirty.size() < sectors_in(to)) node.dirty.resize(sectors_in(to));
  for (std::size_t i = from / sector_bytes; i < sectors_in(to); ++i) node.dirty[i] = true;
}

// The sizes that a file may have after a cut: the medium's first, what everybody saw last.
std::vector<std::size_t> sizes_of(const std::vector<std::string_view>& versions) {
  const std::size_t first = versions.front().size();
  const std::size_t last = versions.back().size();
  std::vector<std::size_t> sizes;
  std::size_t least = first;
  std::size_t most = first;
  for (const std::string_view version : versions) {
    sizes.push_back(version.size());
    least = std::min(least, version.size());
    most = std::max(most, version.size());
  }
  for (std::size_t at = (least / sector_bytes + 1) * sector_bytes; at < most; at += sector_bytes) {
    sizes.push_back(at);
  }
  std::sort(sizes.begin(), sizes.end());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  std::erase(sizes, first);
  if (last != first) {
    std::erase(sizes, last);
    sizes.push_back(last);
  }
  sizes.insert(sizes.begin(), first);
  return sizes;
}

std::vector<std::string_view> sectors_of(const std::vector<std::string_view>& versions,
                                         std::size_t sector) {
  std::vector<std::string_view> found;
  for (const std::string_view version : versions) {
    const std::string_view bytes = sector_of(version, sector);
    const auto same = std::find(found.begin(), found.end(), bytes);
    if (same == found.begin() && !found.empty()) continue;
    if (same != found.end()) found.erase(same);  // The newest of two equal ones comes last.
    found.push_back(bytes);
  }
  return found;
}

}  // namespace

Disk::Disk() {
  nodes_.push_back(std::make_shared<Node>(Node{.folder = true}));
}

Node& Disk::change(int number) {
  auto& place = nodes_[static_cast<std::size_t>(number)];
  if (place.use_count() > 1) place = std::make_shared<Node>(*place);
  return const_cast<Node&>(*place);  // Ours alone.
}

int Disk::find(std::string_view path, int* parent, std::string* name) const {
  int at = 0;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string part{path.substr(0, slash)};
    path = slash == path.npos ? std::string_view{} : path.substr(slash + 1);
    if (part.empty()) continue;
    if (at < 0 || !node(at).folder) {
      if (parent != nullptr) *parent = -1;
      return -1;
    }
    if (parent != nullptr) *parent = at;
    if (name != nullptr) *name = part;
    const auto found = node(at).entries.find(part);
    at = found == node(at).entries.end() ? -1 : found->second;
  }
  return at;
}

void Disk::set_entry(const EntryChange& entry) {
  if (entry.from_folder >= 0) change(entry.from_folder).entries.erase(entry.from);
  if (entry.to_folder >= 0) change(entry.to_folder).entries[entry.to] = entry.node;
  pending_.push_back(entry);
}

int Disk::create(int folder, const std::string& name, bool is_folder) {
  const int number = static_cast<int>(nodes_.size());
  nodes_.push_back(std::make_shared<Node>(Node{.folder = is_folder}));
  set_entry({.to_folder = folder, .to = name, .node = number});
  return number;
}

void Disk::remove(int folder, const std::string& name) {
  set_entry({.from_folder = folder, .from = name});
}

void Disk::rename(int from_folder, const std::string& from, int to_folder, const std::string& to) {
  const int number = node(from_folder).entries.at(from);
  set_entry({from_folder, from, to_folder, to, number});
}

void Disk::write(int file, std::size_t offset, std::string_view bytes) {
  Node& node = change(file);
  node.between.push_back(node.content);
  if (node.content.size() < offset + bytes.size()) node.content.resize(offset + bytes.size());
  node.content.replace(offset, bytes.size(), bytes);
  soil(node, offset, offset + bytes.size());
}

void Disk::truncate(int file, std::size_t size) {
  Node& node = change(file);
  node.between.push_back(node.content);
  const std::size_t from = std::min(size, node.content.size());
  const std::size_t to = std::max(size, node.content.size());
  node.content.resize(size);
  soil(node, from, to);
}

void Disk::sync(int number) {
  Node& node = change(number);
  if (node.folder) {
    std::vector<EntryChange> rest;
    for (const EntryChange& entry : pending_) {
      if (entry.from_folder == number || entry.to_folder == number) apply(entry);
      else rest.push_back(entry);
    }
    pending_ = std::move(rest);
    return;
  }
  if (journal && !node.dirty.empty()) {
    for (const EntryChange& entry : std::exchange(pending_, {})) apply(entry);
  }
  const std::string before = std::exchange(node.durable, node.content);
  for (std::size_t i = 0; i < sectors_in(node.durable.size()); ++i) {
    if (i < node.dirty.size() && node.dirty[i]) continue;
    std::string bytes{sector_of(before, i)};
    bytes.resize(sector_of(node.durable, i).size());
    node.durable.replace(i * sector_bytes, bytes.size(), bytes);
  }
  node.between.clear();
  node.dirty.clear();
}

void Disk::lose(int file) {
  Node& node = change(file);
  node.dirty.clear();
}

void Disk::sync_all() {
  for (int i = 0; i < static_cast<int>(nodes_.size()); ++i) sync(i);
}

void Disk::apply(const EntryChange& entry) {
  if (entry.from_folder >= 0) change(entry.from_folder).on_medium.erase(entry.from);
  if (entry.to_folder >= 0) change(entry.to_folder).on_medium[entry.to] = entry.node;
}

std::vector<std::string_view> Disk::versions(const Node& node) const {
  std::vector<std::string_view> all{node.durable};
  for (const std::string& content : node.between) all.push_back(content);
  all.push_back(node.content);
  return all;
}

std::vector<Choice> Disk::choices() const {
  std::vector<Choice> choices;
  for (std::size_t i = 0; i < pending_.size(); ++i) choices.push_back({static_cast<int>(i)});
  std::vector<bool> reached(nodes_.size());
  for (const auto& node : nodes_) {
    for (const auto& [name, number] : node->entries)
      reached[static_cast<std::size_t>(number)] = true;
    for (const auto& [name, number] : node->on_medium)
      reached[static_cast<std::size_t>(number)] = true;
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = *nodes_[i];
    if (node.folder || !reached[i] || node.dirty.empty()) continue;
    const auto all = versions(node);
    for (std::size_t sector = 0; sector < node.dirty.size(); ++sector) {
      const auto ways = node.dirty[sector] ? sectors_of(all, sector).size() : 1;
      if (ways < 2) continue;
      choices.push_back({-1, static_cast<int>(i), sector, false, static_cast<std::uint32_t>(ways)});
    }
    const auto sizes = sizes_of(all).size();
    if (sizes > 1) {
      choices.push_back({-1, static_cast<int>(i), 0, true, static_cast<std::uint32_t>(sizes)});
    }
  }
  return choices;
}

Disk Disk::cut(const std::vector<Choice>& choices,
               const std::vector<std::uint32_t>& outcome) const {
  Disk after = *this;
  after.pending_.clear();
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = *nodes_[i];
    if (node.folder || (node.dirty.empty() && node.content == node.durable)) continue;
    const auto all = versions(node);
    std::size_t size = node.durable.size();
    std::map<std::size_t, std::string_view> chosen;
    for (std::size_t c = 0; c < choices.size(); ++c) {
      if (choices[c].node != static_cast<int>(i)) continue;
      if (choices[c].size) size = sizes_of(all)[outcome[c]];
      else chosen[choices[c].sector] = sectors_of(all, choices[c].sector)[outcome[c]];
    }
    Node& left = after.change(static_cast<int>(i));
    left.content = node.durable;
    left.content.resize(size);
    for (const auto& [sector, bytes] : chosen) {
      if (sector * sector_bytes >= size) continue;
      const std::size_t room = std::min(sector_bytes, size - sector * sector_bytes);
      std::string padded{bytes.substr(0, room)};
      padded.resize(room);
      left.content.replace(sector * sector_bytes, room, padded);
    }
    left.durable = left.content;
    left.between.clear();
    left.dirty.clear();
  }
  for (std::size_t c = 0; c < choices.size(); ++c) {
    if (choices[c].change >= 0 && outcome[c] > 0)
      after.apply(pending_[static_cast<std::size_t>(choices[c].change)]);
  }
  for (int i = 0; i < static_cast<int>(nodes_.size()); ++i) {
    if (after.node(i).folder && after.node(i).entries != after.node(i).on_medium)
      after.change(i).entries = after.node(i).on_medium;
  }
  return after;
}

void Disk::list(int folder, const std::string& path, Files& into) const {
  for (const auto& [name, number] : node(folder).entries) {
    const std::string at = path + "/" + name;
    if (node(number).folder) list(number, at, into);
    else into.emplace_back(at, node(number).content);
  }
}

Disk::Files Disk::files() const {
  Files all;
  list(0, "", all);
  return all;
}

}  // namespace agentstore::reliability
