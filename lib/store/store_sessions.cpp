// The sessions of a store: made, changed, listed, taken over.

#include <algorithm>
#include <utility>

#include "agentstore/store.hpp"
#include "backends/naming.hpp"
#include "base/ids.hpp"
#include "base/utf8.hpp"
#include "store/store_impl.hpp"

namespace agentstore {
namespace {

bool are_utf8(const Labels& labels) {
  return std::all_of(labels.begin(), labels.end(), [](const auto& label) {
    return is_utf8(label.first) && is_utf8(label.second);
  });
}

}  // namespace

Result<Session> Store::create_session(NewSession wanted) {
  const auto impl = writable();
  if (!impl) return std::unexpected(impl.error());
  const bool random_id = wanted.id.empty();
  if (random_id) wanted.id = uuid4();
  if (auto allowed = check_session_id(wanted.id); !allowed) return std::unexpected(allowed.error());
  if (auto allowed = check_session_name(wanted.name); !allowed)
    return std::unexpected(allowed.error());
  if (!are_utf8(wanted.labels))
    return fail(Code::invalid, "one of the session's labels is not UTF-8");
  const Timestamp at = wanted.created_at.value_or(now());
  if (!is_writable(at)) {
    return fail(Code::invalid, "the session's beginning is outside the years 0000 to 9999");
  }
  Session session{
      std::move(wanted.id), std::move(wanted.name), std::move(wanted.labels), at, at, 0};
  // A random id is nobody's name.
  const bool unnamed = random_id && session.name.empty();
  Backend& backend = *(*impl)->backend;
  const auto created = (*impl)->write(
      [&] { return unnamed ? backend.create(session) : create_named(backend, session); });
  if (!created) return std::unexpected(created.error());
  return session;
}

Result<Session> Store::change_session(std::string_view session_id, const SessionChange& change) {
  const auto impl = writable();
  if (!impl) return std::unexpected(impl.error());
  if (auto allowed = check_session_id(session_id); !allowed)
    return std::unexpected(allowed.error());
  if (auto allowed = check_session_name(change.name.value_or("")); !allowed)
    return std::unexpected(allowed.error());
  return (*impl)->write(
      [&] { return agentstore::change_session(*(*impl)->backend, session_id, change); });
}

Result<Session> Store::session(std::string_view id, bool fresh_counts) const {
  const auto impl = held();
  if (!impl) return std::unexpected(impl.error());
  return (*impl)->backend->session(id, fresh_counts);
}

Result<std::vector<Session>> Store::sessions(const ListOptions& options) const {
  const auto impl = held();
  if (!impl) return std::unexpected(impl.error());
  return (*impl)->backend->sessions(options);
}

Result<std::vector<std::string>> Store::known_ids() const {
  const auto impl = held();
  if (!impl) return std::unexpected(impl.error());
  return (*impl)->backend->known_ids();
}

Result<ImportReport> Store::import_session(
    const Session& session,
    const std::function<Result<std::optional<std::string_view>>()>& next_line) {
  const auto impl = writable();
  if (!impl) return std::unexpected(impl.error());
  if (auto allowed = check_session_id(session.id); !allowed)
    return std::unexpected(allowed.error());
  Session empty = session;
  empty.updated_at = empty.created_at;
  empty.event_count = 0;
  return (*impl)->write([&] {
    auto imported = (*impl)->backend->import_session(empty, next_line);
    if (imported && imported->events > 0) {
      const std::uint64_t first = imported->already + 1;
      (*impl)->snapshot_after(session.id, first, imported->already + imported->events);
    }
    return imported;
  });
}

}  // namespace agentstore
