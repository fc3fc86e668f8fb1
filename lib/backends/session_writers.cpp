#include "backends/session_writers.hpp"

#include <fcntl.h>

#include <algorithm>

namespace agentstore {
namespace {

constexpr std::size_t open_writers_max = 128;
/// So many files are synced one by one: a file system may have much to write that is not ours.
constexpr std::size_t synced_alone_max = 4;

}  // namespace

Result<void> SessionWriters::prepare() {
  const std::lock_guard guard{mutex_};
  return folder_.prepare_for_writing();
}

Result<SessionWriters::SharedWriter> SessionWriters::open(std::string_view id) {
  const std::lock_guard guard{mutex_};
  if (const auto known = writers_.find(id); known != writers_.end()) return known->second;
  if (auto prepared = folder_.prepare_for_writing(); !prepared) {
    return std::unexpected(prepared.error());
  }
  if (options_.durability == Durability::deferred && !root_) {
    const int root =
        folder_.system().open(folder_.root().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (root < 0) return system_error("open", folder_.root(), -root);
    root_ = Descriptor{folder_.system(), root};
  }
  if (writers_.size() >= open_writers_max) let_go_of_idle();
  const auto made = std::make_shared<log::Writer>(folder_.system(), options_for(id));
  writers_.emplace(id, made);
  return made;
}

SessionWriters::SharedWriter SessionWriters::with_appends(std::string_view id) {
  const std::lock_guard guard{mutex_};
  const auto known = writers_.find(id);
  return known != writers_.end() && known->second->has_appended() ? known->second : nullptr;
}

Result<void> SessionWriters::close() {
  const std::lock_guard guard{mutex_};
  Result<void> result;
  for (const auto& [id, writer] : writers_) {
    if (auto done = refresh(id, *writer); !done) result = done;
  }
  writers_.clear();
  return result;
}

// A poisoned one is kept: its log must not be appended to again.
void SessionWriters::let_go_of_idle() {
  std::erase_if(writers_, [&](const auto& entry) {
    const auto& [id, writer] = entry;
    if (writer.use_count() > 1 || writer->poisoned() || !writer->sync_deferred()) return false;
    if (auto done = refresh(id, *writer); !done) {
      options_.notice("session " + id + ": its file was not refreshed: " + done.error().message);
    }
    return true;
  });
}

std::vector<std::pair<std::string, SessionWriters::SharedWriter>> SessionWriters::writers() {
  const std::lock_guard guard{mutex_};
  return {writers_.begin(), writers_.end()};
}

Result<void> SessionWriters::sync_deferred(bool much) {
  auto writers = this->writers();
  std::erase_if(writers, [](const auto& entry) { return !entry.second->has_deferred(); });
  const bool made = files_.take_deferred();
  if (made || much || writers.size() > synced_alone_max) {
    const auto synced = sync_file_system();
    Result<void> durable = synced;
    for (const auto& [id, writer] : writers)
      if (auto done = writer->deferred_is_durable(synced.has_value()); !done && durable)
        durable = done;
    return durable;
  }
  for (const auto& [id, writer] : writers)
    if (auto synced = writer->sync_deferred(); !synced) return synced;
  if (writers.empty()) return {};
  return sync_folder(folder_.system(), folder_.log_file("log").parent_path());
}

Result<void> SessionWriters::sync_file_system() {
  if (!root_) return {};
  const int error = folder_.system().syncfs(root_.get());
  return error < 0 ? system_error("sync", folder_.root(), -error) : Result<void>{};
}

Result<void> SessionWriters::settle() {
  if (auto synced = sync_deferred(false); !synced) return synced;
  const auto writers = this->writers();
  auto refreshed = refresh_together(writers);
  const std::lock_guard guard{mutex_};
  for (const auto& [id, writer] : writers) {
    // Held by the map and by this list.
    if (writer.use_count() <= 2 && !writer->poisoned() && !writer->has_deferred())
      writers_.erase(id);
  }
  return refreshed;
}

Result<void> SessionWriters::refresh_together(
    std::span<const std::pair<std::string, SharedWriter>> writers) {
  if (writers.size() <= synced_alone_max) {
    for (const auto& [id, writer] : writers)
      if (auto done = refresh(id, *writer); !done) return done;
    return {};
  }
  std::vector<std::pair<SessionFiles::Prepared, SharedWriter>> prepared;
  for (const auto& [id, writer] : writers) {
    auto done = writer->exclusively([&]() -> Result<void> {
      auto one = files_.prepare(id, writer->synced_events());
      if (!one) return std::unexpected(one.error());
      if (*one) prepared.emplace_back(std::move(**one), writer);
      return {};
    });
    if (!done) return done;
  }
  if (prepared.empty()) return {};
  if (auto synced = sync_file_system(); !synced) return synced;
  for (const auto& [file, writer] : prepared) {
    auto done = writer->exclusively([&]() -> Result<void> {
      const auto put = files_.put(file);
      if (!put) return std::unexpected(put.error());
      return *put ? Result<void>{} : files_.refresh(file.id, writer->synced_events());
    });
    if (!done) return done;
  }
  return sync_folder(folder_.system(), folder_.session_file("session").parent_path());
}

Result<void> SessionWriters::refresh(const std::string& id, log::Writer& writer) {
  return writer.exclusively([&] { return files_.refresh(id, writer.synced_events()); });
}

log::WriterOptions SessionWriters::options_for(std::string_view id) {
  const std::string key{id};
  return {.log = folder_.log_file(id),
          .lock = folder_.lock_file(id),
          .quarantine = folder_.quarantine(id),
          .checkpoints = folder_.checkpoints(id),
          .folder_mode = folder_.folder_mode(),
          .file_mode = folder_.file_mode(),
          .session_id = key,
          .durability = options_.durability,
          .lock_timeout = options_.lock_timeout,
          .on_notice = options_.on_notice,
          .forget_derived = [this, key](
                                const auto& payloads,
                                const Path& own_temp) { return forget_(key, payloads, own_temp); },
          .synced_events = [this, key] { return files_.synced_events(key); },
          .set_synced_events =
              [this, key](std::uint64_t events) { return files_.set_synced_events(key, events); }};
}

}  // namespace agentstore
