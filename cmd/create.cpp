#include "cmd/commands.hpp"
#include "cmd/select.hpp"
#include "formats/sessions.hpp"

namespace agentstore::cmd {

int run(Context& context, const CreateOptions& options) {
  auto labels = parse_labels(options.labels);
  if (!labels) return context.refuse(labels.error());
  auto store = context.open_store({.create = true});
  if (!store) return context.refuse(store.error());
  const auto session =
      store->create_session({.id = options.id, .name = options.name, .labels = *labels});
  if (!session) return context.refuse(session.error());
  if (context.common.json)
    context.out.write(R"({"schema":"agentstore/create/1",)" +
                      formats::session_json(*session).substr(1) + "\n");
  else context.out.write(session->id + "\n");
  return context.finish(Status::fine);
}

}  // namespace agentstore::cmd
