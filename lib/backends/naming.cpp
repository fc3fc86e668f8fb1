#include "backends/naming.hpp"

#include <algorithm>
#include <utility>

#include "backends/session_change.hpp"
#include "base/ids.hpp"
#include "base/utf8.hpp"

namespace agentstore {
namespace {

std::string named(std::string_view word) {
  return "\"" + std::string{word} + "\"";
}

Result<void> check_free_id(Backend& backend, const std::string& id) {
  const auto holder = backend.holder_of(id, id);
  if (!holder) return std::unexpected(holder.error());
  if (!*holder) return {};
  return fail(Code::conflict, named(id) + " is the name of session " + **holder,
              "give another id, or that session another name");
}

Result<void> check_free_name(Backend& backend, const std::string& name, std::string_view id) {
  if (name.empty()) return {};
  const auto holder = backend.holder_of(name, id);
  if (!holder) return std::unexpected(holder.error());
  if (!*holder) return {};
  const bool is_id = **holder == name;
  return fail(Code::conflict,
              is_id ? named(name) + " is the id of a session"
                    : "session " + **holder + " is called " + named(name),
              "a name is that of one session: give another");
}

Result<void> check_labels(const SessionChange& change) {
  for (const auto& [key, value] : change.labels) {
    if (key.empty()) return fail(Code::invalid, "a label's key is empty");
    if (!is_utf8(key) || !is_utf8(value.value_or("")))
      return fail(Code::invalid, "one of the labels is not UTF-8");
  }
  return {};
}

}  // namespace

std::unexpected<Error> no_session(std::string_view id) {
  return fail(Code::not_found, "there is no session " + named(id));
}

Result<void> create_named(Backend& backend, const Session& session) {
  return backend.while_naming([&]() -> Result<void> {
    if (auto free = check_free_id(backend, session.id); !free) return free;
    if (auto free = check_free_name(backend, session.name, session.id); !free) return free;
    return backend.create(session);
  });
}

Result<Session> change_session(Backend& backend, std::string_view id, const SessionChange& change) {
  if (auto allowed = check_labels(change); !allowed) return std::unexpected(allowed.error());
  Session after;
  auto changed = backend.while_naming([&]() -> Result<void> {
    const auto before = backend.session(id, false);
    if (!before) return std::unexpected(before.error());
    after = changed_by(*before, change);
    std::string payload = change_payload(*before, after);
    if (payload.empty()) return {};
    if (after.name != before->name)
      if (auto free = check_free_name(backend, after.name, id); !free) return free;
    log::CheckedDraft draft{.type = std::string{session_changed},
                            .payload = std::move(payload),
                            .metadata = "{}",
                            .event_id = {},
                            .timestamp = std::nullopt};
    if (auto said = backend.append(id, {&draft, 1}, {}); !said)
      return std::unexpected(said.error());
    return backend.rename(id, after.name, after.labels);
  });
  if (!changed) return std::unexpected(changed.error());
  return backend.session(id, true);
}

Result<bool> create_imported(Backend& backend, Session session,
                             const std::function<void(const std::string&)>& notice) {
  bool created = false;
  auto done = backend.while_naming([&]() -> Result<void> {
    if (auto free = check_free_id(backend, session.id); !free) return free;
    auto allowed = check_session_name(session.name);
    if (allowed) allowed = check_free_name(backend, session.name, session.id);
    const bool refused = !allowed && (allowed.error().code == Code::conflict ||
                                      allowed.error().code == Code::invalid);
    if (!allowed && !refused) return allowed;
    if (refused) session.name.clear();
    auto made = backend.create(session);
    created = made.has_value();
    if (!made && made.error().code != Code::conflict) return made;
    if (created && refused)
      notice("session " + session.id +
             " is taken over without its name: " + allowed.error().message);
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return created;
}

}  // namespace agentstore
