// Sessions that are taken over whole, event by event: logs, exports, pages, stores.

#include <fmt/format.h>

#include "cmd/import/importer.hpp"
#include "cmd/input/event_lines.hpp"
#include "cmd/input/export_source.hpp"
#include "cmd/input/page_source.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/rules.hpp"
#include "formats/answers/absent.hpp"

namespace agentstore::cmd {

void Importer::import_log(const std::string& path, ByteInput bytes, const InputKind& kind) {
  InputFiles inputs;
  const auto input = inputs.open(path, std::move(bytes), kind);
  if (!input) return refuse_session(path, {}, input.error());
  Session session;
  const auto open = [&] { return read_log((*input)->path, {.raw = true}, (*input)->origin); };
  auto looked = open();
  if (!looked) return refuse_session(path, {}, looked.error());
  const auto read = for_each_event(**looked, [&](const EventView& event) {
    if (!session.id.empty()) return;
    session.id = event.session_id;
    session.created_at = session.updated_at = event.timestamp;
  });
  if (!read) return refuse_session(path, session.id, read.error());
  const ReadReport& report = (*looked)->report();
  if (report.verdict == Verdict::extract) return refuse_extract(path, session.id, report.absent);
  if (session.id.empty())
    return refuse_session(path, {}, {Code::invalid, in_quotes(path) + " has no event"});
  auto reader = open();
  if (!reader) return refuse_session(path, session.id, reader.error());
  if (options_.dry_run) return pass_by(path, session.id);
  import_events(path, **reader, session);
}

void Importer::refuse_extract(const std::string& path, const std::string& session_id,
                              const Absent& absent) {
  Error error{Code::invalid, in_quotes(path) + " is an extract: " + formats::absent_text(absent),
              "import takes whole logs; replay, state and others read extracts where they are"};
  context_.warn(error.message + "; " + error.hint);
  note_status(Status::incomplete);
  answer_.sessions.push_back({.path = path, .session_id = session_id, .error = error.message});
}

void Importer::import_stored(const std::string& path, const std::filesystem::path& folder) {
  const std::string id = std::filesystem::path{path}.stem().string();
  auto from = open_to_read(folder);
  if (!from) return refuse_session(path, {}, from.error());
  const auto session = from->session(id, false);
  if (!session) return refuse_session(path, {}, session.error());
  if (options_.dry_run) pass_by(path, id);
  else import_session(path, *from, *session);
}

Result<Store> Importer::open_to_read(const std::filesystem::path& folder) {
  return Store::open(folder,
                     {.create = false,
                      .default_ledger = casino_ledger(),
                      .on_notice = [this](const std::string& text) { context_.warn(text); }});
}

void Importer::import_export(ByteInput input) {
  const std::string path = input.path();
  auto source = ExportSource::open(std::move(input));
  if (!source) return refuse_session(path, {}, source.error());
  const std::string& id = source->session().id;
  if (options_.dry_run) return pass_by(path, id);
  std::uint64_t events = 0;
  bool ends_early = false;
  const auto next_line = [&]() -> Result<std::optional<std::string_view>> {
    auto line = source->next_line();
    if (line && *line) ++events;
    ends_early = line && !*line && events < source->events_due();
    if (ends_early) return fail(Code::invalid, "it ends early");
    return line;
  };
  const auto imported = store_->import_session(source->session(), next_line);
  if (ends_early)
    return refuse_extract(
        path, id,
        {.events = source->events_due() - events, .ranges = {{events + 1, source->events_due()}}});
  if (!imported) return refuse_session(path, id, imported.error());
  tell(path, id, *imported);
}

void Importer::import_page(ByteInput input) {
  const std::string path = input.path();
  constexpr std::size_t head_bytes = std::size_t{1} << 12;
  const auto head = input.peek(head_bytes);
  if (head && page_kind_of(*head) == formats::PageKind::extract)
    return refuse_session(
        path, {},
        {Code::invalid, in_quotes(path) + " is an extract: events of its session are left out",
         "import takes whole logs; replay and verify --extract read it"});
  InputFiles files;
  auto unpacked = files.unpack(std::move(input));
  if (!unpacked) return refuse_session(path, {}, unpacked.error());
  import_export(std::move(*unpacked));
}

void Importer::import_store(const std::string& path) {
  auto from = open_to_read(path);
  if (!from) return refuse_session(path, {}, from.error());
  const auto sessions = from->sessions({.fresh_counts = false});
  if (!sessions) return refuse_session(path, {}, sessions.error());
  for (const Session& session : *sessions) {
    if (options_.dry_run) pass_by(path, session.id);
    else import_session(path, *from, session);
  }
}

void Importer::pass_by(const std::string& path, const std::string& session_id) {
  answer_.sessions.push_back({.path = path, .session_id = session_id, .error = {}});
  if (!context_.common.json) context_.note(session_id + " would be imported");
}

void Importer::import_session(const std::string& path, const Store& from, const Session& session) {
  auto reader = from.read(session.id, {.raw = true});
  if (!reader) return refuse_session(path, session.id, reader.error());
  import_events(path, **reader, session);
}

void Importer::import_events(const std::string& path, EventReader& reader, const Session& session) {
  EventLines lines{reader};
  const auto imported = store_->import_session(session, [&] { return lines.next(); });
  if (!imported) return refuse_session(path, session.id, imported.error());
  note_status(tell_report(context_, reader.report(), OnCorrupt::strict));
  tell(path, session.id, *imported);
}

void Importer::tell(const std::string& path, const std::string& session_id,
                    const ImportReport& imported) {
  answer_.sessions.push_back({path, session_id, imported.events, imported.already,
                              imported.session_created, false, std::nullopt});
  if (!context_.common.json)
    context_.note(fmt::format("{}: {} events imported, {} were here before", session_id,
                              imported.events, imported.already));
}

void Importer::refuse_session(const std::string& path, const std::string& session_id, Error error) {
  if (!session_id.empty())
    error.message = "cannot import the session " + in_quotes(session_id) + ": " + error.message;
  refuse(error);
  answer_.sessions.push_back({.path = path, .session_id = session_id, .error = error.message});
}

}  // namespace agentstore::cmd
