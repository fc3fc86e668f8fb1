#include "cmd/input/file_scan.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <exception>
#include <mutex>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "cmd/input/byte_input.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{256} << 10;
constexpr std::size_t overlap_bytes_max = std::size_t{64} << 10;

}  // namespace

FileScan::FileScan()
    : room_{std::make_unique_for_overwrite<char[]>(overlap_bytes_max + chunk_bytes)} {}

Result<bool> FileScan::may_hold(const std::string& path, const RawFilter& filter, NamedIds* named) {
  auto input = ByteInput::open(path);
  if (!input) return std::unexpected{input.error()};
  const std::size_t overlap =
      std::max(filter.overlap_bytes(), named == nullptr ? 0 : NamedIds::overlap_bytes);
  if (filter.takes_all() || overlap > overlap_bytes_max) return true;
  std::size_t kept = 0;
  for (;;) {
    const auto got = input->read(room_.get() + kept, chunk_bytes);
    if (!got) return std::unexpected{got.error()};
    if (*got == 0) return false;
    const std::string_view bytes{room_.get(), kept + *got};
    // An escape that the chunk cuts off may be one: what follows tells.
    if (filter.may_hold(bytes)) return true;
    if (named != nullptr) named->take(bytes);
    kept = std::min(overlap, bytes.size());
    std::memmove(room_.get(), bytes.data() + bytes.size() - kept, kept);
  }
}

std::size_t cores() {
  return std::max(1U, std::thread::hardware_concurrency());
}

void side_by_side(std::size_t count,
                  const std::function<void(std::size_t thread, std::size_t index)>& work) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::exception_ptr thrown;
  const auto run = [&](std::size_t thread) {
    try {
      for (std::size_t i = next++; i < count; i = next++) work(thread, i);
    } catch (...) {
      next = count;
      const std::lock_guard guard{mutex};
      if (!thrown) thrown = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t thread = 1; thread < std::min(cores(), count); ++thread) {
    try {
      threads.emplace_back(run, thread);
    } catch (const std::system_error&) {
      break;  // Fewer will do.
    }
  }
  run(0);
  for (std::thread& thread : threads) thread.join();
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace agentstore::cmd
