#include "cmd/input/named_ids.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>

#include "agentstore/json.hpp"
#include "cmd/input/byte_input.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{256} << 10;

/// The text of the member whose name `rest` ends, up to its quote.
std::optional<std::string_view> id_after(std::string_view rest) {
  const auto take = [&](char wanted) {
    while (!rest.empty() && json::is_space(rest.front())) rest.remove_prefix(1);
    const bool there = rest.starts_with(wanted);
    if (there) rest.remove_prefix(1);
    return there;
  };
  if (!take('"') || !take(':') || !take('"')) return std::nullopt;
  const std::size_t end = rest.find('"');
  return end == rest.npos ? std::nullopt : std::optional{rest.substr(0, end)};
}

}  // namespace

Result<void> NamedIds::add(const std::string& path) {
  auto input = ByteInput::open(path);
  if (!input) return std::unexpected{input.error()};
  std::string bytes;
  for (;;) {
    const std::size_t kept = std::min(bytes.size(), overlap_bytes);
    bytes.erase(0, bytes.size() - kept);
    Result<std::size_t> got = 0;
    bytes.resize_and_overwrite(kept + chunk_bytes, [&](char* into, std::size_t) {
      got = input->read(into + kept, chunk_bytes);
      return kept + got.value_or(0);
    });
    if (!got) return std::unexpected{got.error()};
    if (*got == 0) return {};
    take(bytes);
  }
}

void NamedIds::take(std::string_view bytes) {
  static const BytePattern key = BytePattern::of("session", false);
  for (auto found = key.find(bytes); found; found = key.find(bytes, found.at + 1)) {
    if (found.escaped) continue;
    // A text that speaks of it has its quotes escaped.
    const std::string_view before = bytes.substr(0, found.at);
    if (!before.ends_with('"') || before.ends_with("\\\"")) continue;
    std::string_view rest = bytes.substr(found.at + key.size());
    if (rest.starts_with("Id")) rest.remove_prefix(2);
    else if (rest.starts_with("_id")) rest.remove_prefix(3);
    else continue;
    const auto id = id_after(rest);
    if (!id || *id == last_) continue;
    last_ = *id;
    ids_.insert(last_);
  }
}

bool NamedIds::has_one_of(const Ids& ids) const {
  return std::ranges::any_of(ids_, [&](const std::string& id) { return ids.contains(id); });
}

std::vector<std::vector<std::size_t>> grouped_by_ids(std::span<const NamedIds> files) {
  // Each file points to an earlier one of its group, or to itself.
  std::vector<std::size_t> first(files.size());
  const auto first_of = [&](std::size_t file) {
    while (first[file] != file) file = first[file] = first[first[file]];
    return file;
  };
  std::map<std::string_view, std::size_t> known;
  for (std::size_t i = 0; i < files.size(); ++i) {
    first[i] = i;
    const auto joins = [&](std::string_view id) {
      const std::size_t other = first_of(known.try_emplace(id, i).first->second);
      const std::size_t own = first_of(i);
      first[std::max(own, other)] = std::min(own, other);
    };
    if (files[i].ids().empty()) joins({});
    for (const std::string& id : files[i].ids()) joins(id);
  }
  std::map<std::size_t, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < files.size(); ++i) groups[first_of(i)].push_back(i);
  std::vector<std::vector<std::size_t>> ordered;
  for (auto& [own, group] : groups) ordered.push_back(std::move(group));
  return ordered;
}

std::string raw_session_id(std::string_view id) {
  return std::string{id.substr(id.rfind('.') + 1)};
}

}  // namespace agentstore::cmd
