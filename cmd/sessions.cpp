#include "formats/sessions.hpp"

#include "cmd/commands.hpp"
#include "cmd/select.hpp"

namespace agentstore::cmd {
namespace {

/// What a session came to; of a damaged one, what can be read before the damage.
int add_up(Context& context, const Store& store, const Session& session, Totals& totals) {
  auto reader = store.read(session.id);
  while (reader) {
    const auto batch = (*reader)->next();
    if (!batch) return context.refuse(with_advice(batch.error(), {session, {}}));
    if (batch->empty()) return Status::fine;
    for (const EventView& event : *batch)
      if (auto added = totals.add(event); !added) return context.refuse(added.error());
  }
  return context.refuse(reader.error());
}

}  // namespace

int run(Context& context, const SessionsOptions& options) {
  auto labels = parse_labels(options.labels);
  if (!labels) return context.refuse(labels.error());
  auto store = context.open_store();
  if (!store) return context.refuse(store.error());
  const auto sessions = store->sessions(
      {.limit = options.limit, .offset = options.offset, .labels = std::move(*labels)});
  if (!sessions) return context.refuse(sessions.error());

  if (context.common.json) {
    formats::write_sessions_json(context.out, *sessions);
    return context.finish(Status::fine);
  }
  std::vector<Totals> totals(options.long_form ? sessions->size() : 0);
  int status = Status::fine;
  for (std::size_t i = 0; i < totals.size(); ++i)
    if (const int added = add_up(context, *store, (*sessions)[i], totals[i]); status == 0)
      status = added;
  context.start_pager();
  if (options.long_form)
    formats::write_sessions_long(context.out, *sessions, totals, context.screen());
  else formats::write_sessions_table(context.out, *sessions, context.screen());
  if (sessions->empty()) context.note("there is no session here; `agentstore create` makes one");
  return context.finish(status);
}

}  // namespace agentstore::cmd
