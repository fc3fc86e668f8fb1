#include "cmd/commands.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/input/write_target.hpp"
#include "cmd/words/labels.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/session_text.hpp"

namespace agentstore::cmd {
namespace {

/// "K=V", and "K=", which takes the label off. Errors: invalid.
Result<SessionChange> read_change(const LabelCommand& options) {
  SessionChange change{.name = options.name};
  auto labels = parse_labels(options.labels);
  if (!labels) return std::unexpected{labels.error()};
  for (auto& [key, value] : *labels)
    change.labels[key] = value.empty() ? std::nullopt : std::optional{std::move(value)};
  return change;
}

/// As it is now. Errors: as Selector::choose; invalid, where there is none to tell of.
Result<Session> look_up(Context& context, const std::string& word) {
  Selector selector{context};
  auto chosen = selector.choose(word);
  if (!chosen) return std::unexpected{chosen.error()};
  if ((*chosen)->point() || (*chosen)->session().id.empty())
    return fail(
        Code::invalid,
        in_quotes(word) + ((*chosen)->point() ? " is a session at an event" : " is a log alone"),
        "name and labels are those of a whole session in a store");
  return (*chosen)->of_store() ? (*chosen)->describe() : (*chosen)->session();
}

Result<Session> change(Context& context, const std::string& word, const SessionChange& change) {
  auto target = open_to_write(context, word);
  if (!target) return std::unexpected{target.error()};
  auto session = target->store.change_session(target->session_id, change);
  if (!session) return session;
  if (auto closed = target->store.close(); !closed) return std::unexpected{closed.error()};
  return session;
}

}  // namespace

int run(Context& context, const LabelCommand& options) {
  const auto wanted = read_change(options);
  if (!wanted) return context.refuse(wanted.error());
  const bool shows = !wanted->name && wanted->labels.empty();
  const auto session =
      shows ? look_up(context, options.session) : change(context, options.session, *wanted);
  if (!session) return context.refuse(session.error());
  if (context.common.json) {
    context.out.write(R"({"schema":"agentstore/label/1",)" +
                      formats::session_answer_json(*session).substr(1) + "\n");
    return context.finish(Status::fine);
  }
  context.out.write("name   " + formats::printable(formats::shown_name(session->name, {})) + "\n");
  for (const auto& [key, value] : session->labels)
    context.out.write("label  " + formats::printable(key) + "=" + formats::printable(value) + "\n");
  return context.finish(Status::fine);
}

}  // namespace agentstore::cmd
