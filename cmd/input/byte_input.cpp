#include "cmd/input/byte_input.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "agentstore/event.hpp"
#include "cmd/quoting.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{256} << 10;
constexpr std::size_t magic_bytes = 4;
// Logs shrink to a tenth or a fiftieth. What grows more than this is made to fill a memory.
constexpr std::uint64_t growth_max = 200;
constexpr std::uint64_t growth_free_bytes = std::uint64_t{64} << 20;

}  // namespace

Result<ByteInput> ByteInput::open(const std::string& path) {
  ByteInput input{path};
  // A named pipe that nobody writes to must not hold everything up.
  input.file_ = OpenFile{path == "-" ? 0 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (input.file_.number() < 0)
    return fail(errno == ENOENT ? Code::not_found : Code::io,
                "cannot open " + in_quotes(path) + ": " + std::strerror(errno));
  struct stat status{};
  const bool known = ::fstat(input.file_.number(), &status) == 0;
  if (known && S_ISDIR(status.st_mode))
    return fail(Code::invalid, in_quotes(path) + " is a folder");
  input.changed_at_ =
      known && S_ISREG(status.st_mode)
          ? Timestamp{status.st_mtim.tv_sec, static_cast<std::int32_t>(status.st_mtim.tv_nsec)}
          : now();
  return input;
}

Result<std::size_t> ByteInput::read_file(char* into, std::size_t size) {
  ssize_t got = 0;
  do got = ::read(file_.number(), into, size);
  while (got < 0 && errno == EINTR);
  if (got < 0)
    return fail(Code::io, "cannot read " + in_quotes(path_) + ": " + std::strerror(errno));
  file_bytes_ += static_cast<std::uint64_t>(got);
  return static_cast<std::size_t>(got);
}

Result<void> ByteInput::start() {
  started_ = true;
  raw_.resize(magic_bytes);
  std::size_t filled = 0;
  while (filled < magic_bytes) {
    const auto got = read_file(raw_.data() + filled, magic_bytes - filled);
    if (!got) return std::unexpected{got.error()};
    if (*got == 0) break;
    filled += *got;
  }
  raw_.resize(filled);
  inflater_ = make_inflater(raw_);
  return {};
}

Result<std::size_t> ByteInput::read_inflated(char* into, std::size_t size) {
  for (;;) {
    std::string_view in = std::string_view{raw_}.substr(raw_at_);
    const auto made = inflater_->inflate(in, into, size);
    if (!made)
      return fail(made.error().code,
                  "cannot read " + in_quotes(path_) + ": " + made.error().message);
    raw_at_ = raw_.size() - in.size();
    inflated_bytes_ += *made;
    if (inflated_bytes_ > growth_free_bytes && inflated_bytes_ / growth_max > file_bytes_)
      return fail(Code::invalid,
                  fmt::format("cannot read {}: it expands more than {}-fold, as no log does",
                              in_quotes(path_), growth_max),
                  "expand it yourself if you trust it");
    if (*made > 0) return *made;
    if (!in.empty()) continue;
    raw_.resize(chunk_bytes);
    raw_at_ = 0;
    const auto got = read_file(raw_.data(), raw_.size());
    if (!got) return std::unexpected{got.error()};
    raw_.resize(*got);
    if (*got > 0) continue;
    if (inflater_->may_end()) return 0;
    return fail(Code::corrupt, "cannot read " + in_quotes(path_) + ": it ends early");
  }
}

Result<void> ByteInput::check_line(std::string_view bytes) {
  std::size_t at = 0;
  while (true) {
    const std::size_t newline = bytes.find('\n', at);
    line_bytes_ += std::min(newline, bytes.size()) - at;
    if (line_bytes_ > line_bytes_max)
      return fail(Code::invalid,
                  fmt::format("cannot read {}: line {} is longer than 64 MiB", in_quotes(path_),
                              lines_ + 1),
                  "no log has such a line; what follows it was not read");
    if (newline == bytes.npos) return {};
    at = newline + 1;
    ++lines_;
    line_bytes_ = 0;
  }
}

Result<std::size_t> ByteInput::read(char* into, std::size_t size) {
  const auto got = read_any(into, size);
  if (!got || !lines_limited_) return got;
  if (auto fits = check_line({into, *got}); !fits) return std::unexpected{fits.error()};
  return got;
}

Result<std::size_t> ByteInput::read_any(char* into, std::size_t size) {
  if (!started_)
    if (auto started = start(); !started) return std::unexpected{started.error()};
  if (peeked_at_ < peeked_.size()) {
    const std::size_t taken = peeked_.copy(into, size, peeked_at_);
    peeked_at_ += taken;
    return taken;
  }
  if (inflater_) return read_inflated(into, size);
  if (raw_at_ == raw_.size()) return read_file(into, size);
  const std::size_t taken = raw_.copy(into, size, raw_at_);
  raw_at_ += taken;
  return taken;
}

Result<std::string_view> ByteInput::peek(std::size_t size) {
  std::string head;
  Result<std::size_t> got = 0;
  // Memory that nothing is read into is not touched: most files of a folder are small.
  head.resize_and_overwrite(size, [&](char* into, std::size_t) {
    std::size_t filled = 0;
    while (filled < size) {
      got = read_any(into + filled, size - filled);
      if (!got || *got == 0) break;
      filled += *got;
    }
    return filled;
  });
  if (!got) return std::unexpected{got.error()};
  peeked_ = std::move(head) + peeked_.substr(std::min(peeked_at_, peeked_.size()));
  peeked_at_ = 0;
  return std::string_view{peeked_}.substr(0, size);
}

bool ByteInput::was_cut() const {
  struct stat status{};
  return file_.number() > 0 && ::fstat(file_.number(), &status) == 0 && S_ISREG(status.st_mode) &&
         static_cast<std::uint64_t>(status.st_size) < file_bytes_;
}

}  // namespace agentstore::cmd
