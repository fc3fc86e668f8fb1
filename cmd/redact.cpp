#include "agentstore/json.hpp"
#include "cmd/commands.hpp"
#include "cmd/find_event.hpp"
#include "cmd/select.hpp"

namespace agentstore::cmd {

int run(Context& context, const RedactCommand& options) {
  if (options.reason.empty())
    return context.refuse(Code::invalid, "a redaction needs a reason", "give --reason");
  auto store = context.open_store({.create = false});
  if (!store) return context.refuse(store.error());
  const auto session_id = choose_to_write(*store, options.session);
  if (!session_id) return context.refuse(session_id.error());
  const auto number = find_event(agentstore::history_of(*store, *session_id), options.event);
  if (!number) return context.refuse(number.error());
  const auto receipt = store->redact(*session_id, *number, options.reason, options.requested_by);
  if (!receipt) return context.refuse(receipt.error());
  const std::string event = std::to_string(*number);
  const std::string by = std::to_string(receipt->sequence_number);
  if (context.common.json)
    context.out.write(R"({"schema":"agentstore/redact/1","session_id":)" +
                      json::quote(*session_id) + R"(,"sequence_number":)" + event +
                      R"(,"redacted_by":)" + by + R"(,"hash":)" + json::quote(receipt->hash.hex()) +
                      "}\n");
  else context.out.write("the payload of #" + event + " is gone; #" + by + " says why\n");
  context.note("copies elsewhere still hold it: backups, exports, copied folders, other stores");
  return context.finish(Status::fine);
}

}  // namespace agentstore::cmd
