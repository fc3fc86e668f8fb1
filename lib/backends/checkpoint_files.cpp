#include "backends/checkpoint_files.hpp"

#include "log/due_events.hpp"

namespace agentstore {
namespace {

constexpr std::size_t note_bytes_max = std::size_t{1} << 20;

}  // namespace

Path CheckpointFiles::path(std::string_view id, std::uint64_t size) const {
  return folder_.checkpoints(id) / (std::to_string(size) + ".note");
}

Result<std::optional<std::string>> CheckpointFiles::newest(std::string_view id) const {
  System& system = folder_.system();
  const auto size = log::newest_checkpoint_size(system, folder_.checkpoints(id));
  if (!size) return std::unexpected(size.error());
  if (*size == 0) return std::nullopt;
  auto note = read_file(system, path(id, *size), note_bytes_max);
  if (!note) return std::unexpected(note.error());
  return std::move(*note);
}

Result<void> CheckpointFiles::save(std::string_view id, std::uint64_t size,
                                   std::string_view note) const {
  System& system = folder_.system();
  const Path file = path(id, size);
  for (const Path& part : {file.parent_path().parent_path(), file.parent_path()}) {
    if (auto made = make_folder(system, part, folder_.folder_mode()); !made) return made;
    // It may be there since a sync that failed, or was never reached.
    if (auto synced = sync_folder(system, part.parent_path()); !synced) return synced;
  }
  return replace_file(system, file, note, folder_.file_mode());
}

}  // namespace agentstore
