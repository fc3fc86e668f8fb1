#include "cmd/follow.hpp"

#include <poll.h>

#include <csignal>
#include <deque>
#include <memory>
#include <optional>

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

/// Waits a moment; false where it is time to end.
bool wait_a_moment(const Output& out) {
  pollfd reader{out.descriptor(), 0, 0};
  ::poll(&reader, 1, poll_ms);
  return interrupted == 0 && (reader.revents & (POLLERR | POLLHUP | POLLNVAL)) == 0;
}

class Follower {
 public:
  Follower(Context& context, Selector& selector, const Chosen& chosen, ReadOptions options,
           Printer& printer)
      : context_{context},
        selector_{selector},
        chosen_{chosen},
        options_{std::move(options)},
        printer_{printer} {}

  /// Prints what is there; `newest_max`: of what matches, only so many.
  int begin(std::optional<std::uint64_t> newest_max) {
    auto reader = selector_.read(chosen_, options_);
    if (!reader) return context_.refuse(reader.error());
    reader_ = std::move(*reader);
    return newest_max ? print_newest(*newest_max) : print_all();
  }

  /// Prints what has come since.
  int go_on() {
    const auto grown = reader_->look_again();
    if (grown) return *grown ? print_all() : Status::fine;
    if (grown.error().code != Code::corrupt) return context_.refuse(grown.error());
    // A salvage, say: other events stand there now. What follows them is told all the same.
    context_.warn(grown.error().message);
    return skip_to_end();
  }

  bool at_end() const { return reader_->report().last_sequence_number >= options_.filter.to_seq; }
  int status() const { return status_; }

 private:
  template <class Use>
  int read_on(Use use) {
    for (;;) {
      const auto batch = reader_->next();
      if (!batch) return context_.refuse(with_advice(batch.error(), chosen_));
      if (batch->empty()) break;
      for (const EventView& event : *batch) use(event);
      if (!printer_.flush()) return Status::fine;
    }
    tell_findings();
    return Status::fine;
  }

  int print_all() {
    const int status = read_on([&](const EventView& event) { printer_.event(event); });
    printer_.flush();
    return status;
  }

  int print_newest(std::uint64_t newest_max) {
    std::deque<KeptEvent> newest;
    const int status = read_on([&](const EventView& event) {
      if (newest_max == 0) return;
      newest.emplace_back(event);
      if (newest.size() > newest_max) newest.pop_front();
    });
    for (const KeptEvent& event : newest) printer_.event(event.view());
    printer_.flush();
    return status;
  }

  int skip_to_end() {
    auto reader = selector_.read(chosen_, options_);
    if (!reader) return context_.refuse(reader.error());
    reader_ = std::move(*reader);
    return read_on([](const EventView&) {});
  }

  void tell_findings() {
    const ReadReport& report = reader_->report();
    if (report.finding_count <= told_) return;
    told_ = report.finding_count;
    status_ = tell_report(context_, report, options_.on_corrupt);
  }

  Context& context_;
  Selector& selector_;
  const Chosen& chosen_;
  const ReadOptions options_;
  Printer& printer_;
  std::unique_ptr<EventReader> reader_;
  std::uint64_t told_ = 0;
  int status_ = Status::fine;
};

}  // namespace

int follow(Context& context, Selector& selector, const Chosen& chosen, const ReplayOptions& options,
           ReadOptions read_options, Printer& printer) {
  stop_at_signals();
  Follower follower{context, selector, chosen, std::move(read_options), printer};
  int status = follower.begin(options.newest);
  while (status == Status::fine && !context.out.done() && !follower.at_end() &&
         wait_a_moment(context.out)) {
    status = follower.go_on();
  }
  printer.end();
  return context.finish(status == Status::fine ? follower.status() : status);
}

}  // namespace agentstore::cmd
