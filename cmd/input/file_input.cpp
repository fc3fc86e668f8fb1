#include "cmd/input/file_input.hpp"

#include <utility>

#include "cmd/input/known_files.hpp"
#include "cmd/input/transcript_reader.hpp"

namespace agentstore::cmd {
namespace {

/// What an export says, and how it is laid out, is not sealed.
void check_export(const InputFile& file, Verification& verification) {
  if (file.laid_out_anew && verification.events > verification.unsealed)
    add_finding(verification, {FindingKind::layout, 0, 0, 0,
                               "another program laid out its events anew: these are not the bytes "
                               "that were sealed"});
  if (file.session && verification.events > 0 && verification.session_id != file.session->id)
    add_finding(verification, {FindingKind::session, 0, 0, 0,
                               "its events are those of another session than it says"});
}

}  // namespace

Result<const InputFile*> FileInput::file() const {
  const bool again = files_.knows(path_);
  const auto file = files_.open(path_);
  if (file && (*file)->laid_out_anew && !again)
    context_.note((*file)->origin.name +
                  ": another program laid out its events anew; they are read, and their seals "
                  "checked, without the white space that it put in");
  return file;
}

Result<ReadOptions> FileInput::with_upcasts(ReadOptions options) const {
  const auto upcasts = context_.upcasts();
  if (!upcasts) return std::unexpected{upcasts.error()};
  options.upcasts = *upcasts;
  return options;
}

Result<std::unique_ptr<EventReader>> FileInput::open(ReadOptions options) const {
  const auto here = file();
  if (!here) return std::unexpected{here.error()};
  if ((*here)->source != nullptr)
    return open_transcript(**here, std::move(options), formats::Made::whole);
  auto upcast = with_upcasts(std::move(options));
  if (!upcast) return std::unexpected{upcast.error()};
  return read_log((*here)->path, std::move(*upcast), (*here)->origin);
}

Result<std::unique_ptr<EventReader>> FileInput::open_transcript(const InputFile& file,
                                                                ReadOptions options,
                                                                formats::Made made) const {
  auto upcast = with_upcasts(std::move(options));
  if (!upcast) return std::unexpected{upcast.error()};
  return TranscriptReader::open(transcript_files(file), std::move(*upcast), made);
}

TranscriptFiles FileInput::transcript_files(const InputFile& file) const {
  TranscriptFiles files{.paths = paths_,
                        .source = paths_.size() == 1 ? file.source : nullptr,
                        .session_id = {},
                        .name = {}};
  if (!whole_file_) files.session_id = session().id;
  if (paths_.size() > 1) return files;
  files.paths = {file.path};
  files.name = file.origin.name;
  return files;
}

// Of a session of a folder, what is known of its files is all that is needed.
Result<ReadReport> FileInput::open_parts(ReadOptions options, const Parts& parts,
                                         formats::Made made) const {
  const auto upcasts = context_.upcasts();
  if (!upcasts) return std::unexpected{upcasts.error()};
  const CachedAggregate& aggregate = parts.cached_aggregate;
  const bool may_be_known = !session().id.empty() && !aggregate.name.empty() &&
                            options.filter.takes_all() && (options.raw || *upcasts == nullptr);
  if (!may_be_known) return read_all_parts(std::move(options), parts, made);
  const bool decides = options.seals == Seals::all;
  KnownFiles& known = context_.known_files();
  const auto look = known.look_at(paths_);
  if (const FileSums* const sums = sums_of(aggregate, decides);
      sums != nullptr && aggregate.take(sums->text)) {
    known.keep(look, only_session(), sums->report, aggregate, sums->text);
    return sums->report;
  }
  if (decides) return read_all_parts(std::move(options), parts, made);
  if (auto report = known.take(look, only_session(), aggregate)) return std::move(*report);
  auto report = read_all_parts(std::move(options), parts, made);
  if (!report) return report;
  if (const auto text = aggregate.give())
    known.keep(look, only_session(), *report, aggregate, *text);
  return report;
}

const FileSums* FileInput::sums_of(const CachedAggregate& aggregate, bool all_read) const {
  const bool are = sums_ && sums_->question == question_of(aggregate);
  return are && (sums_->all_read || !all_read) ? sums_.get() : nullptr;
}

Result<std::vector<Finding>> FileInput::check_cached_aggregate(const Parts& parts) const {
  if (session().id.empty()) return std::vector<Finding>{};
  KnownFiles& known = context_.known_files();
  const auto look = known.look_at(paths_);
  const auto report = read_all_parts({}, parts, formats::Made::whole);
  if (!report) return std::unexpected{report.error()};
  return known.check(look, only_session(), *report, parts.cached_aggregate);
}

Result<ReadReport> FileInput::read_all_parts(ReadOptions options, const Parts& parts,
                                             formats::Made made) const {
  const auto here = file();
  if (!here) return std::unexpected{here.error()};
  if ((*here)->source != nullptr) {
    const auto reader = open_transcript(**here, std::move(options), made);
    if (!reader) return std::unexpected{reader.error()};
    return agentstore::read_parts(**reader, parts);
  }
  auto upcast = with_upcasts(std::move(options));
  if (!upcast) return std::unexpected{upcast.error()};
  return read_log_parts((*here)->path, std::move(*upcast), parts, (*here)->origin);
}

std::string FileInput::identity() const {
  if (!whole_file_) return "session " + session().id + " of " + path_;
  return identity_of_file(path_, (path_ == "-" ? "-" : "id ") + session().id);
}

Result<Session> FileInput::describe() const {
  const auto reader = read({.raw = true, .seals = Seals::short_logs});
  if (!reader) return std::unexpected{reader.error()};
  const auto events = (*reader)->next();
  if (!events) return std::unexpected{events.error()};
  if (const auto here = file(); here && (*here)->session) return *(*here)->session;
  Session described = session();
  if (events->empty()) return described;
  described.id = events->front().session_id;
  described.created_at = events->front().timestamp;
  if (!point()) described.updated_at = described.created_at;
  return described;
}

Result<std::string> FileInput::session_id(OnCorrupt on_corrupt) const {
  const auto reader = open({.on_corrupt = on_corrupt, .raw = true});
  if (!reader) return std::unexpected{reader.error()};
  const auto batch = (*reader)->next();
  if (!batch) return std::unexpected{batch.error()};
  if (!batch->empty()) return std::string{batch->front().session_id};
  const auto here = file();
  return here && (*here)->session ? (*here)->session->id : std::string{};
}

Labels FileInput::labels() const {
  if (!session().labels.empty()) return session().labels;
  const auto here = file();
  if (!here) return {};
  if ((*here)->session) return (*here)->session->labels;
  if ((*here)->source == nullptr) return {};
  if (!told_labels_) told_labels_ = labels_of_transcript(transcript_files(**here));
  return *told_labels_;
}

std::string FileInput::recorded_by() const {
  const auto here = file();
  return here && (*here)->source != nullptr ? std::string{(*here)->source->family}
                                            : Input::recorded_by();
}

std::optional<std::map<std::uint64_t, std::string>> FileInput::places_of(
    const std::set<std::uint64_t>& sequence_numbers) const {
  std::map<std::uint64_t, std::string> places;
  const auto here = file();
  if (here && (*here)->source != nullptr)
    places = places_of_events(transcript_files(**here), sequence_numbers);
  // A log of ours has a line an event.
  for (const std::uint64_t number : sequence_numbers)
    places.emplace(number, path_ + ":" + std::to_string(number));
  return places;
}

Result<void> FileInput::trace(const Trace& take) const {
  const auto here = file();
  if (!here) return std::unexpected{here.error()};
  if ((*here)->source == nullptr) return {};
  const auto reader =
      TranscriptReader::open(transcript_files(**here), {.raw = true}, formats::Made::whole, take);
  if (!reader) return std::unexpected{reader.error()};
  return for_each_event(**reader, [](const EventView& /*event*/) {});
}

Result<Folded> FileInput::fold(const ProjectionFactory& make, const Point& point,
                               OnCorrupt on_corrupt) const {
  auto reader = read({.filter = filter_of(point), .on_corrupt = on_corrupt});
  if (!reader) return std::unexpected{reader.error()};
  // Its first event may be after the point.
  auto id = session_id(on_corrupt);
  if (!id) return std::unexpected{id.error()};
  return fold_events(**reader, make, std::move(*id));
}

Result<History> FileInput::history() const {
  auto id = session_id(OnCorrupt::prefix);
  if (!id) return std::unexpected{id.error()};
  return History{.session_id = std::move(*id),
                 .labels = labels(),
                 .read = [this](ReadOptions options) { return read(std::move(options)); }};
}

Result<Verification> FileInput::verify(const VerifyOptions& options) const {
  const auto here = file();
  if (!here) return std::unexpected{here.error()};
  if ((*here)->source != nullptr) return verify_transcript(transcript_files(**here));
  auto verification = verify_log((*here)->path, options, (*here)->origin);
  if (verification) check_export(**here, *verification);
  return verification;
}

}  // namespace agentstore::cmd
