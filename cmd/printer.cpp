#include "cmd/printer.hpp"

#include <utility>

#include "formats/units.hpp"

namespace agentstore::cmd {
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

Printer::Printer(Context& context, Format format, std::optional<Chosen> session,
                 std::map<std::string, std::string, std::less<>> names)
    : context_{context},
      format_{format},
      session_{std::move(session)},
      timeline_{context.out, timeline_options(context, !session_, std::move(names))},
      array_{context.out} {}

// The lines as stored, unless rules were given to read them by.
std::string_view Printer::line_of(const EventView& event) {
  if (!event.upcast || context_.common.upcasts.empty()) return event.line;
  upcast_line_ = formats::line_of_upcast(event);
  return upcast_line_;
}

void Printer::begin(const EventView* first) {
  begun_ = true;
  if (format_ != Format::timeline) return;
  if (!session_) {
    timeline_.begin("all sessions");
    return;
  }
  Session session = session_->session;
  if (!session_->path.empty()) {
    // Of a log by path, all that is known is what its first event says.
    session.id = session_->label();
    if (first != nullptr) {
      session.id = first->session_id;
      session.created_at = first->timestamp;
    }
  }
  timeline_.begin(session);
}

void Printer::event(const EventView& event) {
  ++events_;
  if (format_ == Format::nothing) return;
  if (!begun_) begin(&event);
  if (format_ == Format::jsonl) {
    context_.out.write(line_of(event));
    context_.out.write("\n");
  } else if (format_ == Format::json) {
    array_.add(line_of(event));
  } else {
    timeline_.event(event);
    if (totals_failed_) return;
    const auto added = totals_.add(event);
    if (!added) context_.warn("the total is incomplete: " + added.error().message);
    totals_failed_ = !added;
  }
}

void Printer::end() {
  if (format_ == Format::nothing) return;
  if (!begun_) begin(nullptr);
  if (format_ == Format::json) array_.end();
  if (format_ == Format::timeline) timeline_.end(totals_);
}

}  // namespace agentstore::cmd
