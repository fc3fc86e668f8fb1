#include "cmd/keep/store_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <string_view>
#include <thread>

#include "cmd/quoting.hpp"

namespace agentstore::cmd {
namespace {

constexpr int between_tries_ms = 50;

/// What stands for the store in the file system: a folder.
std::string path_of(const std::string& store) {
  constexpr std::string_view scheme = "sqlite:";
  if (!store.starts_with(scheme)) return store;
  const auto folder = std::filesystem::path{store.substr(scheme.size())}.parent_path();
  return folder.empty() ? "." : folder.string();
}

}  // namespace

bool is_folder_name(const std::string& store) {
  const std::size_t colon = store.find(':');
  return colon == store.npos || store.find('/') < colon;
}

// A folder is locked: there is no file that could be left over, and the lock ends with the
// process, however that ends.
Result<OpenFile> lock_store(const std::string& store, int wait_ms) {
  OpenFile file{::open(path_of(store).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.number() < 0) return file;
  for (int waited_ms = 0;; waited_ms += between_tries_ms) {
    if (::flock(file.number(), LOCK_EX | LOCK_NB) == 0) return file;
    if (errno != EWOULDBLOCK && errno != EINTR) return file;
    if (waited_ms >= wait_ms)
      return fail(Code::busy, "another `agentstore keep` is at work in " + in_quotes(store),
                  "it keeps the same; run this again when it is done");
    std::this_thread::sleep_for(std::chrono::milliseconds{between_tries_ms});
  }
}

}  // namespace agentstore::cmd
