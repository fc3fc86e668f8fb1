#include "cmd/input/transcript_reader.hpp"

#include <filesystem>
#include <utility>

#include "agentstore/json.hpp"
#include "cmd/context.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{256} << 10;
constexpr std::size_t findings_max = 1000;

/// The line that a log without seals has for the event.
std::string line_of(const EventView& event) {
  std::string line;
  line.reserve(event.session_id.size() + event.payload.size() + event.metadata.size() + 128);
  line = R"({"session_id":)";
  json::append_quoted(line, event.session_id);
  line += R"(,"sequence_number":)" + std::to_string(event.sequence_number) + R"(,"type":)";
  json::append_quoted(line, event.type);
  line += R"(,"payload":)";
  line += event.payload;
  line += R"(,"timestamp":")" + format_rfc3339(event.timestamp) + R"(","metadata":)";
  line += event.metadata;
  line += '}';
  return line;
}

formats::Made enough_for(const ReadOptions& options, formats::Made made) {
  const bool looks_at_all =
      options.filter.predicate || (!options.raw && options.upcasts != nullptr);
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

TranscriptReader::TranscriptReader(const formats::Source& source, ReadOptions options,
                                   std::string name, formats::Made made)
    : source_{source},
      options_{std::move(options)},
      name_{std::move(name)},
      made_how_{enough_for(options_, made)},
      chunk_{std::make_unique_for_overwrite<char[]>(chunk_bytes)} {}

Result<std::unique_ptr<TranscriptReader>> TranscriptReader::open(const std::string& path,
                                                                 const formats::Source& source,
                                                                 ReadOptions options,
                                                                 std::string name,
                                                                 formats::Made made) {
  auto input = ByteInput::open(path);
  if (!input) return std::unexpected{input.error()};
  if (name.empty()) name = path;
  std::unique_ptr<TranscriptReader> reader{
      new TranscriptReader{source, std::move(options), std::move(name), made}};
  reader->start(std::move(*input));
  return reader;
}

void TranscriptReader::start(ByteInput input) {
  input_.emplace(std::move(input));
  transcript_.emplace(
      formats::SourceOptions{
          .fallback_id = stem_of(name_), .imported_at = now(), .made = made_how_},
      &source_);
  ended_ = false;
  last_ = 0;
  report_ = {.verdict = Verdict::unsealed, .findings = {}, .log_name = name_};
}

Result<bool> TranscriptReader::read_on() {
  if (ended_) return false;
  const auto got = input_->read(chunk_.get(), chunk_bytes);
  if (!got) return std::unexpected{got.error()};
  ended_ = *got == 0;
  auto fed = ended_ ? transcript_->end() : transcript_->feed({chunk_.get(), *got});
  if (!fed) return std::unexpected{fed.error()};
  if (auto taken = take(transcript_->take_events()); !taken) return std::unexpected{taken.error()};
  if (ended_) finish();
  return true;
}

Result<void> TranscriptReader::take(std::vector<formats::SourceEvent> events) {
  made_ = std::move(events);
  for (formats::SourceEvent& made : made_) {
    if (!made.compact) made.draft.payload = json::compact(made.draft.payload);
    EventView event;
    event.session_id = transcript_->sessions()[made.session].id;
    event.sequence_number = ++last_;
    event.type = made.draft.type;
    event.timestamp = *made.draft.timestamp;
    event.metadata = made.draft.metadata;
    event.payload = made.draft.payload;
    event.event_id = made.draft.event_id;
    if (last_ <= given_) continue;
    if (!options_.raw && options_.upcasts != nullptr && options_.filter.in_range(event)) {
      if (auto done = options_.upcasts->apply(event, lines_); !done) return done;
    }
    if (!options_.filter.matches(event)) continue;
    if (made_how_ == formats::Made::whole) event.line = lines_.emplace_back(line_of(event));
    events_.push_back(event);
  }
  report_.events = report_.unsealed = report_.last_sequence_number = last_;
  return {};
}

void TranscriptReader::finish() {
  const formats::Tally& tally = transcript_->tally();
  report_.findings.clear();
  for (const formats::SkippedPart& part : tally.skipped_parts)
    if (report_.findings.size() < findings_max)
      report_.findings.push_back({FindingKind::skipped, part.line, part.offset_bytes, 0, part.why});
  report_.finding_count = tally.skipped;
  report_.end_offset_bytes = tally.bytes;
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

Result<bool> TranscriptReader::poll() {
  if (!ended_ || name_ == "-") return false;
  std::error_code error;
  if (std::filesystem::file_size(input_->path(), error) == input_->file_bytes() || error)
    return false;
  auto again = ByteInput::open(input_->path());
  if (!again) return std::unexpected{again.error()};
  // What a transcript's records become depends on those before them: it is read from its start.
  given_ = last_;
  start(std::move(*again));
  return true;
}

std::map<std::uint64_t, std::uint64_t> lines_of_events(const std::string& path,
                                                       const formats::Source& source,
                                                       const std::set<std::uint64_t>& numbers) {
  std::map<std::uint64_t, std::uint64_t> lines;
  auto input = ByteInput::open(path);
  if (!input) return lines;
  formats::Transcript transcript{{.fallback_id = stem_of(path), .imported_at = now()}, &source};
  std::string chunk(chunk_bytes, '\0');
  std::uint64_t number = 0;
  for (bool end = false; !end && lines.size() < numbers.size();) {
    const auto got = input->read(chunk.data(), chunk.size());
    if (!got) break;
    end = *got == 0;
    if (!(end ? transcript.end() : transcript.feed({chunk.data(), *got}))) break;
    for (const formats::SourceEvent& event : transcript.take_events())
      if (numbers.contains(++number)) lines[number] = event.line;
  }
  return lines;
}

Result<Verification> verify_transcript(const std::string& path, const formats::Source& source,
                                       std::string name) {
  auto reader = TranscriptReader::open(path, source, {}, std::move(name));
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
