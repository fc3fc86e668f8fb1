#include "base/system.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>

namespace agentstore {
namespace {

template <class Number>
Number or_error(Number result) {
  return result < 0 ? static_cast<Number>(-errno) : result;
}

// Null where the kernel (before 4.14) cannot.
std::atomic<std::uint64_t>* new_page_wiped_by_fork() {
  constexpr std::size_t page_bytes = 4096;
  void* const page =
      ::mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED || ::madvise(page, page_bytes, MADV_WIPEONFORK) != 0) return nullptr;
  return new (page) std::atomic<std::uint64_t>{0};
}

}  // namespace

int System::open_at(int folder, const char* name, int flags, mode_t mode) {
  return or_error(::openat(folder, name, flags, mode));
}
int System::close(int descriptor) {
  return or_error(::close(descriptor));
}
ssize_t System::pread(int descriptor, void* into, std::size_t size, off_t offset) {
  return or_error(::pread(descriptor, into, size, offset));
}
ssize_t System::write(int descriptor, const void* from, std::size_t size) {
  return or_error(::write(descriptor, from, size));
}
int System::fdatasync(int descriptor) {
  return or_error(::fdatasync(descriptor));
}
int System::fsync(int descriptor) {
  return or_error(::fsync(descriptor));
}
int System::syncfs(int descriptor) {
  return or_error(::syncfs(descriptor));
}
int System::ftruncate(int descriptor, off_t size) {
  return or_error(::ftruncate(descriptor, size));
}
int System::fstat(int descriptor, struct stat& into) {
  return or_error(::fstat(descriptor, &into));
}
int System::lstat_at(int folder, const char* name, struct stat& into) {
  return or_error(::fstatat(folder, name, &into, AT_SYMLINK_NOFOLLOW));
}
int System::rename_at(int from_folder, const char* from, int to_folder, const char* to) {
  return or_error(::renameat(from_folder, from, to_folder, to));
}
int System::unlink_at(int folder, const char* name) {
  return or_error(::unlinkat(folder, name, 0));
}
int System::mkdir_at(int folder, const char* name, mode_t mode) {
  return or_error(::mkdirat(folder, name, mode));
}
int System::flock(int descriptor, int operation) {
  return or_error(::flock(descriptor, operation));
}

int System::list_open(int folder, std::vector<std::string>& names) {
  // A descriptor of its own: one that was read to its end would be at its end.
  const int own = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (own < 0) return -errno;
  DIR* const open = ::fdopendir(own);
  if (open == nullptr) {
    const int error = errno;
    ::close(own);
    return -error;
  }
  for (;;) {
    errno = 0;
    const dirent* const entry = ::readdir(open);
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  const int error = errno;
  ::closedir(open);
  return -error;
}

int System::forget_cached(int descriptor, off_t offset) {
  return -::posix_fadvise(descriptor, offset, 0, POSIX_FADV_DONTNEED);
}

Timestamp System::clock() {
  return now();
}
void System::sleep_us(unsigned microseconds) {
  ::usleep(microseconds);
}

int System::open(const char* path, int flags, mode_t mode) {
  return open_at(AT_FDCWD, path, flags, mode);
}
int System::lstat(const char* path, struct stat& into) {
  return lstat_at(AT_FDCWD, path, into);
}
int System::rename(const char* from, const char* to) {
  return rename_at(AT_FDCWD, from, AT_FDCWD, to);
}
int System::unlink(const char* path) {
  return unlink_at(AT_FDCWD, path);
}
int System::mkdir(const char* path, mode_t mode) {
  return mkdir_at(AT_FDCWD, path, mode);
}
int System::link(const char* from, const char* to) {
  return or_error(::link(from, to));
}
int System::list(const char* path, std::vector<std::string>& names) {
  const int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (folder < 0) return folder;
  const int error = list_open(folder, names);
  close(folder);
  return error;
}

System& linux_system() {
  static System system;
  return system;
}

void random_bytes(void* into, std::size_t size) {
  auto* at = static_cast<unsigned char*>(into);
  while (size > 0) {
    const ssize_t got = ::getrandom(at, size, 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      std::abort();  // No randomness: there is no id and no salt that could be given out.
    }
    at += got;
    size -= static_cast<std::size_t>(got);
  }
}

void RandomPool::take(void* into, std::size_t size) {
  if (size > left_) {
    left_ = std::max(size, next_bytes_);
    next_bytes_ = std::min(next_bytes_ * 4, bytes_max);
    random_bytes(bytes_.data(), left_);
  }
  left_ -= size;
  unsigned char* const from = bytes_.data() + left_;
  std::memcpy(into, from, size);
  std::memset(from, 0, size);
}

std::uint64_t process_epoch() {
  // A fork copies `last`; what stands in the page it does not.
  static std::atomic<std::uint64_t> last = 0;
  static std::atomic<std::uint64_t>* const epoch = new_page_wiped_by_fork();
  if (epoch == nullptr) return static_cast<std::uint64_t>(::getpid());
  const std::uint64_t known = epoch->load();
  if (known != 0) return known;
  std::uint64_t expected = 0;
  const std::uint64_t mine = last.fetch_add(1) + 1;
  return epoch->compare_exchange_strong(expected, mine) ? mine : expected;
}

}  // namespace agentstore
