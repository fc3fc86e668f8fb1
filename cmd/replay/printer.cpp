#include "cmd/replay/printer.hpp"

#include <utility>

#include "agentstore/json.hpp"
#include "cmd/replay/timeline_options.hpp"
#include "cmd/words/where.hpp"
#include "formats/events/total_text.hpp"

namespace agentstore::cmd {

/// Events that follow one another, as text.
class PrintedPart : public Part {
 public:
  explicit PrintedPart(Printer& printer)
      : timeline{sink, printer.timeline_options_}, printer_{printer} {}

  void restart() override {
    sink.text.clear();
    layout_before = printer_.layout();
    timeline.go_on_with(layout_before);
    totals = {};
    totals_error.reset();
    count = 0;
    met.assign(printer_.fields_.size(), false);
  }

  Result<void> take(std::span<const EventView> events) override {
    if (count == 0) {
      first_session = events.front().session_id;
      first_at = events.front().timestamp;
    }
    last_at = events.back().timestamp;
    count += events.size();
    if (printer_.gives_lines() && met.empty())
      sink.text.reserve(sink.text.size() + formats::bytes_of_lines(events));
    for (const EventView& event : events) add(event);
    return {};
  }

  formats::TimelineLayout layout_before;
  formats::StringSink sink;
  formats::Timeline timeline;
  CountedTotals totals;
  std::optional<Error> totals_error;
  std::uint64_t count = 0;
  std::string first_session;
  Timestamp first_at;
  Timestamp last_at;
  std::vector<bool> met;  // of the fields

 private:
  void add(const EventView& event) {
    switch (printer_.format_) {
      case Printer::Format::nothing: return;
      case Printer::Format::jsonl:
        add_line(event);
        sink.text += '\n';
        return;
      case Printer::Format::json:
        sink.text += formats::JsonArray::separator;
        add_line(event);
        return;
      case Printer::Format::timeline: break;
    }
    timeline.event(event, totals_error ? is_tool_error(event) : add_to_totals(event));
  }

  // Gives what is_tool_error says, which the totals count.
  bool add_to_totals(const EventView& event) {
    const std::uint64_t failed_before = totals.of_events().tool_errors;
    if (auto added = totals.add(event); !added) totals_error = std::move(added.error());
    return totals.of_events().tool_errors > failed_before;
  }

  void add_fields(const EventView& event) {
    char before = '{';
    for (std::size_t i = 0; i < met.size(); ++i) {
      const auto value = event_field(event, printer_.fields_[i]);
      if (value) met[i] = true;
      sink.text += before;
      json::append_quoted(sink.text, printer_.fields_[i]);
      sink.text += ':';
      sink.text += value.value_or("null");
      before = ',';
    }
    sink.text += '}';
  }

  // The line as stored, unless rules were given to read it by.
  void add_line(const EventView& event) {
    if (!met.empty()) add_fields(event);
    else if (event.upcast && printer_.shows_upcasts_) sink.text += formats::line_of_upcast(event);
    else sink.text += event.line;
  }

