#include "cmd/search/transcript_hits.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <string_view>
#include <utility>

#include "agentstore/event.hpp"
#include "agentstore/internal/foreign_json.hpp"
#include "agentstore/json.hpp"
#include "cmd/input/transcript_reader.hpp"
#include "cmd/words/drafts.hpp"
#include "formats/sources/transcript.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{256} << 10;
/// A session says what it is in its first records.
constexpr std::size_t head_lines_max = 64;

/// Takes the events that are made of a file.
class Hits {
 public:
  Hits(const ByteInput& input, const formats::Source& source, const Search& search, bool numbered)
      : search_{search},
        numbered_{numbered},
        transcript_{{.fallback_id = stem_of(input.path()), .file_changed_at = input.changed_at()},
                    &source} {}

  Result<void> feed(std::string_view bytes) {
    if (auto fed = transcript_.feed(bytes); !fed) return fed;
    return take_events();
  }
  Result<void> end() {
    if (auto ended = transcript_.end(); !ended) return ended;
    return take_events();
  }

  /// Whether it is known which session it is.
  bool says_session() {
    const auto& sessions = transcript_.sessions();
    return !sessions.empty() && !sessions.front().title.empty() &&
           sessions.front().labels.contains("cwd");
  }

  /// Whether a record does not say which session it is of.
  bool depends_on_others() const { return depends_on_others_; }

  std::vector<HitsInFile> sessions() {
    sessions_.resize(transcript_.sessions().size());
    for (std::size_t i = 0; i < sessions_.size(); ++i) {
      const formats::SourceSession& session = transcript_.sessions()[i];
      sessions_[i].hits.finish(search_.questions);
      formats::FoundSession& found = sessions_[i].hits.found();
      found.session_id = session.id;
      found.title = session.title;
      sessions_[i].labels = session.labels;
      if (const auto project = session.labels.find("project"); project != session.labels.end())
        found.project = project->second;
    }
    return std::move(sessions_);
  }

 private:
  Result<void> take_events() {
    for (formats::SourceEvent& made : transcript_.take_events())
      if (auto taken = take(made); !taken) return taken;
    return {};
  }

  Result<void> take(formats::SourceEvent& made) {
    if (made.session >= sessions_.size()) sessions_.resize(made.session + 1);
    HitsInFile& session = sessions_[made.session];
    Draft& draft = made.draft;
    if (!made.compact) draft.payload = json::compact(draft.payload);
    session.first_at =
        session.events == 0 ? *draft.timestamp : std::min(session.first_at, *draft.timestamp);
    EventView event = view_of(draft);
    event.session_id = transcript_.sessions()[made.session].id;
    event.sequence_number = ++session.events;
    depends_on_others_ = depends_on_others_ || is_kept_as_text(event);
    upcast_.clear();
    if (search_.upcasts != nullptr)
      if (auto done = search_.upcasts->apply(event, upcast_); !done) return done;
    if (search_.filter.matches(event)) session.hits.take(search_.questions, event, numbered_);
    return {};
  }

  const Search& search_;
  const bool numbered_;
  formats::Transcript transcript_;
  std::vector<HitsInFile> sessions_;
  std::deque<std::string> upcast_;
  bool depends_on_others_ = false;
};

/// A file's bytes, cut where lines end.
class WholeLines {
 public:
  explicit WholeLines(ByteInput input) : input_{std::move(input)} {}

  const ByteInput& input() const { return input_; }

  /// The next lines; at the end what no newline ends, then empty. It lives until the next call.
  /// Nothing: a line is longer than any that counts.
  Result<std::optional<std::string_view>> next() {
    bytes_.erase(0, given_);
    given_ = 0;
    std::size_t looked_at = 0;
    while (!ended_) {
      const std::size_t before = bytes_.size();
      Result<std::size_t> got = 0;
      bytes_.resize_and_overwrite(before + chunk_bytes, [&](char* into, std::size_t) {
        got = input_.read(into + before, chunk_bytes);
        return before + got.value_or(0);
      });
      if (!got) return std::unexpected{got.error()};
      ended_ = *got == 0;
      const std::size_t newline = std::string_view{bytes_}.substr(looked_at).rfind('\n');
      if (newline != std::string_view::npos) {
        given_ = looked_at + newline + 1;
        return std::string_view{bytes_}.substr(0, given_);
      }
      looked_at = bytes_.size();
      if (looked_at > line_bytes_max) return std::nullopt;
    }
    given_ = bytes_.size();
    return std::string_view{bytes_};
  }

 private:
  ByteInput input_;
  std::string bytes_;
  std::size_t given_ = 0;
  bool ended_ = false;
};

