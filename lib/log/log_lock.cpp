#include "log/log_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

namespace agentstore::log {

LogLock::Held::~Held() {
  if (file_ != nullptr) system_->flock(file_->get(), LOCK_UN);
}

Result<LogLock::Held> LogLock::hold() {
  if (!file_) {
    auto file = open_file(system_, options_.lock, O_RDWR | O_CREAT, options_.file_mode);
    if (!file) return std::unexpected(file.error());
    file_ = std::move(*file);
  }
  const auto locked =
      lock_file(system_, file_, options_.lock, LOCK_EX, options_.lock_timeout.count());
  if (!locked) return std::unexpected(locked.error());
  if (!*locked) {
    return fail(Code::busy,
                "another writer kept the lock of session " + options_.session_id + " for " +
                    std::to_string(options_.lock_timeout.count()) + " ms",
                "try again");
  }
  return Held{system_, file_};
}

}  // namespace agentstore::log
