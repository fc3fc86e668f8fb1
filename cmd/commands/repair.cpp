#include "formats/answers/repair.hpp"
#include "cmd/commands.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/input/write_target.hpp"

namespace agentstore::cmd {

int run(Context& context, const RepairCommand& options) {
  auto target = open_to_write(context, options.session);
  if (!target) return context.refuse(target.error());
  const std::string& session_id = target->session_id;
  const auto repair = target->store.repair(
      session_id,
      {.salvage = options.salvage, .accept_loss = options.accept_loss, .dry_run = options.dry_run});
  if (!repair) return context.refuse(repair.error());
  if (context.common.json) formats::write_repair_json(context.out, session_id, *repair);
  else formats::write_repair_text(context.out, session_id, *repair, options.dry_run);
  return context.finish(options.dry_run && repair->changed ? Status::finding : Status::fine);
}

}  // namespace agentstore::cmd
