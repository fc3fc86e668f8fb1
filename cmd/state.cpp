#include "formats/state.hpp"

#include "cmd/commands.hpp"
#include "cmd/points.hpp"
#include "cmd/select.hpp"

namespace agentstore::cmd {
namespace {

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
  ReadOptions read{.filter = filter_of(point), .on_corrupt = on_corrupt};
  if (!chosen.path.empty()) return fold_log(selector, chosen, std::move(read));
  auto store = selector.store();
  if (!store) return std::unexpected{store.error()};
  if (point.is_now()) return (*store)->state(chosen.session.id, on_corrupt);
  const auto projection = make_session_projection(chosen.session.id);
  return (*store)->state(chosen.session.id, *projection, std::move(read));
}

}  // namespace

int run(Context& context, const StateOptions& options) {
  StateOptions asked = options;
  split_point(asked.session, asked.point.sequence);
  const auto point = read_point(asked.point, context.zone);
  if (!point) return context.refuse(point.error());
  const auto on_corrupt = parse_on_corrupt(options.on_corrupt);
  if (!on_corrupt) return context.refuse(on_corrupt.error());
  Selector selector{context};
  const auto chosen = selector.choose(asked.session);
  if (!chosen) return context.refuse(chosen.error());
  const auto state = fold(selector, *chosen, *point, *on_corrupt);
  if (!state) return context.refuse(with_advice(state.error(), *chosen));
  if (auto there = check_point(*point, *chosen, state->last_sequence_number); !there)
    return context.refuse(there.error());

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
