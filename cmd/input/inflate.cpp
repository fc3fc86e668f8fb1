#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "cmd/input/byte_input.hpp"

namespace agentstore::cmd {
namespace {

std::unexpected<Error> no_memory() {
  return fail(Code::io, "it cannot be expanded: out of memory");
}

/// gzip, of one member or several.
class Gunzip final : public Inflater {
 public:
  Gunzip() { ready_ = ::inflateInit2(&stream_, 16 + MAX_WBITS) == Z_OK; }
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;
  ~Gunzip() override { ::inflateEnd(&stream_); }

  Result<std::size_t> inflate(std::string_view& in, char* into, std::size_t size) override {
    if (!ready_) return no_memory();
    if (ended_ && !in.empty()) {
      // Zeros after the last member are padding, as gzip has it.
      if (in.find_first_not_of('\0') == in.npos) {
        in = {};
        return 0;
      }
      ::inflateReset(&stream_);
      ended_ = false;
    }
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = reinterpret_cast<Bytef*>(into);
    stream_.avail_out = static_cast<uInt>(size);
    const int status = ended_ ? Z_BUF_ERROR : ::inflate(&stream_, Z_NO_FLUSH);
    in.remove_prefix(in.size() - stream_.avail_in);
    if (status == Z_STREAM_END) ended_ = true;
    else if (status == Z_MEM_ERROR) return no_memory();
    else if (status != Z_OK && status != Z_BUF_ERROR)
      return fail(Code::corrupt, "its gzip is damaged");
    return size - stream_.avail_out;
  }
  bool may_end() const override { return ended_; }

 private:
  z_stream stream_{};
  bool ready_ = false;
  bool ended_ = false;
};

class Unzstd final : public Inflater {
 public:
  Unzstd() : stream_{::ZSTD_createDStream()} {}
  Unzstd(const Unzstd&) = delete;
  Unzstd& operator=(const Unzstd&) = delete;
  ~Unzstd() override { ::ZSTD_freeDStream(stream_); }

  Result<std::size_t> inflate(std::string_view& in, char* into, std::size_t size) override {
    if (stream_ == nullptr) return no_memory();
    ZSTD_inBuffer input{in.data(), in.size(), 0};
    ZSTD_outBuffer output{into, size, 0};
    const std::size_t status = ::ZSTD_decompressStream(stream_, &output, &input);
    if (::ZSTD_getErrorCode(status) == ZSTD_error_memory_allocation) return no_memory();
    if (::ZSTD_isError(status) != 0)
      return fail(Code::corrupt,
                  std::string{"its Zstandard is damaged: "} + ::ZSTD_getErrorName(status));
    in.remove_prefix(input.pos);
    if (input.pos > 0 || output.pos > 0) between_frames_ = status == 0;
    return output.pos;
  }
  bool may_end() const override { return between_frames_; }

 private:
  ZSTD_DStream* stream_;
  bool between_frames_ = false;
};

}  // namespace

std::unique_ptr<Inflater> make_inflater(std::string_view head) {
  if (head.starts_with("\x1F\x8B")) return std::make_unique<Gunzip>();
  if (head == "\x28\xB5\x2F\xFD") return std::make_unique<Unzstd>();
  return nullptr;
}

}  // namespace agentstore::cmd
