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

Progress::Progress(const Turns& turns) : Progress{0, "session"} {
  counts_turns_ = true;
  files_ = turns.sessions;
}

std::optional<double> Progress::share() const {
  const std::uint64_t to_do = counts_turns_ ? files_ : bytes_to_do_;
  if (to_do == 0) return std::nullopt;
  const std::uint64_t done = counts_turns_ ? file_ : bytes_;
  return std::min(1.0, static_cast<double>(done) / static_cast<double>(to_do));
}

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
  const double rate = static_cast<double>(bytes_) / seconds;
  std::string line = "\r\033[K";
  if (const auto part = share()) {
    const auto full = static_cast<std::size_t>(*part * bar_columns);
    line += "[" + std::string(full, '=') + std::string(bar_columns - full, ' ') + "] ";
  }
  line += fmt::format("{} {} of {}", each_, file_, files_);
  if (counts_turns_) line += fmt::format(", {} turns, {:.1f}/s", bytes_, rate);
  else if (bytes_ > 0)
    line += fmt::format(", {}, {}/s", formats::bytes_text(bytes_),
                        formats::bytes_text(static_cast<std::uint64_t>(rate)));
  std::fputs(line.c_str(), stderr);
}

void Progress::clear() {
  const std::lock_guard guard{lock_};
  if (visible_) std::fputs("\r\033[K", stderr);
  visible_ = false;
}

}  // namespace agentstore::cmd
