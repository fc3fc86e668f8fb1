#include "formats/repair.hpp"
#include "cmd/commands.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/input/write_target.hpp"

namespace agentstore::cmd {

int run(Context& context, const RepairCommand& options) {
  auto store = context.open_store({.create = false});
  if (!store) return context.refuse(store.error());
  const auto session_id = choose_to_write(*store, options.session);
  if (!session_id) return context.refuse(session_id.error());
  const auto repair = store->repair(
      *session_id,
      {.salvage = options.salvage, .accept_loss = options.accept_loss, .dry_run = options.dry_run});
  if (!repair) return context.refuse(repair.error());
  if (context.common.json) formats::write_repair_json(context.out, *session_id, *repair);
  else formats::write_repair_text(context.out, *session_id, *repair, options.dry_run);
  return context.finish(options.dry_run && repair->changed ? Status::finding : Status::fine);
}

}  // namespace agentstore::cmd