  Printer& printer_;
};

Printer::~Printer() = default;

Printer::Printer(Context& context, Format format, const Input* session,
                 formats::TimelineOptions timeline)
    : context_{context},
      format_{format},
      session_{session},
      timeline_options_{std::move(timeline)},
      timeline_{context.out, timeline_options_},
      array_{context.out},
      shows_upcasts_{!context.common.upcasts.empty()} {
  if (format_ != Format::timeline) return;
  if (session_ != nullptr) title_ = session_->title();
  layout_ = layout_before(session_, timeline_options_);
  timeline_.go_on_with(layout_);
}

bool Printer::in_order() const {
  return format_ == Format::timeline && (timeline_options_.pairs || timeline_options_.fold ||
                                         timeline_options_.time == formats::TimeStyle::delta);
}

formats::TimelineLayout Printer::layout() {
  const std::lock_guard guard{lock_};
  return layout_;
}

Parts Printer::parts() {
  return {.make = [this] { return std::make_unique<PrintedPart>(*this); },
          .join =
              [this](Part& part) {
                const Joined joined = join(dynamic_cast<PrintedPart&>(part));
                return flush() ? joined : Joined::enough;
              }};
}

void Printer::print(const EventView& event) {
  ++events_;
  if (!begun_) begin(event);
  bool failed = false;
  if (totals_failed_) {
    failed = is_tool_error(event);
  } else {
    const std::uint64_t failed_before = totals_.of_events().tool_errors;
    if (auto added = totals_.add(event); !added) {
      context_.warn("the total is incomplete: " + added.error().message);
      totals_failed_ = true;
    }
    failed = totals_.of_events().tool_errors > failed_before;
  }
  timeline_.event(event, failed);
}

void Printer::event(const EventView& event) {
  if (format_ == Format::timeline) return print(event);
  if (!single_) single_ = std::make_unique<PrintedPart>(*this);
  single_->restart();
  (void)single_->take({&event, 1});
  join(*single_);
}

void Printer::choose_fields(std::vector<std::string> fields) {
  fields_ = std::move(fields);
  met_.assign(fields_.size(), false);
}

std::vector<std::string> Printer::unmet_fields() const {
  std::vector<std::string> unmet;
  for (std::size_t i = 0; i < fields_.size(); ++i)
    if (!met_[i]) unmet.push_back(fields_[i]);
  return unmet;
}

Joined Printer::join(PrintedPart& part) {
  if (part.count == 0) return Joined::taken;
  for (std::size_t i = 0; i < met_.size(); ++i) met_[i] = met_[i] || part.met[i];
  if (format_ == Format::nothing) {
    events_ += part.count;
    return Joined::taken;
  }
  if (format_ == Format::timeline) {
    const std::lock_guard guard{lock_};
    if (part.layout_before != layout_) return Joined::again;
    layout_ = part.timeline.layout();
  }
  events_ += part.count;
  if (!begun_) begin(part);
  if (format_ == Format::timeline) timeline_.lines_follow(part.first_at, part.last_at);
  if (format_ == Format::json) array_.add_all(part.sink.text);
  else context_.out.write(part.sink.text);
  add_totals(part);
  return context_.out.done() ? Joined::enough : Joined::taken;
}

void Printer::add_totals(PrintedPart& part) {
  if (totals_failed_) return;
  auto added = part.totals_error ? Result<void>{std::unexpected{*part.totals_error}}
                                 : totals_.merge(std::move(part.totals));
  if (!added) context_.warn("the total is incomplete: " + added.error().message);
  totals_failed_ = !added;
}

void Printer::begin(const PrintedPart& first) {
  EventView event;
  event.session_id = first.first_session;
  event.timestamp = first.first_at;
  begin(event);
}

void Printer::begin(const EventView& first) {
  begun_ = true;
  if (format_ != Format::timeline) return;
  if (session_ == nullptr) {
    timeline_.begin("all sessions", first.timestamp);
    return;
  }
  Session session = session_->session();
  if (!session_->of_store()) {
    // Of a log by path, all that is known is what its first event says.
    session.id = first.session_id;
    session.created_at = first.timestamp;
    if (session.labels.empty()) session.labels = session_->labels();
  }
  timeline_.begin(session, title_, first.timestamp);
}

void Printer::end() {
  if (format_ == Format::nothing) return;
  if (format_ == Format::json) array_.end();
  if (format_ != Format::timeline) return;
  const auto sum = totals_.sum();
  if (!sum && !totals_failed_) context_.warn("the total is incomplete: " + sum.error().message);
  const Totals& total = sum ? *sum : totals_.of_events();
  // Of nothing there is no frame.
  if (events_ == 0) context_.out.write(formats::total_text(total) + "\n");
  else timeline_.end(total);
}

}  // namespace agentstore::cmd
