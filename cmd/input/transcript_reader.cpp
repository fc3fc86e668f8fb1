#include "cmd/input/transcript_reader.hpp"

#include <filesystem>
#include <utility>

#include "agentstore/json.hpp"
#include "cmd/context.hpp"
#include "cmd/input/transcript_figures.hpp"
#include "cmd/words/drafts.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{256} << 10;

/// Writes the line that a log without seals has for the event, and has its payload and metadata
/// seen there.
void add_line(EventView& event, std::deque<std::string>& lines) {
  std::string& line = lines.emplace_back();
  line.reserve(event.session_id.size() + event.payload.size() + event.metadata.size() + 128);
  line = R"({"session_id":)";
  json::append_quoted(line, event.session_id);
  line += R"(,"sequence_number":)" + std::to_string(event.sequence_number) + R"(,"type":)";
  json::append_quoted(line, event.type);
  line += R"(,"payload":)";
  const std::size_t payload = line.size();
  line += event.payload;
  line += R"(,"timestamp":")" + format_rfc3339(event.timestamp) + R"(","metadata":)";
  const std::size_t metadata = line.size();
  line += event.metadata;
  line += '}';
  event.line = line;
  event.payload = event.line.substr(payload, event.payload.size());
  event.metadata = event.line.substr(metadata, event.metadata.size());
}

formats::Made enough_for(const ReadOptions& options, const TranscriptFiles& files,
                         formats::Made made) {
  const bool looks_at_all = options.filter.predicate || files.paths.size() > 1 ||
                            (!options.raw && options.upcasts != nullptr);
  return looks_at_all ? formats::Made::whole : made;
}

}  // namespace

std::string stem_of(const std::string& path) {
  if (path == "-") return "stdin";
  std::filesystem::path name = std::filesystem::path{path}.filename();
  for (const char* const ending : {".gz", ".zst", ".jsonl", ".ndjson", ".json"})
    if (name.extension() == ending) name = name.stem();
  return name.string();
}

TranscriptReader::TranscriptReader(TranscriptFiles files, ReadOptions options, formats::Made made,
                                   OnEvent on_event)
    : files_{std::move(files)},
      options_{std::move(options)},
      made_how_{enough_for(options_, files_, made)},
      on_event_{std::move(on_event)},
      chunk_{std::make_unique_for_overwrite<char[]>(chunk_bytes)} {}

Result<std::unique_ptr<TranscriptReader>> TranscriptReader::open(TranscriptFiles files,
                                                                 ReadOptions options,
                                                                 formats::Made made,
                                                                 OnEvent on_event) {
  if (files.name.empty()) files.name = files.paths.front();
  std::unique_ptr<TranscriptReader> reader{
      new TranscriptReader{std::move(files), std::move(options), made, std::move(on_event)}};
  reader->start();
  if (auto opened = reader->open_file(); !opened) return std::unexpected{opened.error()};
  return reader;
}

void TranscriptReader::start() {
  file_ = 0;
  bytes_read_.assign(files_.paths.size(), 0);
  seen_ = {};
  ended_ = false;
  next_file_ = false;
  last_ = 0;
  report_ = {.verdict = Verdict::unsealed, .findings = {}, .log_name = files_.name};
}

Result<void> TranscriptReader::open_file() {
  auto input = ByteInput::open(files_.paths[file_]);
  if (!input) return std::unexpected{input.error()};
  input_.emplace(std::move(*input));
  const std::string& called = files_.paths.size() == 1 ? files_.name : files_.paths[file_];
  transcript_.emplace(formats::SourceOptions{.fallback_id = stem_of(called),
                                             .file_changed_at = input_->changed_at(),
                                             .made = made_how_,
                                             .repetitions = static_cast<bool>(on_event_)},
                      files_.source);
  return {};
}

Result<bool> TranscriptReader::read_on() {
  if (ended_) return false;
  // Not before: what was given last has views into the file before it.
  if (std::exchange(next_file_, false))
    if (auto opened = open_file(); !opened) return std::unexpected{opened.error()};
  const auto got = input_->read(chunk_.get(), chunk_bytes);
  if (!got) return std::unexpected{got.error()};
  const bool end_of_file = *got == 0;
  auto fed = end_of_file ? transcript_->end() : transcript_->feed({chunk_.get(), *got});
  if (!fed) return std::unexpected{fed.error()};
  if (auto taken = take(transcript_->take_events()); !taken) return std::unexpected{taken.error()};
  if (!end_of_file) return true;
  finish();
  ended_ = ++file_ == files_.paths.size();
  next_file_ = !ended_;
  return true;
}

bool TranscriptReader::is_of_session(const formats::SourceEvent& made) {
  return files_.session_id.empty() || transcript_->sessions()[made.session].id == files_.session_id;
}

