#include "cmd/time_limit.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <system_error>
#include <thread>

#include "cmd/ending_signals.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::chrono::seconds limit_of_event{2};
constexpr std::chrono::milliseconds look_every{100};

std::atomic<Context*> reporter = nullptr;
std::atomic<std::uint64_t> begun_and_ended = 0;
std::atomic<std::uint64_t> under_way = 0;  // pieces of work, on as many threads
std::atomic<const char*> whose = "";
std::atomic<std::int64_t> limit_s = 0;
std::atomic<const char*> advice = nullptr;  // of work that is not about one event
std::once_flag started;

void end_program() {
  if (Context* const context = reporter) {
    if (const char* const hint = advice)
      context->refuse(Code::invalid,
                      fmt::format("{} more than {} seconds", whose.load(), limit_s.load()), hint);
    else
      context->refuse(
          Code::invalid,
          fmt::format("{} takes more than {} seconds for one event", whose.load(), limit_s.load()),
          "a simpler pattern or expression, or fewer wildcards in it, is faster");
  }
  clean_up_now();
  ::_exit(Status::usage);
}

void watch() {
  using Clock = std::chrono::steady_clock;
  std::uint64_t seen = 0;
  Clock::time_point since = Clock::now();
  for (;;) {
    std::this_thread::sleep_for(look_every);
    const std::uint64_t now = begun_and_ended;
    if (under_way == 0 || now != seen) {
      seen = now;
      since = Clock::now();
    } else if (Clock::now() - since > std::chrono::seconds{limit_s}) {
      end_program();
    }
  }
}

void start() {
  try {
    std::thread{watch}.detach();
  } catch (const std::system_error&) {
    // Without a thread there is no limit: the answer is the same, only later.
  }
}

}  // namespace

void report_time_limit_to(Context& context) {
  reporter = &context;
}

LimitedWork::LimitedWork(const char* flag) {
  whose = flag;
  limit_s = limit_of_event.count();
  advice = nullptr;
  begin();
}

LimitedWork::LimitedWork(const char* what, std::chrono::seconds limit, const char* hint) {
  whose = what;
  limit_s = limit.count();
  advice = hint;
  begin();
}

void LimitedWork::begin() {
  std::call_once(started, start);
  under_way.fetch_add(1, std::memory_order_relaxed);
  begun_and_ended.fetch_add(1, std::memory_order_relaxed);
}

void LimitedWork::goes_on() {
  begun_and_ended.fetch_add(2, std::memory_order_relaxed);
}

LimitedWork::~LimitedWork() {
  under_way.fetch_sub(1, std::memory_order_relaxed);
  begun_and_ended.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace agentstore::cmd
