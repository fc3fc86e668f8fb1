#include "formats/state.hpp"

#include <charconv>

#include "cmd/commands.hpp"
#include "cmd/select.hpp"

namespace agentstore::cmd {
namespace {

struct Point {
  Filter filter;
  std::optional<Timestamp> at;
  std::optional<Timestamp> before;
  std::optional<std::uint64_t> sequence;

  bool is_now() const { return !at && !before && !sequence; }
};

Result<Point> read_point(const StateOptions& options, const Zone& zone) {
  Point point;
  if (options.sequence.has_value() + options.at.has_value() + options.before.has_value() > 1)
    return fail(Code::invalid, "--seq, --at and --before name one point in time: give one of them");
  if (options.sequence) point.filter.to_seq = *(point.sequence = options.sequence);
  if (options.at) {
    const auto at = parse_time(*options.at, Day::last_instant, zone, now());
    if (!at) return std::unexpected{at.error()};
    point.filter.until = point.at = *at;
  }
  if (options.before) {
    const auto before = parse_time(*options.before, Day::first_instant, zone, now());
    if (!before) return std::unexpected{before.error()};
    point.filter.before = point.before = *before;
  }
  return point;
}

/// Folds a log that lies outside of a store.
Result<State> fold_log(Selector& selector, const Chosen& chosen, ReadOptions options) {
  auto reader = selector.read(chosen, std::move(options));
  if (!reader) return std::unexpected{reader.error()};
  State state;
  std::unique_ptr<Projection> projection;
  while (true) {
    const auto batch = (*reader)->next();
    if (!batch) return std::unexpected{batch.error()};
    for (const EventView& event : *batch) {
      if (!projection) {
        state.session_id = event.session_id;
        projection = make_session_projection(state.session_id);
      }
      if (auto applied = projection->apply(event); !applied)
        return std::unexpected{applied.error()};
      state.last_sequence_number = event.sequence_number;
    }
    if (batch->empty()) break;
  }
  if (!projection) projection = make_session_projection({});
  state.projection = projection->name();
  state.json = projection->to_json();
  state.report = (*reader)->report();
  return state;
}

Result<State> fold(Selector& selector, const Chosen& chosen, const Point& point,
                   OnCorrupt on_corrupt) {
  ReadOptions read{.filter = point.filter, .on_corrupt = on_corrupt};
  if (!chosen.path.empty()) return fold_log(selector, chosen, std::move(read));
  auto store = selector.store();
  if (!store) return std::unexpected{store.error()};
  if (point.is_now()) return (*store)->state(chosen.session.id, on_corrupt);
  const auto projection = make_session_projection(chosen.session.id);
  return (*store)->state(chosen.session.id, *projection, std::move(read));
}

/// What the answer is of: the instant, and the last event that counted.
std::string point_text(const Point& point, std::uint64_t last_sequence_number) {
  std::string text = "as of #" + std::to_string(last_sequence_number);
  if (point.at) text += ", with the events of " + format_rfc3339_short(*point.at);
  if (point.before) text += ", before " + format_rfc3339_short(*point.before);
  return text;
}

/// "S@12": session S after event 12, where there is no session of that name.
void split_point(std::string& session, std::optional<std::uint64_t>& sequence) {
  const std::size_t at = session.rfind('@');
  if (at == session.npos || at == 0 || sequence) return;
  std::uint64_t number = 0;
  const char* const end = session.data() + session.size();
  const auto [rest, error] = std::from_chars(session.data() + at + 1, end, number);
  if (error != std::errc{} || rest != end) return;
  sequence = number;
  session.resize(at);
}

}  // namespace

int run(Context& context, const StateOptions& options) {
  StateOptions asked = options;
  split_point(asked.session, asked.sequence);
  const auto point = read_point(asked, context.zone);
  if (!point) return context.refuse(point.error());
  const auto on_corrupt = parse_on_corrupt(options.on_corrupt);
  if (!on_corrupt) return context.refuse(on_corrupt.error());
  Selector selector{context};
  const auto chosen = selector.choose(asked.session);
  if (!chosen) return context.refuse(chosen.error());
  const auto state = fold(selector, *chosen, *point, *on_corrupt);
  if (!state) return context.refuse(with_advice(state.error(), *chosen));
  if (point->sequence && state->last_sequence_number < *point->sequence)
    return context.refuse(Code::not_found, "there is no event #" +
                                               std::to_string(*point->sequence) + " in " +
                                               in_quotes(chosen->label()) + ": its last is #" +
                                               std::to_string(state->last_sequence_number));

  const int status = tell_report(context, state->report, *on_corrupt);
  context.start_pager();
  const formats::StatePoint shown{point->at, point->before};
  if (context.common.json) formats::write_state_json(context.out, *state, shown);
  else formats::write_state_text(context.out, *state);
  if (!context.common.json && !point->is_now())
    context.note(point_text(*point, state->last_sequence_number));
  return context.finish(status);
}

}  // namespace agentstore::cmd
