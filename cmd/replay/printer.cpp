#include "cmd/replay/printer.hpp"

#include <utility>

#include "agentstore/json.hpp"
#include "cmd/words/where.hpp"
#include "formats/units.hpp"

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

namespace {

formats::TimelineOptions timeline_options(const Context& context, bool all,
                                          std::map<std::string, std::string, std::less<>> names) {
  formats::TimelineOptions options{.screen = {.columns = context.width, .color = context.color}};
  if (all)
    options.session_name = [names = std::move(names)](std::string_view id) {
      const auto found = names.find(id);
      return found == names.end() || found->second.empty() ? formats::short_id(id) : found->second;
    };
  return options;
}

}  // namespace

Printer::~Printer() = default;

Printer::Printer(Context& context, Format format, const Input* session,
                 std::map<std::string, std::string, std::less<>> names)
    : context_{context},
      format_{format},
      session_{session},
      timeline_options_{timeline_options(context, session_ == nullptr, std::move(names))},
      array_{context.out},
      shows_upcasts_{!context.common.upcasts.empty()} {
  if (session_ == nullptr) return;
  if (format_ == Format::timeline) title_ = session_->title();
  if (session_->of_store()) layout_ = formats::layout_of(session_->session());
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

void Printer::event(const EventView& event) {
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
  if (!begun_) begin(&part);
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

void Printer::begin(const PrintedPart* first) {
  begun_ = true;
  if (format_ != Format::timeline) return;
  formats::Timeline frame{context_.out, timeline_options_};
  if (session_ == nullptr) {
    frame.begin("all sessions");
    return;
  }
  Session session = session_->session();
  if (!session_->of_store()) {
    // Of a log by path, all that is known is what its first event says.
    session.id = session_->label();
    if (first != nullptr) {
      session.id = first->first_session;
      session.created_at = first->first_at;
    }
  }
  frame.begin(session, title_);
}

void Printer::end() {
  if (format_ == Format::nothing) return;
  if (!begun_) begin(nullptr);
  if (format_ == Format::json) array_.end();
  if (format_ != Format::timeline) return;
  const auto sum = totals_.sum();
  if (!sum && !totals_failed_) context_.warn("the total is incomplete: " + sum.error().message);
  formats::Timeline{context_.out, timeline_options_}.end(sum ? *sum : totals_.of_events());
}

}  // namespace agentstore::cmd
