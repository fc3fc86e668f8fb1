#include "base/zstd_frames.hpp"

#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <memory>
#include <new>
#include <utility>

namespace agentstore {
namespace {

// An import has to keep up with the disk; what is kept for long can be packed tighter by others.
constexpr int level = 1;
constexpr std::size_t read_bytes = std::size_t{256} << 10;

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ::ZSTD_freeCCtx(context); }
};

// Making one costs more than packing a small transcript.
ZSTD_CCtx* context_of_thread() {
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> kept{::ZSTD_createCCtx()};
  if (kept == nullptr) throw std::bad_alloc{};
  return kept.get();
}

}  // namespace

void append_frame(std::string& out, std::string_view bytes) {
  const std::size_t before = out.size();
  const std::size_t bound = ::ZSTD_compressBound(bytes.size());
  out.resize_and_overwrite(before + bound, [&](char* into, std::size_t) {
    const std::size_t packed = ::ZSTD_compressCCtx(context_of_thread(), into + before, bound,
                                                   bytes.data(), bytes.size(), level);
    return before + (::ZSTD_isError(packed) != 0 ? 0 : packed);
  });
  if (out.size() == before) throw std::bad_alloc{};  // With room for the worst, nothing else fails.
}

std::optional<std::string> content_of_frame(std::string_view packed,
                                            std::uint64_t content_bytes_max) {
  const auto size = ::ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN ||
      size > content_bytes_max)
    return std::nullopt;
  std::string content;
  bool whole = false;
  content.resize_and_overwrite(size, [&](char* into, std::size_t room) {
    const std::size_t got = ::ZSTD_decompress(into, room, packed.data(), packed.size());
    whole = ::ZSTD_isError(got) == 0 && got == room;
    return whole ? room : 0;
  });
  return whole ? std::optional{std::move(content)} : std::nullopt;
}

std::unexpected<Error> FrameReader::damaged(const std::string& why) const {
  return fail(Code::corrupt, path_.string() + ", byte " + std::to_string(offset_) + ": " + why);
}

Result<bool> FrameReader::read_more() {
  const std::size_t before = bytes_.size();
  // Twice as much each time: looking for the end of a frame begins anew with more of it.
  const std::size_t wanted = std::max(before, read_bytes);
  Result<std::size_t> got = 0;
  bytes_.resize_and_overwrite(before + wanted, [&](char* into, std::size_t) {
    got = read_at(system_, file_, path_, offset_ + before, into + before, wanted);
    return before + got.value_or(0);
  });
  if (!got) return std::unexpected(got.error());
  return *got > 0;
}

Result<std::optional<Frame>> FrameReader::next() {
  bytes_.erase(0, std::exchange(given_, 0));
  for (;;) {
    const std::size_t size = ::ZSTD_findFrameCompressedSize(bytes_.data(), bytes_.size());
    const auto content = ::ZSTD_getFrameContentSize(bytes_.data(), bytes_.size());
    const bool known = content != ZSTD_CONTENTSIZE_UNKNOWN && content != ZSTD_CONTENTSIZE_ERROR;
    if (known && content > content_bytes_max_) return damaged("a frame of no size that is written");
    if (::ZSTD_isError(size) == 0) {
      if (!known) return damaged("a frame that does not say its size");
      const Frame frame{{bytes_.data(), size}, offset_, content};
      given_ = size;
      offset_ += size;
      return frame;
    }
    const bool may_go_on = ::ZSTD_getErrorCode(size) == ZSTD_error_srcSize_wrong &&
                           bytes_.size() <= ::ZSTD_compressBound(content_bytes_max_) + read_bytes;
    const auto more = may_go_on ? read_more() : Result<bool>{false};
    if (!more) return std::unexpected(more.error());
    if (*more) continue;
    if (bytes_.empty()) return std::nullopt;
    return damaged(may_go_on ? "the last frame is not whole" : "this is no Zstandard frame");
  }
}

Result<Frame> FrameReader::require_next() {
  const auto frame = next();
  if (!frame) return std::unexpected(frame.error());
  if (!*frame) return damaged("it ends early");
  return **frame;
}

Result<std::string_view> FrameReader::expand(const Frame& frame) {
  std::size_t made = 0;
  content_.resize_and_overwrite(frame.content_bytes, [&](char* into, std::size_t size) {
    made = ::ZSTD_decompress(into, size, frame.packed.data(), frame.packed.size());
    return ::ZSTD_isError(made) != 0 ? 0 : made;
  });
  if (::ZSTD_isError(made) != 0 || made != frame.content_bytes)
    return fail(Code::corrupt, path_.string() + ", byte " + std::to_string(frame.offset_bytes) +
                                   ": a frame cannot be expanded");
  return content_;
}

}  // namespace agentstore
