#include "formats/answers/show.hpp"

#include "cmd/commands.hpp"
#include "cmd/gates/gate.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/replay/context_at.hpp"
#include "cmd/replay/shown_events.hpp"

namespace agentstore::cmd {
namespace {

/// What was named: the session, and which of its events.
struct Named {
  std::unique_ptr<Input> input;
  std::vector<std::string> events;
};

// A session's name may hold a `#`: where there is none without it, the word is taken as it is.
Result<Named> find_named(Selector& selector, const ShowCommand& options) {
  const EventWord word = parse_event_word(options.session);
  auto input = selector.choose(word.session);
  if (!input && !word.event.empty() && input.error().code == Code::not_found)
    if (auto whole = selector.choose(options.session))
      return Named{std::move(*whole), options.events};
  if (!input) return std::unexpected{input.error()};
  Named named{std::move(*input), options.events};
  if (!word.event.empty()) named.events.insert(named.events.begin(), std::string{word.event});
  return named;
}

/// Prints each event; in JSON, in an envelope.
class EventPrinter {
 public:
  EventPrinter(Context& context, const Input& input, const std::string& session_id)
      : context_{context}, screen_{context.screen()} {
    if (context.common.json) {
      json_.emplace(context.out, session_id);
      return;
    }
    Session session = input.session();
    session.id = session_id;
    formats::write_show_head(context.out, session, input.title(), screen_);
  }

  bool event(const formats::ShownEvent& shown) {
    if (json_) {
      json_->add(shown);
    } else {
      context_.out.write("\n");
      formats::write_event(context_.out, shown, screen_, context_.common.verbose);
    }
    return context_.out.flush();
  }

  void end() {
    if (json_) json_->end();
  }

 private:
  Context& context_;
  const formats::Screen screen_;
  std::optional<formats::ShowJson> json_;
};

int show_context(Context& context, const Input& input, const History& history, ShownEvents& events,
                 OnCorrupt on_corrupt) {
  const auto number = events.last_chosen();
  if (!number) return context.refuse(with_advice(number.error(), input));
  const auto found = context_at(history, *number, on_corrupt);
  if (!found) return context.refuse(with_advice(found.error(), input));
  if (context.common.json) {
    formats::write_context_json(context.out, *found, history.session_id);
    return context.finish(Status::fine);
  }
  const formats::Screen screen = context.screen();
  Session session = input.session();
  session.id = history.session_id;
  formats::write_show_head(context.out, session, input.title(), screen);
  context.out.write("in context at #" + std::to_string(*number) + "\n\n");
  formats::write_context(context.out, *found, screen, context.common.verbose);
  return context.finish(Status::fine);
}

}  // namespace

int run(Context& context, const ShowCommand& options) {
  const auto on_corrupt = parse_on_corrupt(options.on_corrupt);
  if (!on_corrupt) return context.refuse(on_corrupt.error());
  Selector selector{context};
  const auto named = find_named(selector, options);
  if (!named) return context.refuse(named.error());
  const Input& input = *named->input;
  const auto history = input.history();
  if (!history) return context.refuse(with_advice(history.error(), input));
  ShownEvents events{*history, input.label(), *on_corrupt};
  if (auto chosen = events.choose(named->events); !chosen)
    return context.refuse(with_advice(chosen.error(), input));
  context.start_pager();
  if (options.context) return show_context(context, input, *history, events, *on_corrupt);
  EventPrinter printer{context, input, history->session_id};
  const auto report =
      events.each([&](const formats::ShownEvent& shown) { return printer.event(shown); });
  if (!report) return context.finish(context.refuse(with_advice(report.error(), input)));
  printer.end();
  Gate gate{context, {.decides = false, .on_corrupt = *on_corrupt}};
  gate.lacks_files(selector.unreadable());
  if (!context.out.done()) gate.read(*report);
  return context.finish(gate.status(true));
}

}  // namespace agentstore::cmd
