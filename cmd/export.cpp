#include "formats/export.hpp"

#include "cmd/commands.hpp"
#include "cmd/select.hpp"

namespace agentstore::cmd {
namespace {

/// Writes every event; `head` is called once, before the first, with the session.
template <class Head, class Line>
int write_events(Context& context, EventReader& reader, const Chosen& chosen, Head head,
                 Line line) {
  bool begun = false;
  Session session = chosen.session;
  while (true) {
    const auto batch = reader.next();
    if (!batch) return context.refuse(with_advice(batch.error(), chosen));
    if (!begun) {
      // Of a log by path, all that is known is what its first event says.
      if (!chosen.path.empty() && !batch->empty()) {
        session.id = batch->front().session_id;
        session.created_at = session.updated_at = batch->front().timestamp;
      }
      head(session);
      begun = true;
    }
    if (batch->empty()) return tell_report(context, reader.report(), OnCorrupt::strict);
    for (const EventView& event : *batch) line(event.line);
    if (context.out.done()) return Status::fine;
  }
}

int write_lines(Context& context, EventReader& reader, const Chosen& chosen) {
  const auto head = [&](const Session& session) {
    formats::write_export_head(context.out, session);
  };
  return write_events(context, reader, chosen, head, [&](std::string_view line) {
    context.out.write(line);
    context.out.write("\n");
  });
}

int write_json(Context& context, EventReader& reader, const Chosen& chosen) {
  std::optional<formats::JsonExport> json;
  const int status = write_events(
      context, reader, chosen, [&](const Session& session) { json.emplace(context.out, session); },
      [&](std::string_view line) { json->add(line); });
  // An export that is not whole must not look as if it were.
  if (json && status == Status::fine) json->end();
  return status;
}

}  // namespace

int run(Context& context, const ExportOptions& options) {
  const std::string format = context.common.json ? "json" : options.format;
  if (format != "json" && format != "jsonl")
    return context.refuse(Code::invalid, "--format cannot be " + in_quotes(format),
                          "it is json or jsonl");
  Selector selector{context};
  auto chosen = selector.choose(options.session);
  if (!chosen) return context.refuse(chosen.error());
  if (chosen->path.empty()) {
    auto fresh = (*selector.store())->session(chosen->session.id);
    if (!fresh) return context.refuse(fresh.error());
    chosen->session = std::move(*fresh);
  }
  auto reader = selector.read(*chosen, {.raw = true});
  if (!reader) return context.refuse(reader.error());
  if (options.output)
    if (auto opened = context.write_to(*options.output); !opened)
      return context.refuse(opened.error());

  const int status = format == "json" ? write_json(context, **reader, *chosen)
                                      : write_lines(context, **reader, *chosen);
  if (options.output && status != Status::fine) return status;
  return context.finish(status);
}

}  // namespace agentstore::cmd
