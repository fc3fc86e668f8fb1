#include "cmd/import/importer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cmd/input/file_kinds.hpp"
#include "cmd/input/file_scan.hpp"
#include "cmd/input/named_ids.hpp"
#include "formats/text/units.hpp"

namespace agentstore::cmd {
namespace {

/// Files that are imported side by side, and made durable together, before the next ones are looked
/// at.
constexpr std::size_t batch_files = 128;

constexpr std::string_view sqlite_magic{"SQLite format 3\0", 16};

bool is_database(ByteInput& input) {
  const auto head = input.peek(sqlite_magic.size());
  return head && *head == sqlite_magic;
}

bool is_lines(const std::string& path) {
  return path.find(".jsonl") != path.npos || path.find(".ndjson") != path.npos;
}

Result<void> try_whole(const std::string& path) {
  auto input = ByteInput::open(path);
  if (!input) return std::unexpected{input.error()};
  std::string buffer(std::size_t{1} << 20, '\0');
  for (;;) {
    const auto got = input->read(buffer.data(), buffer.size());
    if (!got) return std::unexpected{got.error()};
    if (*got == 0) return {};
  }
}

}  // namespace

bool is_named_like_transcript(const std::string& path) {
  const auto name = std::filesystem::path{path}.filename();
  return is_lines(path) && name != "journal.jsonl" && name != "history.jsonl" &&
         name != "session_index.jsonl";
}

StoreOptions store_to_import_into(bool dry_run) {
  // Few: an import writes faster than states can be saved, and a fold of so many takes an instant.
  constexpr std::uint64_t events_between_snapshots = 100'000;
  return {.create = !dry_run,
          .durability = Durability::deferred,
          .snapshot_interval = events_between_snapshots};
}

Importer::Importer(Context& context, Store* store, const std::string& store_name,
                   const ImportCommand& options, const formats::Source* as)
    : context_{context}, store_{store}, options_{options}, targets_{store, options.again} {
  wanted_ = {
      .as = as, .keep_all = options.keep_all, .dry_run = options.dry_run, .targets = &targets_};
  answer_.dry_run = options.dry_run;
  // What has to be looked at whatever was done before is opened.
  if (store != nullptr && !options.dry_run && !options.again && !options.strict)
    imported_.emplace(store_name, options.as + (options.keep_all ? " keep-all" : ""));
}

void Importer::import(const std::vector<LogFile>& files) {
  std::uint64_t bytes = 0;
  for (const LogFile& file : files) bytes += file.size_bytes;
  Progress progress{bytes};
  progress_ = &progress;
  const auto known = known_of(files);
  for (std::size_t begin = 0; begin < files.size(); begin += batch_files) {
    const auto batch = std::span{files}.subspan(begin, std::min(batch_files, files.size() - begin));
    const std::size_t first_session = answer_.sessions.size();
    const auto known_here = std::span{known}.subspan(begin, batch.size());
    auto ahead = import_side_by_side(batch, known_here);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      progress.file(begin + i + 1, files.size());
      if (known_here[i] != nullptr) take_unchanged(batch[i], *known_here[i]);
      else if (ahead[i]) answer_for(batch[i], *ahead[i]);
      else if (batch[i].kind == LogFile::Kind::data_folder) import_store(batch[i].path);
      else import_file(batch[i]);
    }
    sync(first_session);
  }
  progress_ = nullptr;
}

void Importer::refuse(const Error& error) {
  if (progress_ != nullptr) progress_->clear();
  note_status(context_.refuse(error));
}

void Importer::sync(std::size_t first_session) {
  if (store_ == nullptr || options_.dry_run) return;
  const auto synced = store_->sync();
  if (synced) return;
  synced_ = false;
  for (std::size_t i = first_session; i < answer_.sessions.size(); ++i)
    answer_.sessions[i].error = "not durable: " + synced.error().message;
  refuse(synced.error());
}

void Importer::pass_over(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) ++answer_.not_read[kind_of_file(path)];
}

const formats::ImportAnswer& Importer::finish() {
  if (store_ != nullptr && !options_.dry_run)
    if (auto marked = targets_.mark_replaced(); !marked) refuse(marked.error());
  tell_outdated();
  if (store_ != nullptr)
    if (auto closed = store_->close(); !closed) context_.warn(closed.error().message);
  if (keeps_no_sources_)
    context_.note(
        "this store keeps no transcripts as they were read, so that `restore` cannot give "
        "them back; a data folder does");
  // Else the next import looks at every file.
  if (imported_ && synced_) imported_->save();
  if (options_.strict &&
      (answer_.tally.skipped > 0 || !answer_.tally.unknown.empty() || answer_.passed_over > 0))
    note_status(Status::finding);
  return answer_;
}

std::vector<const ImportedFiles::File*> Importer::known_of(std::span<const LogFile> files) const {
  std::vector<const ImportedFiles::File*> known(files.size());
  if (!imported_) return known;
  side_by_side(files.size(), [&](std::size_t, std::size_t i) {
    if (files[i].kind == LogFile::Kind::file) known[i] = imported_->unchanged(files[i].path);
  });
  return known;
}

void Importer::take_unchanged(const LogFile& file, const ImportedFiles::File& known) {
  ++answer_.unchanged;
  for (const ImportedFiles::Held& held : known.sessions)
    answer_.sessions.push_back(
        {.path = file.path, .session_id = held.session_id, .already = held.events, .error = {}});
  answer_.files.push_back({file.path, known.format, std::nullopt});
  progress_->add(file.size_bytes);
}

