#include "cmd/replay/chat.hpp"

#include <array>
#include <deque>

#include "cmd/gates/gate.hpp"
#include "cmd/gates/unmatched.hpp"
#include "cmd/input/read_report.hpp"
#include "formats/answers/show.hpp"
#include "formats/events/chat.hpp"

namespace agentstore::cmd {
namespace {

/// The newest prompts and answers, with the calls between them; all, where no number is given.
class Newest {
 public:
  Newest(formats::Chat& chat, std::optional<std::uint64_t> count) : chat_{chat}, count_{count} {}

  void add(formats::ChatItem item) {
    if (!count_) return chat_.add(std::move(item));
    if (is_said(item)) ++said_;
    kept_.push_back(std::move(item));
    while (!kept_.empty() && (said_ > *count_ || (said_ == *count_ && !is_said(kept_.front())))) {
      if (is_said(kept_.front())) --said_;
      kept_.pop_front();
    }
  }
  void end() {
    for (formats::ChatItem& item : kept_) chat_.add(std::move(item));
  }

 private:
  static bool is_said(const formats::ChatItem& item) {
    return item.kind == formats::ChatItem::Kind::said;
  }

  formats::Chat& chat_;
  const std::optional<std::uint64_t> count_;
  std::deque<formats::ChatItem> kept_;
  std::uint64_t said_ = 0;
};

/// What is to be known before the first line: how each call will have ended, and who calls.
struct Ahead {
  formats::CallPairs pairs;
  std::string agent;
};

Result<Ahead> look_ahead(const History& history, const ReadOptions& read) {
  Ahead ahead;
  const auto seen = for_each_event(history.read, {.on_corrupt = read.on_corrupt, .raw = read.raw},
                                   [&](const EventView& event) {
                                     ahead.pairs.take(event);
                                     if (ahead.agent.empty() && event.type == llm_response)
                                       ahead.agent = formats::agent_of(event);
                                   });
  if (!seen) return std::unexpected{seen.error()};
  return ahead;
}

}  // namespace

Result<void> check_chat(const ReplayCommand& options, bool json) {
  if (!options.chat) return {};
  if (json || options.format != "timeline" || options.fields)
    return fail(Code::invalid, "--chat is for people",
                "`agentstore state SESSION --projection conversation --json` is for machines");
  if (options.all || options.follow || options.reverse || options.quiet ||
      !options.assertions.empty() || options.state || options.patch || options.step)
    return fail(
        Code::invalid, "--chat prints one session from its beginning on",
        "leave out --all, --follow, --reverse, --quiet, --assert, --state, --patch, --step");
  return {};
}

std::string agent_name(const Input& input) {
  std::string agent = formats::agent_of(input.labels());
  if (agent.empty()) agent = formats::agent_of(Labels{{"agent_type", input.recorded_by()}});
  return agent;
}

int replay_chat(Context& context, const Input& input, const ReplayCommand& options,
                ReadOptions read, const Where& where) {
  const auto history = input.history();
  if (!history) return context.refuse(with_advice(history.error(), input));
  const auto ahead = look_ahead(*history, read);
  if (!ahead) return context.refuse(with_advice(ahead.error(), input));
  context.start_pager();
  const formats::Screen screen = context.screen();
  Session session = input.session();
  session.id = history->session_id;
  formats::write_show_head(context.out, session, input.title(), screen);

  formats::Chat chat{context.out, screen, ahead->agent};
  Newest newest{chat, options.newest};
  const std::string agent = agent_name(input);
  const Filter asked = read.filter;
  read.filter.newest = 0;
  const OnCorrupt on_corrupt = read.on_corrupt;
  std::uint64_t matched = 0;
  const auto reader = history->read(std::move(read));
  if (!reader) return context.refuse(with_advice(reader.error(), input));
  const auto printed = for_each_event(**reader, [&](const EventView& event) -> Result<void> {
    ++matched;
    if (auto item = formats::chat_item(event, ahead->pairs, agent)) newest.add(std::move(*item));
    return {};
  });
  if (printed) newest.end();
  const int told = where.tell(context, Status::fine);
  if (!printed) return context.finish(context.refuse(with_advice(printed.error(), input)));
  Gate gate{context, {.decides = false, .on_corrupt = on_corrupt}};
  if (!context.out.done()) {
    gate.read((*reader)->report());
    const Filter looked_for{
        .from_seq = asked.from_seq, .types = asked.types, .not_types = asked.not_types};
    if (matched == 0) tell_unmatched(gate, context, std::array{&input}, looked_for, {});
  }
  gate.add_failure(told);
  return context.finish(gate.status(true));
}

}  // namespace agentstore::cmd
