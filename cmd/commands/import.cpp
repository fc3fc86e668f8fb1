#include "formats/answers/import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>

#include "cmd/commands.hpp"
#include "cmd/input/export_source.hpp"
#include "cmd/input/file_kinds.hpp"
#include "cmd/input/file_scan.hpp"
#include "cmd/input/import_transactions.hpp"
#include "cmd/input/import_transcript.hpp"
#include "cmd/input/imported_files.hpp"
#include "cmd/input/input_files.hpp"
#include "cmd/input/log_files.hpp"
#include "cmd/input/named_ids.hpp"
#include "cmd/input/page_source.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/input/selector.hpp"
#include "formats/answers/absent.hpp"
#include "formats/text/units.hpp"

namespace agentstore::cmd {
namespace {

/// Few: an import writes faster than states can be saved, and a fold of so many takes an instant.
constexpr std::uint64_t events_between_snapshots = 100'000;

/// Files that are imported side by side before the next ones are looked at.
constexpr std::size_t batch_files = 1024;

constexpr std::string_view sqlite_magic{"SQLite format 3\0", 16};

class Importer {
 public:
  Importer(Context& context, Store* store, const ImportCommand& options, const formats::Source* as)
      : context_{context}, store_{store}, options_{options}, targets_{store, options.again} {
    wanted_ = {
        .as = as, .keep_all = options.keep_all, .dry_run = options.dry_run, .targets = &targets_};
    answer_.dry_run = options.dry_run;
    // What has to be looked at whatever was done before is opened.
    if (store != nullptr && !options.dry_run && !options.again && !options.strict)
      imported_.emplace(context.store_names().front(),
                        options.as + (options.keep_all ? " keep-all" : ""));
  }

  void import(const std::vector<LogFile>& files) {
    std::uint64_t bytes = 0;
    for (const LogFile& file : files) bytes += file.size_bytes;
    Progress progress{bytes};
    progress_ = &progress;
    for (std::size_t begin = 0; begin < files.size(); begin += batch_files) {
      const auto batch =
          std::span{files}.subspan(begin, std::min(batch_files, files.size() - begin));
      auto ahead = import_side_by_side(batch);
      for (std::size_t i = 0; i < batch.size(); ++i) {
        progress.file(begin + i + 1, files.size());
        if (ahead[i]) answer_for(batch[i], *ahead[i]);
        else if (batch[i].kind == LogFile::Kind::data_folder) import_store(batch[i].path);
        else import_file(batch[i]);
      }
    }
    progress_ = nullptr;
  }

  void refuse(const Error& error) {
    if (progress_ != nullptr) progress_->clear();
    note_status(context_.refuse(error));
  }

  /// Files of folders that are no logs by their names.
  void pass_over(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) ++answer_.not_read[kind_of_file(path)];
  }

  int finish() {
    if (store_ != nullptr && !options_.dry_run)
      if (auto marked = targets_.mark_replaced(); !marked) refuse(marked.error());
    tell_outdated();
    if (store_ != nullptr)
      if (auto closed = store_->close(); !closed) context_.warn(closed.error().message);
    if (imported_) imported_->save();
    if (options_.strict &&
        (answer_.tally.skipped > 0 || !answer_.tally.unknown.empty() || answer_.passed_over > 0))
      note_status(Status::finding);
    if (context_.common.json) formats::write_import_json(context_.out, answer_);
    else if (transcripts_ + answer_.unchanged > 0)
      formats::write_import_text(context_.out, answer_, context_.screen());
    return context_.finish(status_);
  }

 private:
  /// Whether the file is as an import left it.
  bool take_unchanged(const LogFile& file) {
    const ImportedFiles::File* const known = imported_ ? imported_->unchanged(file.path) : nullptr;
    if (known == nullptr) return false;
    ++answer_.unchanged;
    for (const ImportedFiles::Held& held : known->sessions)
      answer_.sessions.push_back(
          {.path = file.path, .session_id = held.session_id, .already = held.events, .error = {}});
    answer_.files.push_back({file.path, known->format, std::nullopt});
    progress_->add(file.size_bytes);
    return true;
  }

  /// As the file is before it is opened; not known where none is kept.
  FileStamp stamp_to_keep(const std::string& path) const {
    return imported_ ? stamp_of_file(path) : FileStamp{};
  }

