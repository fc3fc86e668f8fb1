#include <charconv>

#include "agentstore/json.hpp"
#include "cmd/commands.hpp"
#include "cmd/select.hpp"

namespace agentstore::cmd {
namespace {

/// A sequence number, or an event id ("id:…" where it looks like a number).
Result<std::uint64_t> find_event(const Store& store, const std::string& session_id,
                                 std::string_view word) {
  std::uint64_t number = 0;
  const char* const end = word.data() + word.size();
  const auto [rest, error] = std::from_chars(word.data(), end, number);
  if (error == std::errc{} && rest == end) return number;
  const std::string_view id = word.starts_with("id:") ? word.substr(3) : word;
  ReadOptions options{.raw = true};
  options.filter.predicate = [id](const EventView& event) { return event.event_id == id; };
  const auto reader = store.read(session_id, std::move(options));
  if (!reader) return std::unexpected{reader.error()};
  const auto found = (*reader)->next();
  if (!found) return std::unexpected{found.error()};
  if (!found->empty()) return found->front().sequence_number;
  return fail(Code::not_found, "session " + session_id + " has no event " + in_quotes(id),
              "name an event by its sequence number or its event id");
}

}  // namespace

int run(Context& context, const RedactCommand& options) {
  if (options.reason.empty())
    return context.refuse(Code::invalid, "a redaction needs a reason", "give --reason");
  auto store = context.open_store({.create = false});
  if (!store) return context.refuse(store.error());
  const auto session_id = choose_to_write(*store, options.session);
  if (!session_id) return context.refuse(session_id.error());
  const auto number = find_event(*store, *session_id, options.event);
  if (!number) return context.refuse(number.error());
  const auto receipt = store->redact(*session_id, *number, options.reason, options.requested_by);
  if (!receipt) return context.refuse(receipt.error());
  const std::string event = std::to_string(*number);
  const std::string by = std::to_string(receipt->sequence_number);
  if (context.common.json)
    context.out.write(R"({"schema":"agentstore/redact/1","session_id":)" +
                      json::quote(*session_id) + R"(,"sequence_number":)" + event +
                      R"(,"redacted_by":)" + by + R"(,"hash":)" + json::quote(receipt->hash) +
                      "}\n");
  else context.out.write("the payload of #" + event + " is gone; #" + by + " says why\n");
  context.note("copies elsewhere still hold it: backups, exports, copied folders, other stores");
  return context.finish(Status::fine);
}

}  // namespace agentstore::cmd
