// Each log is looked at once beforehand: when its events begin, and whether its times ever run
// backwards. One whose times do not is read as a stream, from the instant on at which it begins;
// of one whose times do, the places of its events are sorted, and its lines fetched one by one.

#include "store/merge.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <queue>
#include <tuple>
#include <utility>

#include "store/reader.hpp"

namespace agentstore {
namespace {

constexpr std::size_t batch_events = 256;

// Owns one event's bytes: those of a batch are gone when the next one is read.
struct OwnedEvent {
  EventView event;
  std::string line;
  log::Arena arena;
};

struct Place {
  Timestamp at;
  std::uint64_t sequence_number;
  std::uint64_t offset_bytes;
  std::uint64_t size_bytes;
  friend bool operator<(const Place& left, const Place& right) {
    return std::tie(left.at, left.sequence_number) < std::tie(right.at, right.sequence_number);
  }
};

class Stream {
 public:
  Stream(std::string session_id, const OpenLog& open, const ReadOptions& options)
      : session_id_(std::move(session_id)),
        open_(open),
        on_corrupt_(options.on_corrupt),
        seals_(options.seals),
        filter_(filter_of_stored(options.filter, options.upcasts)) {
    // All of a log is looked at, also what stands before the first event that is wanted.
    filter_.from_seq = Filter{}.from_seq;
    filter_.to_seq = Filter{}.to_seq;
    filter_.newest = 0;
  }

  // The look beforehand. False: there is nothing to read. What is wrong with a log goes to
  // `failure`; what can be read before it is a stream all the same.
  Result<bool> survey(ReadReport& report, std::optional<Error>& failure) {
    std::optional<Timestamp> last;
    bool monotonic = true;
    auto reader = open_reader();
    if (!reader) return std::unexpected(reader.error());
    for (;;) {
      const auto batch = (*reader)->next();
      if (!batch) {
        failure = batch.error();
        if (failure->code != Code::corrupt) return false;
        on_corrupt_ = OnCorrupt::prefix;
        break;
      }
      if (batch->empty()) break;
      for (const EventView& event : *batch) {
        begins_at_ = std::min(last ? begins_at_ : event.timestamp, event.timestamp);
        monotonic = monotonic && (!last || event.timestamp >= *last);
        last = event.timestamp;
      }
    }
    add((*reader)->report(), report);
    return monotonic || !last ? Result<bool>{last.has_value()} : sort_places();
  }

  Timestamp begins_at() const { return begins_at_; }
  const std::string& session_id() const { return session_id_; }
  const EventView& event() const { return event_; }

  // To the next event; false at the end, and every buffer is let go.
  Result<bool> step() { return places_.empty() ? step_stream() : step_place(); }

 private:
  Result<std::unique_ptr<LogReader>> open_reader() {
    auto source = open_(session_id_);
    if (!source) return std::unexpected(source.error());
    log::ScanOptions scan{.session_id = session_id_,
                          .on_corrupt = on_corrupt_,
                          .check_hashes = checks_seals(seals_, **source)};
    return LogReader::open(std::move(*source), std::move(scan), filter_);
  }

  static void add(const ReadReport& one, ReadReport& all) {
    all.events += one.events;
    all.unsealed += one.unsealed;
    all.finding_count += one.finding_count;
    for (Finding finding : one.findings) {
      finding.message = one.log_name + ": " + finding.message;
      all.findings.push_back(std::move(finding));
    }
    all.verdict = std::max(all.verdict, one.verdict);
    all.seals_checked = all.seals_checked && one.seals_checked;
  }

  Result<bool> sort_places() {
    auto reader = open_reader();
    if (!reader) return std::unexpected(reader.error());
    const auto done = for_each_event(**reader, [&](const EventView& event) {
      places_.push_back(
          {event.timestamp, event.sequence_number, event.offset_bytes, event.line.size()});
    });
    if (!done) return std::unexpected(done.error());
    std::stable_sort(places_.begin(), places_.end());
    return !places_.empty();
  }

  Result<bool> step_stream() {
    if (!reader_) {
      auto reader = open_reader();
      if (!reader) return std::unexpected(reader.error());
      reader_ = std::move(*reader);
    }
    if (at_ == batch_.size()) {
      const auto batch = reader_->next();
      if (!batch) return std::unexpected(batch.error());
      batch_ = *batch;
      at_ = 0;
      if (batch_.empty()) {
        reader_.reset();
        return false;
      }
    }
    event_ = batch_[at_++];
    return true;
  }

  Result<bool> step_place() {
    if (at_ == places_.size()) {
      source_.reset();
      return false;
    }
    if (!source_) {
      auto source = open_(session_id_);
      if (!source) return std::unexpected(source.error());
      source_ = std::move(*source);
      auto last = log::last_redactions(*source_);
      if (!last) return std::unexpected(last.error());
      hidden_ = std::move(*last);
    }
    const Place& place = places_[at_++];
    owned_.line.resize(place.size_bytes);
    const auto got = source_->read_at(place.offset_bytes, owned_.line.data(), owned_.line.size());
    if (!got) return std::unexpected(got.error());
    log::Line line;
    owned_.arena.clear();
    if (*got < owned_.line.size() || log::parse_line(owned_.line, owned_.arena, line)) {
      return fail(Code::corrupt, source_->name() + " changed while it was read");
    }
    if (!hidden_.empty()) log::hide(line, hidden_, owned_.arena);
    event_ = line.event;
    event_.offset_bytes = place.offset_bytes;
    return true;
  }