  void import_file(const LogFile& file) {
    if (take_unchanged(file)) return;
    const FileStamp stamp = stamp_to_keep(file.path);
    auto input = ByteInput::open(file.path);
    if (!input) return refuse_file(file.path, {}, input.error());
    if (const auto folder = store_of_log(file.path); !folder.empty() && wanted_.as == nullptr)
      return import_stored(file.path, folder);
    if (wanted_.as == nullptr && is_database(*input)) return import_store("sqlite:" + file.path);
    if (const auto first = input->peek(1); !first) return refuse_file(file.path, {}, first.error());
    else if (wanted_.as != nullptr || first->empty())
      return import_transcript(file, std::move(*input), stamp);
    // What is of no known kind, the import of a transcript says.
    const auto kind = kind_of(*input);
    using Shape = InputKind::Shape;
    if (!kind || kind->shape == Shape::transcript)
      import_transcript(file, std::move(*input), stamp);
    else if (kind->shape == Shape::export_) import_export(std::move(*input));
    else if (kind->shape == Shape::page) import_page(std::move(*input));
    else import_log(file.path, std::move(*input), *kind);
  }

  /// A log by path, or events in an array.
  void import_log(const std::string& path, ByteInput bytes, const InputKind& kind) {
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
    if (report.verdict == Verdict::extract) return refuse_extract(path, session.id, report);
    if (session.id.empty())
      return refuse_session(path, {}, {Code::invalid, in_quotes(path) + " has no event"});
    auto reader = open();
    if (!reader) return refuse_session(path, session.id, reader.error());
    if (options_.dry_run) return pass_by(path, session.id);
    import_events(path, **reader, session);
  }

  /// A session is its whole log: in a store, a part of one would be damaged.
  void refuse_extract(const std::string& path, const std::string& session_id,
                      const ReadReport& report) {
    Error error{Code::invalid,
                in_quotes(path) + " is an extract: " + formats::absent_text(report.absent),
                "import takes whole logs; replay, state and others read extracts where they are"};
    context_.warn(error.message + "; " + error.hint);
    note_status(Status::incomplete);
    answer_.sessions.push_back({.path = path, .session_id = session_id, .error = error.message});
  }

  /// A log in a store, by its path.
  void import_stored(const std::string& path, const std::filesystem::path& folder) {
    const std::string id = std::filesystem::path{path}.stem().string();
    auto from = open_to_read(folder);
    if (!from) return refuse_session(path, {}, from.error());
    const auto session = from->session(id, false);
    if (!session) return refuse_session(path, {}, session.error());
    if (options_.dry_run) pass_by(path, id);
    else import_session(path, *from, *session);
  }

  Result<Store> open_to_read(const std::filesystem::path& folder) {
    return Store::open(folder,
                       {.create = false,
                        .default_ledger = casino_ledger(),
                        .on_notice = [this](const std::string& text) { context_.warn(text); }});
  }

  void import_transcript(const LogFile& file, ByteInput input, const FileStamp& stamp) {
    // Half a file is worse than none: what is compressed is tried first, where it can be.
    if (input.compressed() && file.path != "-") {
      if (auto tried = try_whole(file.path); !tried)
        return refuse_file(file.path, {}, tried.error());
    }
    if (file.path == "-") input.limit_lines();
    answer_for(file, convert(std::move(input), stamp));
  }

  /// What became of a transcript.
  struct Converted {
    Result<void> done;
    const formats::Source* format = nullptr;
    formats::Tally tally = {};
    std::vector<formats::ImportedSession> sessions = {};
    FileStamp stamp = {};
  };

  Converted convert(ByteInput input, const FileStamp& stamp) {
    TranscriptImporter importer{store_, std::move(input), wanted_};
    Converted converted{.done = importer.run(*progress_)};
    converted.format = importer.format();
    if (converted.format != nullptr) converted.tally = importer.tally();
    converted.sessions = importer.sessions();
    converted.stamp = stamp;
    return converted;
  }

  /// Those of Claude Code's transcripts that do not share a session, on all cores.
  std::vector<std::optional<Converted>> import_side_by_side(std::span<const LogFile> files) {
    std::vector<std::optional<Converted>> done(files.size());
    if (files.size() < 2 || store_ == nullptr || options_.dry_run || options_.again) return done;
    std::vector<NamedIds> ids(files.size());
    std::vector<char> takes(files.size());
    side_by_side(files.size(), [&](std::size_t, std::size_t i) {
      if (!is_to_be_read(files[i])) return;
      takes[i] = is_of_claude_code(files[i]) && ids[i].add(files[i].path) ? 1 : 0;
      // What one of other files says of the same session comes in the order of the files.
      if (takes[i] == 0) static_cast<void>(ids[i].add(files[i].path));
    });
    const auto groups = grouped_by_ids(ids);
    side_by_side(groups.size(), [&](std::size_t, std::size_t group) {
      const auto reads = [&](std::size_t i) { return takes[i] != 0; };
      if (!std::ranges::all_of(groups[group], reads)) return;
      for (const std::size_t i : groups[group]) {
        const FileStamp stamp = stamp_to_keep(files[i].path);
        auto input = ByteInput::open(files[i].path);
        if (input) done[i].emplace(convert(std::move(*input), stamp));
      }
    });
    return done;
  }

