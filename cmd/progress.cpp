#include "cmd/progress.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "formats/text/units.hpp"

namespace agentstore::cmd {
namespace {

using namespace std::chrono_literals;

constexpr int bar_columns = 24;

}  // namespace

Progress::Progress(std::uint64_t bytes_to_do, const char* each)
    : wanted_{::isatty(2) == 1}, bytes_to_do_{bytes_to_do}, each_{each} {}

void Progress::add(std::uint64_t bytes) {
  const std::lock_guard guard{lock_};
  bytes_ += bytes;
  if (!wanted_) return;
  const auto at = Clock::now();
  if (at - started_ < 1s || (visible_ && at - shown_ < 100ms)) return;
  show(at);
}

void Progress::show(Clock::time_point at) {
  shown_ = at;
  visible_ = true;
  const double seconds = std::chrono::duration<double>(at - started_).count();
  const auto rate = static_cast<std::uint64_t>(static_cast<double>(bytes_) / seconds);
  std::string line = "\r\033[K";
  if (bytes_to_do_ > 0) {
    const double part =
        std::min(1.0, static_cast<double>(bytes_) / static_cast<double>(bytes_to_do_));
    const auto full = static_cast<std::size_t>(part * bar_columns);
    line += "[" + std::string(full, '=') + std::string(bar_columns - full, ' ') + "] ";
  }
  line += fmt::format("{} {} of {}", each_, file_, files_);
  if (bytes_ > 0)
    line += fmt::format(", {}, {}/s", formats::bytes_text(bytes_), formats::bytes_text(rate));
  std::fputs(line.c_str(), stderr);
}

void Progress::clear() {
  const std::lock_guard guard{lock_};
  if (visible_) std::fputs("\r\033[K", stderr);
  visible_ = false;
}

}  // namespace agentstore::cmd
