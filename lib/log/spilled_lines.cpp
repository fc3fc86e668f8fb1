#include "log/spilled_lines.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace agentstore::log {
namespace {

std::unexpected<Error> temporary_failed() {
  return fail(Code::io,
              std::string{"cannot keep events in a temporary file: "} + std::strerror(errno));
}

}  // namespace

Result<void> SpilledLines::append(std::string_view text) {
  tail_ += text;
  if (tail_.size() < memory_bytes_max) return {};
  if (!file_) file_ = make_temporary_file();
  if (!file_ || std::fseek(file_.get(), 0, SEEK_END) != 0 ||
      std::fwrite(tail_.data(), 1, tail_.size(), file_.get()) != tail_.size() ||
      std::fflush(file_.get()) != 0)
    return temporary_failed();
  file_bytes_ += tail_.size();
  tail_.clear();
  return {};
}

Result<std::size_t> SpilledLines::read_at(std::uint64_t offset, char* into, std::size_t size) {
  std::size_t got = 0;
  if (offset < file_bytes_) {
    got = static_cast<std::size_t>(std::min<std::uint64_t>(size, file_bytes_ - offset));
    if (std::fseek(file_.get(), static_cast<long>(offset), SEEK_SET) != 0 ||
        std::fread(into, 1, got, file_.get()) != got)
      return temporary_failed();
  }
  const std::uint64_t in_tail = offset + got - file_bytes_;
  if (got < size && in_tail < tail_.size()) got += tail_.copy(into + got, size - got, in_tail);
  return got;
}

}  // namespace agentstore::log