Result<void> TranscriptReader::take(std::vector<formats::SourceEvent> events) {
  made_ = std::move(events);
  for (formats::SourceEvent& made : made_) {
    if (!made.compact) made.draft.payload = json::compact(made.draft.payload);
    if (!is_of_session(made)) continue;
    const bool repeated = made.repeated || (files_.paths.size() > 1 && !seen_.take(made.draft));
    EventView event = view_of(made.draft);
    // The transcript may be gone before the event is: the next file has one of its own.
    event.session_id = *session_ids_.emplace(transcript_->sessions()[made.session].id).first;
    event.sequence_number = repeated ? 0 : ++last_;
    if (on_event_) on_event_(event, {files_.paths[file_], made.line, repeated});
    if (repeated || last_ <= given_) continue;
    if (!options_.raw && options_.upcasts != nullptr && options_.filter.in_range(event)) {
      if (auto done = options_.upcasts->apply(event, lines_); !done) return done;
    }
    if (!options_.filter.matches(event)) continue;
    if (made_how_ == formats::Made::whole) add_line(event, lines_);
    events_.push_back(event);
  }
  report_.events = report_.unsealed = report_.last_sequence_number = last_;
  return {};
}

void TranscriptReader::finish() {
  const formats::Tally& tally = transcript_->tally();
  const std::string before = files_.paths.size() == 1 ? "" : files_.paths[file_] + ": ";
  add_skipped(report_, tally, before);
  bytes_read_[file_] = input_->file_bytes();
}

Result<std::span<const EventView>> TranscriptReader::next() {
  events_.clear();
  lines_.clear();
  while (events_.empty()) {
    const auto more = read_on();
    if (!more) return std::unexpected{more.error()};
    if (!*more) break;
  }
  return events_;
}

Result<bool> TranscriptReader::has_grown() const {
  for (std::size_t i = 0; i < files_.paths.size(); ++i) {
    std::error_code error;
    const auto bytes = std::filesystem::file_size(files_.paths[i], error);
    if (!error && bytes != bytes_read_[i]) return true;
  }
  return false;
}

Result<bool> TranscriptReader::poll() {
  if (!ended_ || files_.name == "-" || !*has_grown()) return false;
  // What a transcript's records become depends on those before them: it is read from its start.
  given_ = last_;
  start();
  if (auto opened = open_file(); !opened) return std::unexpected{opened.error()};
  return true;
}

Labels TranscriptReader::labels() {
  const auto& sessions = transcript_->sessions();
  return sessions.empty() ? Labels{} : sessions.front().labels;
}

Labels labels_of_transcript(TranscriptFiles files) {
  // Records before it may lack the folder; what does not have one for so long has none.
  constexpr std::uint64_t events_max = 256;
  Labels labels;
  const auto reader =
      TranscriptReader::open(std::move(files), {.raw = true}, formats::Made::figures);
  for (std::uint64_t seen = 0; reader && seen < events_max && !labels.contains("cwd");) {
    const auto events = (*reader)->next();
    labels = (*reader)->labels();
    if (!events || events->empty()) break;
    seen += events->size();
  }
  return labels;
}

std::map<std::uint64_t, std::string> places_of_events(TranscriptFiles files,
                                                      const std::set<std::uint64_t>& numbers) {
  std::map<std::uint64_t, std::string> places;
  const std::string name = files.paths.size() == 1 ? files.name : std::string{};
  const auto reader = TranscriptReader::open(
      std::move(files), {.raw = true}, formats::Made::figures,
      [&](const EventView& event, const TracedPlace& place) {
        if (!place.repeated && numbers.contains(event.sequence_number))
          places[event.sequence_number] =
              (name.empty() ? place.path : name) + ":" + std::to_string(place.line);
      });
  if (reader) static_cast<void>(for_each_event(**reader, [](const EventView& /*event*/) {}));
  return places;
}

Result<Verification> verify_transcript(TranscriptFiles files) {
  auto reader = TranscriptReader::open(std::move(files), {});
  if (!reader) return std::unexpected{reader.error()};
  Verification verified;
  const auto read = for_each_event(**reader, [&](const EventView& event) {
    if (verified.session_id.empty()) verified.session_id = event.session_id;
  });
  if (!read) return std::unexpected{read.error()};
  const ReadReport& report = (*reader)->report();
  verified.events = verified.unsealed = report.events;
  verified.findings = report.findings;
  verified.finding_count = report.finding_count;
  verified.end_offset_bytes = report.end_offset_bytes;
  verified.log_name = report.log_name;
  verified.verdict = report.finding_count == 0 ? Verdict::unsealed : Verdict::damaged;
  if (report.finding_count == 1 && report.findings.front().message.starts_with("the last line"))
    verified.verdict = Verdict::torn;
  return verified;
}

}  // namespace agentstore::cmd