void Importer::import_file(const LogFile& file) {
  const FileStamp stamp = stamp_of_file(file.path);
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
  if (!kind || kind->shape == Shape::transcript) import_transcript(file, std::move(*input), stamp);
  else if (kind->shape == Shape::export_) import_export(std::move(*input));
  else if (kind->shape == Shape::page) import_page(std::move(*input));
  else import_log(file.path, std::move(*input), *kind);
}

void Importer::import_transcript(const LogFile& file, ByteInput input, const FileStamp& stamp) {
  // Half a file is worse than none: what is compressed is tried first, where it can be.
  if (input.compressed() && file.path != "-") {
    if (auto tried = try_whole(file.path); !tried) return refuse_file(file.path, {}, tried.error());
  }
  if (file.path == "-") input.limit_lines();
  answer_for(file, convert(std::move(input), stamp));
}

Importer::Converted Importer::convert(ByteInput input, const FileStamp& stamp) {
  const std::string path = input.path();
  TranscriptImporter importer{store_, std::move(input), wanted_};
  Converted converted{.done = importer.run(*progress_)};
  converted.format = importer.format();
  if (converted.format != nullptr) converted.tally = importer.tally();
  converted.sessions = importer.sessions();
  if (imported_) converted.stamp = stamp;
  if (converted.done && path != "-" && converted.format != nullptr && !options_.dry_run)
    keep(importer, path, stamp, converted);
  return converted;
}

void Importer::keep(TranscriptImporter& importer, const std::string& path, const FileStamp& stamp,
                    Converted& converted) {
  auto kept = keep_transcript(*store_, {.path = path,
                                        .stamp = stamp,
                                        .bytes = converted.tally.bytes,
                                        .source = converted.format,
                                        .sessions = importer.source_sessions(),
                                        .imported = converted.sessions,
                                        .replaced = importer.replaced_sessions(),
                                        .redacted = importer.redacted_payloads()});
  if (!kept) {
    converted.done = std::unexpected{std::move(kept.error())};
    return;
  }
  converted.kept = std::move(*kept);
  if (converted.kept.busy) converted.stamp = {};
}

std::vector<std::optional<Importer::Converted>> Importer::import_side_by_side(
    std::span<const LogFile> files, std::span<const ImportedFiles::File* const> known) {
  std::vector<std::optional<Converted>> done(files.size());
  const bool all_known = std::ranges::find(known, nullptr) == known.end();
  if (files.size() < 2 || all_known || store_ == nullptr || options_.dry_run || options_.again)
    return done;
  std::vector<NamedIds> ids(files.size());
  std::vector<char> takes(files.size());
  side_by_side(files.size(), [&](std::size_t, std::size_t i) {
    if (known[i] != nullptr || !is_to_be_read(files[i])) return;
    takes[i] = is_of_claude_code(files[i]) && ids[i].add(files[i].path) ? 1 : 0;
    // What one of other files says of the same session comes in the order of the files.
    if (takes[i] == 0) static_cast<void>(ids[i].add(files[i].path));
  });
  const auto groups = grouped_by_ids(ids);
  side_by_side(groups.size(), [&](std::size_t, std::size_t group) {
    const auto reads = [&](std::size_t i) { return takes[i] != 0; };
    if (!std::ranges::all_of(groups[group], reads)) return;
    for (const std::size_t i : groups[group]) {
      const FileStamp stamp = stamp_of_file(files[i].path);
      auto input = ByteInput::open(files[i].path);
      if (input) done[i].emplace(convert(std::move(*input), stamp));
    }
  });
  return done;
}

bool Importer::is_to_be_read(const LogFile& file) {
  return file.kind == LogFile::Kind::file && file.path != "-";
}

bool Importer::is_of_claude_code(const LogFile& file) const {
  if (!store_of_log(file.path).empty()) return false;
  auto input = ByteInput::open(file.path);
  const formats::Source* as = wanted_.as;
  if (input && as == nullptr)
    if (const auto kind = kind_of(*input)) as = kind->source;
  return input && !input->compressed() && as == &formats::claude_code_source;
}

void Importer::answer_for(const LogFile& file, const Converted& converted) {
  const std::string format{converted.format == nullptr ? "" : converted.format->name};
  if (!converted.done && format.empty() && !file.named && !is_named_like_transcript(file.path)) {
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
  answer_.source_bytes += converted.kept.new_bytes;
  answer_.changed.insert(answer_.changed.end(), converted.kept.changed.begin(),
                         converted.kept.changed.end());
  if (converted.kept.busy) answer_.busy.push_back(file.path);
  keeps_no_sources_ = keeps_no_sources_ || converted.kept.unsupported;
  if (converted.done && converted.stamp.known())
    remember(file.path, format, converted.stamp, converted.sessions);
  if (converted.done) return answer_.files.push_back({file.path, format, std::nullopt});
  Error error = converted.done.error();
  error.message = "cannot import " + in_quotes(file.path) + ": " + error.message;
  refuse_file(file.path, format, error);
}

void Importer::remember(const std::string& path, const std::string& format, const FileStamp& stamp,
                        const std::vector<formats::ImportedSession>& sessions) {
  ImportedFiles::File file{.stamp = stamp, .format = format, .sessions = {}};
  for (const formats::ImportedSession& session : sessions) {
    if (session.outdated || session.error) return;
    if (!session.session_id.empty())
      file.sessions.push_back({session.session_id, session.events + session.already});
  }
  imported_->imported(path, std::move(file));
}

void Importer::tell_outdated() {
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

void Importer::refuse_file(const std::string& path, const std::string& format, const Error& error) {
  refuse(error);
  answer_.files.push_back({path, format, error.message});
}

void Importer::note_status(int status) {
  if (status_ == Status::fine) status_ = status;
}

}  // namespace agentstore::cmd
