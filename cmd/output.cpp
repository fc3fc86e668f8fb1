#include "cmd/output.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "cmd/ending_signals.hpp"
#include "formats/text/code_points.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t block_bytes = std::size_t{256} << 10;
constexpr int pipe_bytes = 1 << 20;  // what Linux lets anyone ask for

std::string system_reason(int error_number) {
  return std::strerror(error_number);
}

/// 0, or the errno of the write that failed.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written >= 0) text.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR) return errno;
  }
  return 0;
}

// In an array, for a handler of signals. There is one output to a file.
char unfinished_path[PATH_MAX];

void remove_unfinished() {
  ::unlink(unfinished_path);
}

}  // namespace

Output::Output(int descriptor, std::string name)
    : descriptor_{descriptor}, name_{std::move(name)} {}

Result<Output> Output::to_file(const std::string& path) {
  struct stat found{};
  const bool exists = ::stat(path.c_str(), &found) == 0;
  if (exists && S_ISDIR(found.st_mode))
    return fail(Code::invalid, "cannot write to \"" + path + "\": it is a folder");
  Output output{-1, path};
  output.owned_ = true;
  if (exists && !S_ISREG(found.st_mode)) {
    output.descriptor_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (output.descriptor_ < 0) output.error_number_ = errno;
  } else {
    // A link stays a link: what it points to is replaced.
    char* const real = exists ? ::realpath(path.c_str(), nullptr) : nullptr;
    if (real != nullptr) output.name_ = real;
    std::free(real);
    output.open_temp(exists ? std::optional{found.st_mode & 07777U} : std::nullopt);
  }
  if (output.error_number_ != 0)
    return fail(Code::io,
                "cannot write to \"" + path + "\": " + system_reason(output.error_number_));
  return output;
}

void Output::open_temp(std::optional<mode_t> mode) {
  const std::size_t slash = name_.rfind('/') + 1;
  const std::string temp = name_.substr(0, slash) + "." + name_.substr(slash) + ".XXXXXX";
  if (temp.size() >= sizeof unfinished_path) {
    error_number_ = ENAMETOOLONG;
    return;
  }
  std::strcpy(unfinished_path, temp.c_str());
  clean_up_at_signals(remove_unfinished);
  descriptor_ = ::mkostemp(unfinished_path, O_CLOEXEC);
  if (descriptor_ < 0) {
    error_number_ = errno;
    forget_temp();
    return;
  }
  temp_path_ = unfinished_path;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  if (::fchmod(descriptor_, mode.value_or(0666 & ~mask)) != 0) error_number_ = errno;
}

void Output::forget_temp() {
  temp_path_.clear();
  nothing_to_clean_up(remove_unfinished);
}

Output::Output(Output&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)},
      name_{std::move(other.name_)},
      temp_path_{std::exchange(other.temp_path_, {})},
      owned_{std::exchange(other.owned_, false)},
      done_{other.done_},
      widened_{other.widened_},
      error_number_{other.error_number_},
      buffer_{std::move(other.buffer_)} {}

Output& Output::operator=(Output&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(name_, other.name_);
  std::swap(temp_path_, other.temp_path_);
  std::swap(owned_, other.owned_);
  std::swap(done_, other.done_);
  std::swap(widened_, other.widened_);
  std::swap(error_number_, other.error_number_);
  std::swap(buffer_, other.buffer_);
  return *this;
}

Output::~Output() {
  if (!temp_path_.empty()) {
    ::unlink(temp_path_.c_str());
    forget_temp();
  }
  if (owned_ && descriptor_ >= 0) ::close(descriptor_);
}

void Output::write(std::string_view bytes) {
  if (keeps_bytes_ || formats::utf8_bytes(bytes) == bytes.size()) write_bytes(bytes);
  else write_bytes(formats::valid_utf8(bytes));
}

void Output::write_bytes(std::string_view bytes) {
  if (done_) return;
  if (buffer_.size() + bytes.size() > block_bytes && !flush()) return;
  if (bytes.size() <= block_bytes) {
    buffer_ += bytes;
    return;
  }
  // Where so much goes through a pipe, a wide one has the reader wait less. What is none refuses.
  if (!std::exchange(widened_, true)) ::fcntl(descriptor_, F_SETPIPE_SZ, pipe_bytes);
  error_number_ = write_all(descriptor_, bytes);
  done_ = error_number_ != 0;
}

bool Output::flush() {
  if (done_) return false;
  error_number_ = write_all(descriptor_, buffer_);
  buffer_.clear();
  done_ = error_number_ != 0;
  return !done_;
}

bool Output::unread() const {
  return error_number_ == EPIPE || error_number_ == EBADF;
}

Error Output::failure() const {
  return {Code::io, "cannot write to " + name_ + ": " + system_reason(error_number_)};
}

Result<void> Output::commit() {
  flush();
  if (error_number_ == EPIPE) return {};
  if (error_number_ != 0) return std::unexpected{failure()};
  if (temp_path_.empty()) return {};
  if (::fsync(descriptor_) != 0 || ::rename(temp_path_.c_str(), name_.c_str()) != 0) {
    error_number_ = errno;
    return std::unexpected{failure()};
  }
  forget_temp();
  return {};
}

}  // namespace agentstore::cmd
