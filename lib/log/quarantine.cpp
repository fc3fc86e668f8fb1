#include "log/quarantine.hpp"

#include <fcntl.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/sha256.hpp"

namespace agentstore::log {
namespace {

constexpr std::size_t copy_bytes = std::size_t{1} << 20;
constexpr std::size_t file_bytes_max = std::size_t{1} << 40;

// "<offset>-<random>.bytes", as kept bytes are named.
bool is_kept(std::string_view name) {
  constexpr std::string_view ending = ".bytes";
  const std::size_t dash = name.find('-');
  if (dash == name.npos || dash == 0 || !name.ends_with(ending)) return false;
  const std::string_view offset = name.substr(0, dash);
  name = name.substr(dash + 1, name.size() - dash - 1 - ending.size());
  return offset.find_first_not_of("0123456789") == offset.npos && !name.empty() &&
         name.find_first_not_of("0123456789abcdef") == name.npos;
}

}  // namespace

Result<void> Quarantine::make_folders() {
  for (const Path& made : {folder().parent_path(), folder()}) {
    if (auto done = make_folder(system_, made, options_.folder_mode); !done) return done;
    // It may be there since a sync that failed, or was never reached.
    if (auto synced = sync_folder(system_, made.parent_path()); !synced) return synced;
  }
  return {};
}

Result<Quarantine::Kept> Quarantine::keep(const Descriptor& log, std::uint64_t from,
                                          std::uint64_t to) {
  if (auto made = make_folders(); !made) return std::unexpected(made.error());
  Kept kept{.path = folder() / (std::to_string(from) + "-" + random_hex(4) + ".bytes"),
            .sha256_hex = {}};
  auto copy = open_file(system_, kept.path, O_WRONLY | O_CREAT | O_EXCL, options_.file_mode);
  if (!copy) return std::unexpected(copy.error());
  Sha256 hash;
  std::string buffer(std::min<std::uint64_t>(copy_bytes, to - from), '\0');
  for (std::uint64_t at = from; at < to;) {
    const std::size_t size = std::min<std::uint64_t>(buffer.size(), to - at);
    const auto got = read_at(system_, log, options_.log, at, buffer.data(), size);
    if (!got) return std::unexpected(got.error());
    if (*got == 0)
      return fail(Code::busy, options_.log.string() + " changed while it was repaired");
    const std::string_view bytes{buffer.data(), *got};
    if (auto done = write_all(system_, *copy, kept.path, bytes); !done) {
      return std::unexpected(done.error());
    }
    hash.update(bytes);
    kept.ends_in_newline = bytes.back() == '\n';
    at += *got;
  }
  if (const int error = system_.fdatasync(copy->get()); error < 0) {
    return system_error("sync", kept.path, -error);
  }
  if (auto synced = sync_folder(system_, folder()); !synced) {
    return std::unexpected(synced.error());
  }
  kept.sha256_hex = to_hex(agentstore::bytes_of(hash.finish()));
  return kept;
}

Result<void> Quarantine::take_checkpoints() {
  const auto names = list_folder(system_, options_.checkpoints);
  if (!names && names.error().code == Code::not_found) return {};
  if (!names) return std::unexpected(names.error());
  if (auto made = make_folders(); !made) return made;
  for (const std::string& name : *names) {
    const Path from = options_.checkpoints / name;
    const Path to = folder() / (random_hex(4) + "-" + name);
    if (const int error = system_.rename(from.c_str(), to.c_str()); error < 0) {
      return system_error("rename", from, -error);
    }
  }
  if (auto synced = sync_folder(system_, folder()); !synced) return synced;
  return sync_folder(system_, options_.checkpoints);
}

Result<void> Quarantine::check_legible() const {
  const auto names = list_folder(system_, folder());
  if (!names && names.error().code != Code::not_found) return std::unexpected(names.error());
  return {};
}

Result<void> Quarantine::scrub(const Scrubber& scrubber) {
  const auto names = list_folder(system_, folder());
  if (!names && names.error().code == Code::not_found) return {};
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names) {
    if (!is_kept(name)) continue;
    const Path path = folder() / name;
    auto bytes = read_file(system_, path, file_bytes_max);
    if (!bytes) return std::unexpected(bytes.error());
    const auto changed = scrubber.scrub(*bytes);
    if (!changed) return std::unexpected(changed.error());
    if (!*changed) continue;
    if (auto done = replace_file(system_, path, *bytes, options_.file_mode); !done) return done;
    options_.notice(path.string() +
                    " held bytes of the redacted payload, and was written anew without them");
  }
  return sync_folder(system_, folder());
}

}  // namespace agentstore::log