/// The first of the lines, with its newline.
std::string_view first_line(std::string_view lines) {
  return lines.substr(0, std::min(lines.find('\n'), lines.size() - 1) + 1);
}

/// Whether the first records of known formats are Claude Code's, and no other's.
bool is_claude_code(std::string_view lines) {
  json::ForeignParser parser;
  for (std::size_t seen = 0; seen < head_lines_max && !lines.empty(); ++seen) {
    const std::string_view line = first_line(lines);
    const auto record = parser.parse(line, line.data() + line.size());
    lines.remove_prefix(line.size());
    if (!record || json::kind_of(*record) != json::Kind::object) continue;
    const formats::Source* of = nullptr;
    std::size_t recognised = 0;
    for (const formats::Source* source : formats::sources())
      if (source->recognises(*record)) {
        of = source;
        ++recognised;
      }
    if (recognised > 0) return recognised == 1 && of == &formats::claude_code_source;
  }
  return false;
}

/// The lines that a session's title is in.
class TitleLines {
 public:
  explicit TitleLines(std::string_view bytes) : bytes_{bytes} {}

  std::optional<std::string_view> next() {
    static const BytePattern pattern = BytePattern::of("Title", false);
    for (;;) {
      const auto found = pattern.find(bytes_, at_);
      if (!found) return std::nullopt;
      at_ = found.at + 1;
      const std::string_view before = bytes_.substr(0, found.at);
      if (!before.ends_with("\"custom") && !before.ends_with("\"ai")) continue;
      const std::size_t newline_before = before.rfind('\n');
      const std::size_t begin = newline_before == before.npos ? 0 : newline_before + 1;
      at_ = std::min(bytes_.find('\n', found.at), bytes_.size() - 1) + 1;
      return bytes_.substr(begin, at_ - begin);
    }
  }

 private:
  const std::string_view bytes_;
  std::size_t at_ = 0;
};

/// Whether a record is of its file's session, whatever records are before it.
bool tells_session(std::string_view line) {
  return line.find("\"sessionId\"") != line.npos;
}

/// Records of which no event is made, whatever session they are of.
bool makes_nothing(std::string_view line) {
  return line.starts_with(R"({"type":"file-history-snapshot")");
}

/// Feeds the lines that matter; false: the file has to be read whole.
Result<bool> feed_some(std::string_view lines, const RawFilter& raw, Hits& hits) {
  RawLines matching{raw, lines};
  TitleLines titles{lines};
  auto match = matching.next();
  auto title = titles.next();
  while (match || title) {
    const bool by_match = match && (!title || match->data() <= title->data());
    const std::string_view line = by_match ? *match : *title;
    const bool same = match && title && match->data() == title->data();
    if (!makes_nothing(line)) {
      if (by_match && !tells_session(line)) return false;
      if (auto fed = hits.feed(line); !fed) return std::unexpected{fed.error()};
    }
    if (by_match) match = matching.next();
    if (!by_match || same) title = titles.next();
  }
  return true;
}

}  // namespace

Result<std::vector<HitsInFile>> hits_in_all_records(ByteInput input, const formats::Source& source,
                                                    const Search& search) {
  Hits hits{input, source, search, true};
  std::string chunk(chunk_bytes, '\0');
  for (;;) {
    const auto got = input.read(chunk.data(), chunk.size());
    if (!got) return std::unexpected{got.error()};
    auto fed = *got == 0 ? hits.end() : hits.feed({chunk.data(), *got});
    if (!fed) return std::unexpected{fed.error()};
    if (*got == 0) return hits.sessions();
  }
}

Result<std::optional<std::vector<HitsInFile>>> hits_in_some_records(ByteInput input,
                                                                    const Search& search) {
  WholeLines whole{std::move(input)};
  Hits hits{whole.input(), formats::claude_code_source, search, false};
  std::size_t head_lines = 0;
  for (bool first = true;; first = false) {
    const auto got = whole.next();
    if (!got) return std::unexpected{got.error()};
    if (!*got) return std::nullopt;
    std::string_view lines = **got;
    if (lines.empty()) break;
    if (first && !is_claude_code(lines)) return std::nullopt;
    for (; !lines.empty() && head_lines < head_lines_max && !hits.says_session(); ++head_lines) {
      const std::string_view line = first_line(lines);
      if (auto fed = hits.feed(line); !fed) return std::unexpected{fed.error()};
      lines.remove_prefix(line.size());
    }
    const auto fed = feed_some(lines, search.questions.raw(), hits);
    if (!fed) return std::unexpected{fed.error()};
    if (!*fed) return std::nullopt;
  }
  if (auto ended = hits.end(); !ended) return std::unexpected{ended.error()};
  if (hits.depends_on_others()) return std::nullopt;
  return hits.sessions();
}

}  // namespace agentstore::cmd
