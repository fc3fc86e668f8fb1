#include "backends/source_framer.hpp"

#include "agentstore/json.hpp"

namespace agentstore {
namespace {

class Framer {
 public:
  Framer(const ReadBytes& read, const TakeBytes& take) : read_(read), take_(take) {}

  Result<void> run() {
    for (;;) {
      const auto got = read_more();
      if (!got) return std::unexpected(got.error());
      if (!*got) return finish();
      if (bytes_.size() < frame_bytes) continue;
      if (whole_ == 0 && bytes_.size() >= line_bytes_max) whole_ = bytes_.size();
      if (auto given = give(); !given) return given;
    }
  }

 private:
  Result<bool> read_more() {
    const std::size_t before = bytes_.size();
    Result<std::size_t> got = 0;
    bytes_.resize_and_overwrite(before + frame_bytes, [&](char* into, std::size_t) {
      got = read_(into + before, frame_bytes);
      return before + got.value_or(0);
    });
    if (!got) return std::unexpected(got.error());
    const std::size_t newline = bytes_.rfind('\n');
    if (newline != bytes_.npos && newline >= before) whole_ = newline + 1;
    return *got > 0;
  }

  // An event was made of a last line that is whole: its record is not to be missing.
  Result<void> finish() {
    const std::string_view rest = std::string_view{bytes_}.substr(whole_);
    if (!json::trimmed(rest).empty() && !json::check(rest, json::rules_to_read))
      whole_ = bytes_.size();
    return give();
  }

  Result<void> give() {
    if (whole_ == 0) return {};
    auto taken = take_(std::string_view{bytes_}.substr(0, whole_));
    bytes_.erase(0, std::exchange(whole_, 0));
    return taken;
  }

  const ReadBytes& read_;
  const TakeBytes& take_;
  std::string bytes_;
  std::size_t whole_ = 0;  // of them, those in whole lines
};

}  // namespace

Result<void> frame_lines(const ReadBytes& read, const TakeBytes& take) {
  return Framer{read, take}.run();
}

}  // namespace agentstore