  bool is_to_be_read(const LogFile& file) const {
    return file.kind == LogFile::Kind::file && file.path != "-" &&
           (!imported_ || imported_->unchanged(file.path) == nullptr);
  }

  bool is_of_claude_code(const LogFile& file) const {
    if (!store_of_log(file.path).empty()) return false;
    auto input = ByteInput::open(file.path);
    const formats::Source* as = wanted_.as;
    if (input && as == nullptr)
      if (const auto kind = kind_of(*input)) as = kind->source;
    return input && !input->compressed() && as == &formats::claude_code_source;
  }

  void answer_for(const LogFile& file, const Converted& converted) {
    const std::string format{converted.format == nullptr ? "" : converted.format->name};
    if (!converted.done && format.empty() && !file.named && is_beside_logs(file.path)) {
      ++answer_.passed_over;  // Found beside logs, and none itself.
      ++answer_.not_read[kind_of_file(file.path)];
      return answer_.files.push_back({file.path, {}, converted.done.error().message});
    }
    if (converted.format != nullptr) {
      ++transcripts_;
      answer_.tally.merge(converted.tally);
    }
    for (const formats::ImportedSession& session : converted.sessions)
      if (!session.session_id.empty()) answer_.sessions.push_back(session);
    if (converted.done && converted.stamp.known())
      remember(file.path, format, converted.stamp, converted.sessions);
    if (converted.done) return answer_.files.push_back({file.path, format, std::nullopt});
    Error error = converted.done.error();
    error.message = "cannot import " + in_quotes(file.path) + ": " + error.message;
    refuse_file(file.path, format, error);
  }

  void remember(const std::string& path, const std::string& format, const FileStamp& stamp,
                const std::vector<formats::ImportedSession>& sessions) {
    ImportedFiles::File file{.stamp = stamp, .format = format, .sessions = {}};
    for (const formats::ImportedSession& session : sessions) {
      if (session.outdated || session.error) return;
      if (!session.session_id.empty())
        file.sessions.push_back({session.session_id, session.events + session.already});
    }
    imported_->imported(path, std::move(file));
  }

  /// Sessions of which nothing was taken, since it would be mapped otherwise than what is there.
  void tell_outdated() {
    std::set<std::string> outdated;
    for (const formats::ImportedSession& session : answer_.sessions)
      if (session.outdated) outdated.insert(session.session_id);
    if (outdated.empty()) return;
    context_.note(fmt::format(
        "{} imported by an earlier version of agentstore, which read such records otherwise: "
        "nothing was changed; `agentstore import --again` writes new sessions from the files, and "
        "marks these as superseded",
        outdated.size() == 1 ? "1 session was"
                             : formats::thousands(outdated.size()) + " sessions were"));
  }

  static bool is_lines(const std::string& path) {
    return path.find(".jsonl") != path.npos || path.find(".ndjson") != path.npos;
  }

  /// What agents keep beside their transcripts: journals of workflows, histories of prompts.
  static bool is_beside_logs(const std::string& path) {
    const auto name = std::filesystem::path{path}.filename();
    return !is_lines(path) || name == "journal.jsonl" || name == "history.jsonl" ||
           name == "session_index.jsonl";
  }

  static Result<void> try_whole(const std::string& path) {
    auto input = ByteInput::open(path);
    if (!input) return std::unexpected{input.error()};
    std::string buffer(std::size_t{1} << 20, '\0');
    for (;;) {
      const auto got = input->read(buffer.data(), buffer.size());
      if (!got) return std::unexpected{got.error()};
      if (*got == 0) return {};
    }
  }

  void refuse_file(const std::string& path, const std::string& format, const Error& error) {
    refuse(error);
    answer_.files.push_back({path, format, error.message});
  }

  void import_export(ByteInput input) {
    const std::string path = input.path();
    auto source = ExportSource::open(std::move(input));
    if (!source) return refuse_session(path, {}, source.error());
    if (options_.dry_run) return pass_by(path, source->session().id);
    const auto imported =
        store_->import_session(source->session(), [&] { return source->next_line(); });
    if (!imported) return refuse_session(path, source->session().id, imported.error());
    tell(path, source->session().id, *imported);
  }

