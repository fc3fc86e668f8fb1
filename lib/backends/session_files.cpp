#include "backends/session_files.hpp"

#include <algorithm>

#include "backends/naming.hpp"
#include "backends/session_file.hpp"
#include "log/due_events.hpp"
#include "log/tail.hpp"

namespace agentstore {
namespace {

constexpr std::size_t session_file_bytes_max = std::size_t{16} << 20;

}  // namespace

Result<bool> SessionFiles::exists(std::string_view id) const {
  if (!is_file_name(id)) return false;
  for (const Path& path : {folder_.session_file(id), folder_.log_file(id)}) {
    const auto status = status_of(folder_.system(), path);
    if (!status) return std::unexpected(status.error());
    if (*status) return true;
  }
  return false;
}

Result<bool> SessionFiles::is_torn(std::string_view id) const {
  const auto text = text_of(id);
  if (text) return is_torn_session(*text);
  return text.error().code == Code::not_found ? Result<bool>{false} : std::unexpected(text.error());
}

Result<std::string> SessionFiles::text_of(std::string_view id) const {
  return read_file(folder_.system(), folder_.session_file(id), session_file_bytes_max);
}

Result<Session> SessionFiles::read(std::string_view id) {
  const auto there = exists(id);
  if (!there) return std::unexpected(there.error());
  if (!*there) return no_session(id);
  return session_in(id, text_of(id));
}

Result<Session> SessionFiles::read_to_write(std::string_view id) {
  const auto there = exists(id);
  if (!there) return std::unexpected(there.error());
  if (!*there) return no_session(id);
  const auto text = text_of(id);
  if (!text && text.error().code == Code::io) return std::unexpected(text.error());
  return session_in(id, text);
}

// What the text of a session's file says; where it cannot be used, what the log says.
Result<Session> SessionFiles::session_in(std::string_view id, const Result<std::string>& text) {
  auto session = text ? session_from_json(*text) : Result<Session>{std::unexpected(text.error())};
  if (session && session->id == id) return session;
  const std::string why =
      !session ? session.error().message : "it is that of session \"" + session->id + "\"";
  const std::string said = "session " + std::string{id} + ": " + folder_.session_file(id).string() +
                           " cannot be used (" + why + "); what its log says is shown";
  bool first = false;
  {
    const std::lock_guard guard{mutex_};
    first = noticed_.insert(said).second;
  }
  if (first) notice_(said);  // who is told may call the store
  return session_from_log(id);
}

Result<Session> SessionFiles::session_from_log(std::string_view id) const {
  Session session{.id = std::string{id},
                  .name = {},
                  .labels = {},
                  .created_at = zero_time,
                  .updated_at = zero_time};
  const auto source = log::FileSource::open(folder_.system(), folder_.log_file(id), {}, true);
  if (!source) return std::unexpected(source.error());
  if (const auto first = log::first_event_time(**source))
    session.created_at = session.updated_at = *first;
  return session;
}

Result<log::LogLength> SessionFiles::length(std::string_view id) const {
  const auto source = log::FileSource::open(folder_.system(), folder_.log_file(id), {}, true);
  if (!source) return std::unexpected(source.error());
  return log::length_of(**source, std::string{id});
}

Result<void> SessionFiles::write(const Session& session) {
  const auto synced = synced_events(session.id);
  return synced ? write(session, *synced) : std::unexpected(synced.error());
}

Result<void> SessionFiles::write(const Session& session, std::uint64_t synced_events) {
  const bool durably = synced_events > 0 || durability_ == Durability::fsync;
  if (!durably && durability_ == Durability::deferred) deferred_ = true;
  return replace(session, synced_events, durably);
}

Result<void> SessionFiles::replace(const Session& session, std::uint64_t synced_events,
                                   bool durably) {
  const Path path = folder_.session_file(session.id);
  const std::string text = session_to_json(session, synced_events);
  return durably ? replace_file(folder_.system(), path, text, folder_.file_mode())
                 : replace_cache_file(folder_.system(), path, text, folder_.file_mode());
}

// Nothing: it says already what its log does, or nobody can tell.
Result<std::optional<SessionFiles::Fresh>> SessionFiles::refreshed(std::string_view id,
                                                                   std::uint64_t synced) {
  auto kept = read_to_write(id);
  const auto kept_synced = synced_events(id);
  const auto here = length(id);
  if (!kept || !kept_synced || !here) return std::nullopt;
  Session fresh = *kept;
  fresh.event_count = here->events;
  if (here->events > 0) fresh.updated_at = here->last_at;
  if (kept->event_count == fresh.event_count && kept->updated_at == fresh.updated_at &&
      *kept_synced >= synced) {
    return std::nullopt;
  }
  return Fresh{std::move(fresh), std::max(*kept_synced, synced)};
}

Result<void> SessionFiles::refresh(std::string_view id, std::uint64_t synced) {
  const auto fresh = refreshed(id, synced);
  if (!fresh) return std::unexpected(fresh.error());
  return *fresh ? write((*fresh)->session, (*fresh)->synced_events) : Result<void>{};
}

Result<std::optional<SessionFiles::Prepared>> SessionFiles::prepare(std::string_view id,
                                                                    std::uint64_t synced) {
  const auto before = text_of(id);
  const auto fresh = refreshed(id, synced);
  if (!fresh) return std::unexpected(fresh.error());
  if (!*fresh) return std::nullopt;
  Prepared prepared{std::string{id}, before.value_or(""), sibling_temp(folder_.session_file(id))};
  const std::string text = session_to_json((*fresh)->session, (*fresh)->synced_events);
  if (auto written = write_new_file(folder_.system(), prepared.temp, text, folder_.file_mode());
      !written)
    return std::unexpected(written.error());
  return prepared;
}

Result<bool> SessionFiles::put(const Prepared& prepared) {
  System& system = folder_.system();
  const Path path = folder_.session_file(prepared.id);
  const bool same = text_of(prepared.id).value_or("") == prepared.before;
  const int error = same ? system.rename(prepared.temp.c_str(), path.c_str()) : 0;
  if (!same || error < 0) system.unlink(prepared.temp.c_str());
  if (error < 0) return system_error("rename to", path, -error);
  return same;
}

Result<std::uint64_t> SessionFiles::synced_events(std::string_view id) const {
  const auto text = text_of(id);
  if (text) return synced_events_in(*text);
  return text.error().code == Code::io ? Result<std::uint64_t>{std::unexpected(text.error())} : 0;
}

Result<void> SessionFiles::set_synced_events(std::string_view id, std::uint64_t events) {
  const auto session = read_to_write(id);
  if (!session) return std::unexpected(session.error());
  return replace(*session, events, true);
}

log::DueEvents SessionFiles::due_events(std::string_view id) const {
  return {.synced = synced_events(id).value_or(0),
          .checkpoint =
              log::newest_checkpoint_size(folder_.system(), folder_.checkpoints(id)).value_or(0)};
}

}  // namespace agentstore
