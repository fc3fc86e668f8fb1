#include "cmd/replay/follow.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "cmd/input/event_spill.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/replay/waiting.hpp"

namespace agentstore::cmd {
namespace {

/// Which events were shown. Of a log that was cut back, replaced or salvaged the same events may
/// come again, under other numbers.
class Shown {
 public:
  /// Whether the event is new; it no longer is then.
  bool add(const EventView& event) {
    constexpr std::size_t kept_max = std::size_t{1} << 20;
    const std::size_t key = key_of(event);
    if (!keys_.insert(key).second) return false;
    order_.push_back(key);
    if (order_.size() > kept_max) {
      keys_.erase(order_.front());
      order_.pop_front();
    }
    return true;
  }

 private:
  static std::size_t key_of(const EventView& event) {
    std::size_t key = static_cast<std::size_t>(event.timestamp.seconds);
    for (const std::string_view part :
         {event.event_id, event.type, std::string_view{event.payload}})
      key = key * 31 + std::hash<std::string_view>{}(part);
    return key * 31 + static_cast<std::size_t>(event.timestamp.nanoseconds);
  }

  std::unordered_set<std::size_t> keys_;
  std::deque<std::size_t> order_;
};

class Follower {
 public:
  Follower(Context& context, const Input& input, ReadOptions options, Printer& printer)
      : context_{context}, input_{input}, options_{std::move(options)}, printer_{printer} {}

  /// Prints what is there; `newest_max`: of what matches, only so many.
  int begin(std::optional<std::uint64_t> newest_max) {
    auto reader = input_.read(options_);
    if (!reader) return context_.refuse(reader.error());
    reader_ = std::move(*reader);
    return newest_max ? print_newest(*newest_max) : print_all();
  }

  /// Prints what has come since.
  int go_on() {
    const auto grown = reader_->poll();
    if (grown) return *grown ? print_all() : Status::fine;
    if (grown.error().code != Code::corrupt) return context_.refuse(grown.error());
    tell(grown.error().message);
    return start_over();
  }

  bool at_end() const { return reader_->report().last_sequence_number >= options_.filter.to_seq; }
  /// What was still wrong with the log when it was last looked at.
  int status() const { return status_; }

 private:
  // Damage and loss are told, and waited out.
  template <class Use>
  int read_on(Use use) {
    for (;;) {
      const auto batch = reader_->next();
      if (!batch && batch.error().code != Code::corrupt)
        return context_.refuse(with_advice(batch.error(), input_));
      if (!batch) {
        tell(batch.error().message);
        return Status::fine;
      }
      if (batch->empty()) break;
      for (const EventView& event : *batch)
        if (shown_.add(event) || !again_) use(event);
      if (!printer_.flush()) return Status::fine;
    }
    status_ = Status::fine;
    told_.clear();
    tell_findings();
    return Status::fine;
  }

  int print_all() {
    const int status = read_on([&](const EventView& event) { printer_.event(event); });
    printer_.flush();
    return status;
  }

  int print_newest(std::uint64_t newest_max) {
    std::deque<OwnedEvent> newest;
    const int status = read_on([&](const EventView& event) {
      if (newest_max == 0) return;
      newest.emplace_back(event);
      if (newest.size() > newest_max) newest.pop_front();
    });
    for (const OwnedEvent& event : newest) printer_.event(event.view());
    printer_.flush();
    return status;
  }

  // The log was cut back, or another one lies in its place: what of it was not shown is.
  int start_over() {
    auto reader = input_.read(options_);
    if (!reader && reader.error().code == Code::not_found) return Status::fine;  // Not yet.
    if (!reader) return context_.refuse(reader.error());
    reader_ = std::move(*reader);
    again_ = true;
    told_findings_ = 0;
    finding_status_ = Status::fine;
    return print_all();
  }

  // Once, as long as it stays the same.
  void tell(const std::string& what) {
    status_ = Status::finding;
    if (what != told_) context_.warn(what);
    told_ = what;
  }

  void tell_findings() {
    const ReadReport& report = reader_->report();
    if (report.finding_count > told_findings_)
      finding_status_ = tell_report(context_, report, options_.on_corrupt);
    told_findings_ = report.finding_count;
    status_ = finding_status_;
  }

  Context& context_;
  const Input& input_;
  const ReadOptions options_;
  Printer& printer_;
  std::unique_ptr<EventReader> reader_;
  Shown shown_;
  bool again_ = false;  // events that were shown may come again
  std::string told_;    // what was wrong when it was last looked at
  std::uint64_t told_findings_ = 0;
  int finding_status_ = Status::fine;
  int status_ = Status::fine;
};

}  // namespace

int follow(Context& context, const Input& input, const ReplayCommand& options,
           ReadOptions read_options, Printer& printer) {
  stop_at_signals();
  Follower follower{context, input, std::move(read_options), printer};
  int status = follower.begin(options.newest);
  while (status == Status::fine && !context.out.done() && !follower.at_end() &&
         wait_a_moment(context.out)) {
    status = follower.go_on();
  }
  printer.end();
  return context.finish(status == Status::fine ? follower.status() : status);
}

}  // namespace agentstore::cmd
