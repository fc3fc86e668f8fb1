#include "backends/session_names.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cassert>

namespace agentstore {

Result<void> SessionNames::exclusively(const std::function<Result<void>()>& work) {
  const std::lock_guard guard{mutex_};
  if (file_) return work();
  System& system = folder_.system();
  const Path path = folder_.names_lock();
  auto file = open_file(system, path, O_RDWR | O_APPEND | O_CREAT, folder_.file_mode());
  if (!file) return std::unexpected(file.error());
  const auto locked = lock_file(system, *file, path, LOCK_EX, lock_timeout_.count());
  if (!locked) return std::unexpected(locked.error());
  if (!*locked) {
    return fail(Code::busy, "another process is giving names, and keeps " + path.string(),
                "try again");
  }
  const auto status = status_of(system, *file, path);
  if (!status) return std::unexpected(status.error());
  given_ = status->size_bytes;
  file_ = std::move(*file);
  // Closed, and unlocked by that, whatever becomes of the work.
  struct Unlock {
    Descriptor& file;
    ~Unlock() { file = Descriptor{}; }
  } const unlock{file_};
  return work();
}

Result<std::optional<std::string>> SessionNames::holder_of(std::string_view name,
                                                           std::string_view except_id) {
  assert(file_);
  if (!names_ || known_given_ != given_) {
    const auto sessions = list_();
    if (!sessions) return std::unexpected(sessions.error());
    names_.emplace();
    for (const Session& session : *sessions)
      if (!session.name.empty()) names_->emplace(session.name, session.id);
    known_given_ = given_;
  }
  const auto [from, to] = names_->equal_range(name);
  for (auto found = from; found != to; ++found)
    if (found->second != except_id) return found->second;
  return std::nullopt;
}

Result<void> SessionNames::announce() {
  assert(file_);
  if (auto done = write_all(folder_.system(), file_, folder_.names_lock(), "."); !done) return done;
  ++given_;
  return {};
}

void SessionNames::is_called(std::string_view id, std::string_view name) {
  assert(file_);
  if (!names_ || known_given_ + 1 != given_) return;
  std::erase_if(*names_, [&](const auto& entry) { return entry.second == id; });
  if (!name.empty()) names_->emplace(name, id);
  known_given_ = given_;
}

}  // namespace agentstore