  std::string session_id_;
  const OpenLog& open_;
  OnCorrupt on_corrupt_;
  const Seals seals_;
  Filter filter_;
  Timestamp begins_at_;
  EventView event_;
  std::size_t at_ = 0;
  // In order of time:
  std::unique_ptr<LogReader> reader_;
  std::span<const EventView> batch_;
  // Out of order:
  std::vector<Place> places_;
  std::unique_ptr<log::ByteSource> source_;
  log::Redactions hidden_;
  OwnedEvent owned_;
};

class MergedReader : public EventReader {
 public:
  MergedReader(OpenLog open, ReadOptions options)
      : open_(std::move(open)), options_(std::move(options)) {}

  void survey(const std::vector<std::string>& session_ids) {
    report_.log_name = "all sessions";
    for (const std::string& id : session_ids) {
      auto stream = std::make_unique<Stream>(id, open_, options_);
      std::optional<Error> failure;
      const auto any = stream->survey(report_, failure);
      if (failure) failures_.push_back(std::move(*failure));
      if (!any) failures_.push_back(any.error());
      else if (*any) waiting_.push_back(std::move(stream));
    }
    std::sort(waiting_.begin(), waiting_.end(), [](const auto& left, const auto& right) {
      return left->begins_at() > right->begins_at();
    });
  }

  Result<std::span<const EventView>> next() override {
    if (std::exchange(giving_, true)) return left_by_exception();
    auto batch = next_batch();
    giving_ = false;
    return batch;
  }

  Result<bool> poll() override { return false; }
  const ReadReport& report() const override { return report_; }

 private:
  Result<std::span<const EventView>> next_batch() {
    given_.clear();
    events_.clear();
    while (events_.size() < batch_events) {
      if (auto begun = begin_streams(); !begun) return std::unexpected(begun.error());
      if (streams_.empty()) {
        if (events_.empty() && !failures_.empty()) return failed();
        break;
      }
      Stream* const first = streams_.top();
      streams_.pop();
      if (auto given = give(first->event()); !given) return std::unexpected(given.error());
      if (auto kept = step(first); !kept) return std::unexpected(kept.error());
    }
    return events_;
  }

  struct Later {
    bool operator()(const Stream* left, const Stream* right) const {
      return std::tuple{left->event().timestamp, std::string_view{left->session_id()},
                        left->event().sequence_number} >
             std::tuple{right->event().timestamp, std::string_view{right->session_id()},
                        right->event().sequence_number};
    }
  };

  // The other sessions come first: then the first failure, once, with the number of the others.
  std::unexpected<Error> failed() {
    Error first = failures_.front();
    if (failures_.size() > 1) {
      first.message += " (and " + std::to_string(failures_.size() - 1) + " more sessions)";
    }
    failures_.clear();
    return std::unexpected(std::move(first));
  }

  // Opens every stream that begins before, or at, the earliest event in sight.
  Result<void> begin_streams() {
    while (!waiting_.empty() && (streams_.empty() || waiting_.back()->begins_at() <=
                                                         streams_.top()->event().timestamp)) {
      active_.push_back(std::move(waiting_.back()));
      waiting_.pop_back();
      if (auto stepped = step(active_.back().get()); !stepped) return stepped;
    }
    return {};
  }

  Result<void> step(Stream* stream) {
    const auto more = stream->step();
    if (!more) return std::unexpected(more.error());
    if (*more) streams_.push(stream);
    else std::erase_if(active_, [&](const auto& each) { return each.get() == stream; });
    return {};
  }

  // Gives the event, if it passes the filter. Keeps a copy: the stream goes on before the batch is
  // given.
  Result<void> give(const EventView& event) {
    if (!options_.filter.in_range(event)) return {};
    if (options_.upcasts == nullptr && !options_.filter.matches(event)) return {};
    OwnedEvent& owned = given_.emplace_back();
    owned.line = event.line;
    log::Line line;
    log::parse_line(owned.line, owned.arena, line);
    line.event.offset_bytes = event.offset_bytes;
    if (options_.upcasts != nullptr) {
      if (auto done = options_.upcasts->apply(line.event, owned.arena); !done) return done;
    }
    if (options_.filter.matches(line.event)) events_.push_back(line.event);
    else given_.pop_back();
    return {};
  }

  OpenLog open_;
  ReadOptions options_;
  ReadReport report_;
  std::vector<Error> failures_;
  std::vector<std::unique_ptr<Stream>> waiting_;  // the one that begins first is last
  std::vector<std::unique_ptr<Stream>> active_;
  std::priority_queue<Stream*, std::vector<Stream*>, Later> streams_;
  std::deque<OwnedEvent> given_;
  bool giving_ = false;  // inside a batch: a callback that threw left it
  std::vector<EventView> events_;
};

}  // namespace

Result<std::unique_ptr<EventReader>> make_merged_reader(std::vector<std::string> session_ids,
                                                        OpenLog open, ReadOptions options) {
  auto reader = std::make_unique<MergedReader>(std::move(open), std::move(options));
  reader->survey(session_ids);
  return reader;
}

}  // namespace agentstore
