#include "backends/session_writers.hpp"

namespace agentstore {
namespace {

constexpr std::size_t open_writers_max = 128;

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
    if (writer.use_count() > 1 || writer->poisoned()) return false;
    if (auto done = refresh(id, *writer); !done) {
      options_.notice("session " + id + ": its file was not refreshed: " + done.error().message);
    }
    return true;
  });
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
          .forget_derived = [this, key](const auto& payloads) { return forget_(key, payloads); },
          .synced_events = [this, key] { return files_.synced_events(key); },
          .set_synced_events =
              [this, key](std::uint64_t events) { return files_.set_synced_events(key, events); }};
}

}  // namespace agentstore
