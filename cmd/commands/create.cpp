#include "cmd/commands.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/times.hpp"
#include "cmd/words/labels.hpp"
#include "formats/text/session_text.hpp"

namespace agentstore::cmd {

int run(Context& context, const CreateCommand& options) {
  auto labels = parse_labels(options.labels);
  if (!labels) return context.refuse(labels.error());
  std::optional<Timestamp> created_at;
  if (options.created_at) {
    const auto time = parse_time(*options.created_at, Day::first_instant, context.zone, now());
    if (!time) return context.refuse(time.error());
    created_at = *time;
  }
  auto store = context.open_store({.create = true});
  if (!store) return context.refuse(store.error());
  const auto session = store->create_session(
      {.id = options.id, .name = options.name, .labels = *labels, .created_at = created_at});
  if (!session) return context.refuse(session.error());
  if (context.common.json)
    context.out.write(R"({"schema":"agentstore/create/1",)" +
                      formats::session_answer_json(*session).substr(1) + "\n");
  else context.out.write(session->id + "\n");
  return context.finish(Status::fine);
}

}  // namespace agentstore::cmd
