#include "agentstore/command.hpp"

#include "cmd/commands.hpp"
#include "cmd/input/folds.hpp"
#include "cmd/input/rules_in_force.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/input/write_target.hpp"
#include "cmd/read_whole.hpp"
#include "cmd/words/drafts.hpp"

namespace agentstore::cmd {
namespace {

Result<SubmitOptions> read_options(const SubmitCommand& options, const Zone& zone) {
  SubmitOptions read;
  if (auto done = read_flags(options.event, zone, read.event_id, read.timestamp); !done)
    return std::unexpected{done.error()};
  return read;
}

}  // namespace

int run(Context& context, const SubmitCommand& options) {
  const auto read = read_options(options, context.zone);
  if (!read) return context.refuse(read.error());
  const auto data = read_payload(options.data.value_or("{}"));
  if (!data) return context.refuse(data.error());
  auto target = open_to_write(context, options.session);
  if (!target) return context.refuse(target.error());
  Store& store = target->store;

  const auto ledger = choose_ledger(context, store, options.ledger);
  if (!ledger) return context.refuse(ledger.error());
  tell_rules(context, true, By::ledger);
  Submitter submitter{store, std::move(target->session_id), casino_commands(*ledger)};
  const auto receipts = submitter.submit(options.command, *data, *read);
  int status = Status::fine;
  if (!receipts) status = context.refuse(receipts.error());
  else
    for (const Receipt& receipt : *receipts) context.out.write(receipt_line(receipt));
  if (auto closed = store.close(); !closed) context.warn(closed.error().message);
  // The events are stored, whether anybody listens or not.
  return context.out.unread() ? status : context.finish(status);
}

}  // namespace agentstore::cmd