  void import_page(ByteInput input) {
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

  static bool is_database(ByteInput& input) {
    const auto head = input.peek(sqlite_magic.size());
    return head && *head == sqlite_magic;
  }

  /// A data folder, or a database.
  void import_store(const std::string& path) {
    auto from = open_to_read(path);
    if (!from) return refuse_session(path, {}, from.error());
    const auto sessions = from->sessions({.fresh_counts = false});
    if (!sessions) return refuse_session(path, {}, sessions.error());
    for (const Session& session : *sessions) {
      if (options_.dry_run) pass_by(path, session.id);
      else import_session(path, *from, session);
    }
  }

  /// Exports and data folders are taken over whole: a dry run says only that they would be tried.
  void pass_by(const std::string& path, const std::string& session_id) {
    answer_.sessions.push_back({.path = path, .session_id = session_id, .error = {}});
    if (!context_.common.json) context_.note(session_id + " would be imported");
  }

  void import_session(const std::string& path, const Store& from, const Session& session) {
    auto reader = from.read(session.id, {.raw = true});
    if (!reader) return refuse_session(path, session.id, reader.error());
    import_events(path, **reader, session);
  }

  void import_events(const std::string& path, EventReader& reader, const Session& session) {
    std::span<const EventView> batch;
    std::size_t next = 0;
    const auto next_line = [&]() -> Result<std::optional<std::string_view>> {
      if (next == batch.size()) {
        const auto events = reader.next();
        if (!events) return std::unexpected{events.error()};
        if (events->empty()) return std::nullopt;
        batch = *events;
        next = 0;
      }
      return batch[next++].line;
    };
    const auto imported = store_->import_session(session, next_line);
    if (!imported) return refuse_session(path, session.id, imported.error());
    note_status(tell_report(context_, reader.report(), OnCorrupt::strict));
    tell(path, session.id, *imported);
  }

  void tell(const std::string& path, const std::string& session_id, const ImportReport& imported) {
    answer_.sessions.push_back({path, session_id, imported.events, imported.already,
                                imported.session_created, false, std::nullopt});
    if (!context_.common.json)
      context_.note(fmt::format("{}: {} events imported, {} were here before", session_id,
                                imported.events, imported.already));
  }

  void refuse_session(const std::string& path, const std::string& session_id, Error error) {
    if (!session_id.empty())
      error.message = "cannot import the session " + in_quotes(session_id) + ": " + error.message;
    refuse(error);
    answer_.sessions.push_back({.path = path, .session_id = session_id, .error = error.message});
  }

  void note_status(int status) {
    if (status_ == Status::fine) status_ = status;
  }

  Context& context_;
  Store* store_;
  const ImportCommand& options_;
  ImportTargets targets_;
  TranscriptImport wanted_;
  std::optional<ImportedFiles> imported_;
  Progress* progress_ = nullptr;
  formats::ImportAnswer answer_;
  std::size_t transcripts_ = 0;
  int status_ = Status::fine;
};

}  // namespace

int run(Context& context, const ImportCommand& options) {
  const bool only_asks = is_of_transactions(options) && options.print_cursor;
  if (options.paths.empty() && !only_asks)
    return context.refuse(Code::invalid, "no PATH is given",
                          "`agentstore import --help` shows how");
  if (is_of_transactions(options)) return import_transactions(context, options);
  if (!options.session.empty() || options.print_cursor)
    return context.refuse(Code::invalid, "--session and --print-cursor are about transactions",
                          "add --as purpleflea, or leave them out");
  const auto as = source_named(options.as);
  if (!as) return context.refuse(as.error());
  auto store = context.open_store(
      {.create = !options.dry_run, .snapshot_interval = events_between_snapshots});
  const bool nothing_yet = options.dry_run && !store && store.error().code == Code::not_found;
  if (!store && !nothing_yet) return context.refuse(store.error());
  Importer importer{context, store ? &*store : nullptr, options, *as};
  LogFiles files{[&](const Error& error) { importer.refuse(error); }};
  for (const std::string& path : options.paths)
    if (!files.add(path))
      context.note(in_quotes(path) + " is named more than once; it is imported once");
  if (const std::string note = files.note_of_links(); !note.empty()) context.note(note);
  importer.import(files.files());
  importer.pass_over(files.others());
  return importer.finish();
}

}  // namespace agentstore::cmd
