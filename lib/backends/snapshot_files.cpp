#include "backends/snapshot_files.hpp"

#include <algorithm>
#include <charconv>

#include "base/cache_file.hpp"

namespace agentstore {
namespace {

constexpr std::size_t snapshot_bytes_max = std::size_t{1} << 30;
constexpr std::string_view ending = ".json";

/// What a file's name says.
struct FoldName {
  std::uint64_t number = 0;      // 0: it is not the name of a snapshot
  std::string_view key_id = {};  // empty: written before there were keys
};

FoldName read_name(std::string_view name) {
  if (!name.ends_with(ending)) return {};
  const KeyedName keyed = split_keyed_name(name.substr(0, name.size() - ending.size()));
  FoldName read{.number = 0, .key_id = keyed.key_id};
  const char* const end = keyed.name.data() + keyed.name.size();
  const auto [at, error] = std::from_chars(keyed.name.data(), end, read.number);
  const bool exact = error == std::errc{} && at == end && keyed.name.front() != '0';
  return exact ? read : FoldName{};
}

Result<std::optional<std::string>> read_if_there(System& system, const Path& path) {
  auto text = read_file(system, path, snapshot_bytes_max);
  if (!text && text.error().code == Code::not_found) return std::nullopt;
  if (!text) return std::unexpected(text.error());
  return std::move(*text);
}

}  // namespace

std::string snapshot_named(std::string_view name) {
  if (read_name(name).number > 0) return std::string{name};
  const std::size_t end = name.find(ending);
  if (!name.starts_with('.') || end == name.npos) return {};
  std::string file{name.substr(1, end + ending.size() - 1)};
  return read_name(file).number > 0 && is_temp_of(name, file) ? file : std::string{};
}

Path SnapshotFiles::path(std::string_view id, std::string_view projection, std::uint64_t number,
                         std::string_view key_id) const {
  return folder_.fold_folder(id, projection) /
         (std::to_string(number) + '.' + std::string{key_id} + std::string{ending});
}

Result<std::vector<std::uint64_t>> SnapshotFiles::numbers(std::string_view id,
                                                          std::string_view projection,
                                                          std::string_view key_id) const {
  const auto names = list_folder(system(), folder_.fold_folder(id, projection));
  if (!names && names.error().code == Code::not_found) return std::vector<std::uint64_t>{};
  if (!names) return std::unexpected(names.error());
  std::vector<std::uint64_t> numbers;
  for (const std::string& name : *names)
    if (const FoldName read = read_name(name); read.number > 0 && read.key_id == key_id)
      numbers.push_back(read.number);
  std::ranges::sort(numbers);
  return numbers;
}

Result<std::optional<std::string>> SnapshotFiles::read(std::string_view id,
                                                       std::string_view projection,
                                                       std::uint64_t number,
                                                       std::string_view key_id) const {
  return read_if_there(system(), path(id, projection, number, key_id));
}

Result<std::optional<std::string>> SnapshotFiles::read_published(std::string_view id) const {
  return read_if_there(system(), folder_.snapshot_file(id));
}

Result<void> SnapshotFiles::save(std::string_view id, const KeptSnapshot& snapshot,
                                 std::string_view key_id) const {
  const std::string& projection = snapshot.projection;
  const Path file = path(id, projection, snapshot.sequence_number, key_id);
  const Path folder = file.parent_path();
  for (const Path& part : {folder.parent_path().parent_path(), folder.parent_path(), folder})
    if (auto made = make_folder(system(), part, folder_.folder_mode()); !made) return made;
  if (auto done = replace_cache_file(system(), file, snapshot.text, folder_.file_mode()); !done)
    return done;
  for (const std::uint64_t number : snapshot.outdated)
    system().unlink(path(id, projection, number, key_id).c_str());
  sweep(folder, key_id);
  return projection == "session" ? publish(id, snapshot.text) : Result<void>{};
}

// The Go library cannot read a snapshot that a power cut left half-written.
Result<void> SnapshotFiles::publish(std::string_view id, const std::string& text) const {
  const Path file = folder_.snapshot_file(id);
  const mode_t mode = folder_.file_mode();
  return durability_ != Durability::none ? replace_file(system(), file, text, mode)
                                         : replace_cache_file(system(), file, text, mode);
}

void SnapshotFiles::sweep(const Path& folder, std::string_view key_id) const {
  const auto names = list_folder(system(), folder);
  if (!names) return;
  for (const std::string& name : *names) {
    const FoldName read = read_name(name);
    if (read.number > 0 && read.key_id != key_id && is_long_unused(system(), folder / name))
      system().unlink((folder / name).c_str());
  }
}

}  // namespace agentstore
