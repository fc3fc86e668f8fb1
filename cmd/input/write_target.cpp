#include "cmd/input/write_target.hpp"

#include <vector>

#include "cmd/input/unknown_session.hpp"
#include "cmd/quoting.hpp"
#include "cmd/words/session_word.hpp"

namespace agentstore::cmd {
namespace {

/// Whether a name addresses a session for writing: not in old stores, what names one by its age, or
/// at an event.
bool addresses(std::string_view name) {
  return !name.empty() && !name.starts_with('@') && !parse_session_word(name).sequence_number;
}

/// Of "@", which session a command that reads would take.
std::string newest_in(const Store& store) {
  const auto all = store.sessions({.limit = 1, .by_last_event = true, .fresh_counts = false});
  return all && !all->empty() ? ": " + all->front().id : std::string{};
}

/// A word that begins an id names a session for reading alone.
Error unknown_to_write(std::string_view word, const std::vector<Session>& all) {
  std::vector<Session> begun;
  for (const Session& session : all)
    if (!word.empty() && (session.id.starts_with(word) || session.name.starts_with(word)))
      begun.push_back(session);
  if (begun.empty()) return unknown(word, all);
  return {Code::not_found, "there is no session " + in_quotes(word) + " to write to",
          "writing takes the exact id or name: " + candidates_text(begun)};
}

Result<std::string> choose(const Store& store, std::string_view word) {
  // Opening its log says whether there is a session of that id, and reads nothing of it.
  const auto exact = store.read(word, {.filter = {.to_seq = 0}, .raw = true});
  if (exact) return std::string{word};
  if (is_refusal(exact.error())) return std::unexpected{exact.error()};
  const auto sessions = store.sessions({.called = std::string{word}, .fresh_counts = false});
  if (!sessions) return std::unexpected{sessions.error()};
  std::vector<Session> found;
  for (const Session& session : *sessions)
    if (addresses(word) && session.name == word) found.push_back(session);
  if (found.size() > 1) return std::unexpected{ambiguous(word, found)};
  if (found.size() == 1) return found.front().id;
  if (!addresses(word) && !word.empty())
    return fail(Code::not_found, "there is no session " + in_quotes(word) + " to write to",
                "@ and S@12 are for commands that read; writing takes the exact id or name" +
                    newest_in(store));
  const auto all = store.sessions({.fresh_counts = false});
  if (!all) return std::unexpected{all.error()};
  return std::unexpected{unknown_to_write(word, *all)};
}

}  // namespace

Result<WriteTarget> open_to_write(Context& context, std::string_view word, StoreOptions options) {
  auto store = context.open_store(std::move(options));
  if (!store) return std::unexpected{store.error()};
  auto id = choose(*store, word);
  if (!id) return std::unexpected{id.error()};
  context.written_session = *id;
  return WriteTarget{.store = std::move(*store), .session_id = std::move(*id)};
}

}  // namespace agentstore::cmd
