#include "cmd/follow.hpp"

#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <deque>
#include <functional>
#include <tuple>

#include "cmd/kept_events.hpp"

namespace agentstore::cmd {
namespace {

constexpr int poll_ms = 100;

volatile std::sig_atomic_t interrupted = 0;

void stop_at_signals() {
  struct sigaction action{};
  action.sa_handler = [](int) { interrupted = 1; };
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

/// What changes when somebody writes to a file.
using Mark = std::tuple<bool, dev_t, ino_t, off_t, std::int64_t, std::int64_t>;

Mark mark_of(const std::string& path) {
  struct stat found{};
  if (path.empty() || ::stat(path.c_str(), &found) != 0) return {};
  return {true,          found.st_dev,         found.st_ino,
          found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
}

/// Waits a moment; false where it is time to end.
bool wait_a_moment(const Output& out) {
  pollfd reader{out.descriptor(), 0, 0};
  ::poll(&reader, 1, poll_ms);
  return interrupted == 0 && (reader.revents & (POLLERR | POLLHUP | POLLNVAL)) == 0;
}

class Follower {
 public:
  Follower(Context& context, Selector& selector, const Chosen& chosen, ReadOptions read_options,
           Printer& printer)
      : context_{context},
        selector_{selector},
        chosen_{chosen},
        filter_{std::move(read_options.filter)},
        on_corrupt_{read_options.on_corrupt},
        printer_{printer} {}

  /// Reads what is new; `newest_max`: of what matches, only so many.
  int read_on(std::optional<std::uint64_t> newest_max) {
    mark_ = mark_of(log_name_);
    // The last event is read once more, to see that it is still the same.
    auto reader = selector_.read(
        chosen_,
        {.filter = {.from_seq = std::max<std::uint64_t>(last_, 1)}, .on_corrupt = on_corrupt_});
    if (!reader) return context_.refuse(reader.error());
    const std::uint64_t last_before = last_;
    bool last_seen = last_before == 0;
    std::deque<KeptEvent> newest;
    while (true) {
      const auto batch = (*reader)->next();
      if (!batch) return context_.refuse(with_advice(batch.error(), chosen_));
      if (batch->empty()) break;
      for (const EventView& event : *batch) {
        if (event.sequence_number <= last_before) {
          last_seen = event.sequence_number == last_before && fingerprint(event) == fingerprint_;
          continue;
        }
        last_ = event.sequence_number;
        fingerprint_ = fingerprint(event);
        if (!filter_.matches(event)) continue;
        if (!newest_max) {
          printer_.event(event);
        } else if (*newest_max > 0) {
          newest.emplace_back(event);
          if (newest.size() > *newest_max) newest.pop_front();
        }
      }
      if (!printer_.flush()) return Status::fine;
    }
    for (const KeptEvent& event : newest) printer_.event(event.view());
    if (!last_seen) tell_rewind((*reader)->report(), last_before);
    learn((*reader)->report());
    printer_.flush();
    return Status::fine;
  }

  bool has_news() const { return unsettled_ || log_name_.empty() || mark_of(log_name_) != mark_; }
  bool at_end() const { return last_ >= filter_.to_seq; }
  int status() const { return status_; }

 private:
  static std::size_t fingerprint(const EventView& event) {
    return std::hash<std::string_view>{}(event.line);
  }

  void tell_rewind(const ReadReport& report, std::uint64_t last_before) {
    context_.warn(report.log_name + " was rewritten: #" + std::to_string(last_before) +
                  " is no longer the event that was shown");
    if (report.last_sequence_number >= last_before) return;
    last_ = report.last_sequence_number;
    fingerprint_ = 0;
  }

  void learn(const ReadReport& report) {
    log_name_ = report.log_name;
    // The end of a write that is under way does not have to change the file.
    unsettled_ = report.verdict == Verdict::in_flight || report.verdict == Verdict::torn;
    if (report.finding_count <= told_) return;
    told_ = report.finding_count;
    status_ = tell_report(context_, report, on_corrupt_);
  }

  Context& context_;
  Selector& selector_;
  const Chosen& chosen_;
  const Filter filter_;
  const OnCorrupt on_corrupt_;
  Printer& printer_;
  std::string log_name_;
  Mark mark_;
  std::uint64_t last_ = 0;
  std::size_t fingerprint_ = 0;
  std::uint64_t told_ = 0;
  bool unsettled_ = false;
  int status_ = Status::fine;
};

}  // namespace

int follow(Context& context, Selector& selector, const Chosen& chosen, const ReplayOptions& options,
           ReadOptions read_options, Printer& printer) {
  stop_at_signals();
  Follower follower{context, selector, chosen, std::move(read_options), printer};
  int status = follower.read_on(options.newest);
  while (status == Status::fine && !context.out.done() && !follower.at_end() &&
         wait_a_moment(context.out))
    if (follower.has_news()) status = follower.read_on(std::nullopt);
  printer.end();
  return context.finish(status == Status::fine ? follower.status() : status);
}

}  // namespace agentstore::cmd
