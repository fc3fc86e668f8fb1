#include "agentstore/checkpoint.hpp"

#include "cmd/commands.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/input/write_target.hpp"

namespace agentstore::cmd {

int run(Context& context, const CheckpointCommand& options) {
  const auto key = SigningKey::load(options.key, options.name);
  if (!key) return context.refuse(key.error());
  if (options.verifier_key) {
    context.out.write(key->verifier_key() + "\n");
    return context.finish(Status::fine);
  }
  if (options.session.empty())
    return context.refuse(Code::invalid, "no session is named",
                          "name one, or ask for the --verifier-key");
  auto target = open_to_write(context, options.session);
  if (!target) return context.refuse(target.error());
  const auto note = target->store.checkpoint(target->session_id, *key);
  if (!note) return context.refuse(note.error());
  context.out.write(*note);
  context.note("keep the note where nobody who writes the log can change it; verify with --key " +
               key->verifier_key());
  return context.finish(Status::fine);
}

}  // namespace agentstore::cmd
