#include "cmd/input/known_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "agentstore/internal/bytes.hpp"
#include "cmd/home_folder.hpp"
#include "cmd/input/open_file.hpp"
#include "cmd/version.hpp"
#include "formats/sources/event_maker.hpp"
#include "formats/sources/source_bytes.hpp"

namespace agentstore::cmd {
namespace {

/// Raised whenever the same file would give other bytes.
constexpr int pieces_version = 1;
constexpr std::uint64_t cache_bytes_max = std::uint64_t{256} << 20;
/// Of a text that is longer, the file is read faster than the cache of all others.
constexpr std::size_t value_bytes_max = std::size_t{32} << 20;

/// Of a cache of that name.
std::optional<UserCache::Place> place_of(std::string name) {
  const std::filesystem::path home = folder_in_environment("HOME");
  std::filesystem::path base = folder_in_environment("XDG_CACHE_HOME");
  if (base.empty() && home.empty()) return std::nullopt;
  if (base.empty()) base = home / ".cache";
  return UserCache::Place{.base = home.empty() ? base.parent_path() : home,
                          .folder = base / "agentstore",
                          .name = std::move(name),
                          .bytes_max = cache_bytes_max};
}

std::string key_of(std::string_view question, const KnownFiles::Look& files) {
  std::string key{question};
  for (const std::string& path : files.paths) (key += '\n') += path;
  return key;
}

std::string key_of_pieces(const KnownFiles::Look& file, const formats::Source& source) {
  std::string question = "pieces " + std::to_string(pieces_version) + " " + version_text();
  question += source.name;
  for (const formats::Source* one : formats::sources())
    if (one->family == source.family) question += " " + formats::reader_of(*one);
  return key_of(question, file);
}

std::string key_of_sums(const KnownFiles::Look& files, const std::string& session_id,
                        const CachedAggregate& aggregate) {
  std::string question = aggregate.name + " " + aggregate.version + " " + session_id;
  for (const formats::Source* one : formats::sources()) question += " " + formats::reader_of(*one);
  return key_of(question, files);
}

constexpr std::uint64_t window_bytes = 4096;

/// Of the window before a place in a file; empty: it cannot be read.
std::string digest_before(const OpenFile& file, std::uint64_t end_bytes) {
  std::string bytes(std::min(window_bytes, end_bytes), '\0');
  const ssize_t got = ::pread(file.number(), bytes.data(), bytes.size(),
                              static_cast<off_t>(end_bytes - bytes.size()));
  if (got != static_cast<ssize_t>(bytes.size())) return {};
  return formats::digest_of(bytes);
}

/// Of the first bytes of a file, and of those before a place in it.
std::string digests_of(const std::string& path, std::uint64_t end_bytes) {
  const OpenFile file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  const std::string head = digest_before(file, std::min(window_bytes, end_bytes));
  const std::string tail = digest_before(file, end_bytes);
  return head.empty() || tail.empty() ? std::string{} : head + tail;
}

std::string key_of_state(const KnownFiles::Look& file) {
  return key_of("state " + std::to_string(pieces_version) + " " + version_text(), file);
}

std::string key_of_store(const std::string& store) {
  std::error_code error;
  const auto path = std::filesystem::canonical(store, error);
  return "verified\n" + (error ? store : path.string());
}

void list_report(auto& way, auto& report) {
  way.fields(report.events, report.unsealed, report.last_sequence_number, report.end_offset_bytes,
             report.finding_count);
}

std::string bytes_of(const ReadReport& report, std::string_view text) {
  std::string out;
  ByteWriter writer{out};
  list_report(writer, report);
  writer.put(report.findings.size());
  for (const Finding& one : report.findings)
    writer.fields(one.line, one.offset_bytes, one.sequence_number, one.message);
  writer.put(text);
  return out;
}

Finding finding(const std::string& what) {
  return {FindingKind::cached_aggregate, 0, 0, 0, what};
}

struct KeptSums {
  ReadReport report;
  std::string_view text;
};

std::optional<KeptSums> sums_from(std::string_view bytes, const KnownFiles::Look& files) {
  KeptSums kept;
  ByteReader reader{bytes};
  list_report(reader, kept.report);
  std::size_t count = 0;
  for (reader.take(count); reader.sound() && count > 0; --count) {
    Finding& one = kept.report.findings.emplace_back();
    one.kind = FindingKind::skipped;
    reader.fields(one.line, one.offset_bytes, one.sequence_number, one.message);
  }
  reader.take(kept.text);
  kept.report.verdict = Verdict::unsealed;
  kept.report.log_name = files.paths.front();
  if (!reader.at_end()) return std::nullopt;
  return kept;
}

/// Of other tools' files all findings are of parts that were skipped.
bool may_be_kept(const ReadReport& report) {
  return report.verdict == Verdict::unsealed &&
         std::ranges::all_of(report.findings,
                             [](const Finding& one) { return one.kind == FindingKind::skipped; });
}

std::string bytes_of(const std::vector<SessionPiece>& pieces) {
  std::string bytes;
  ByteWriter writer{bytes};
  writer.put(pieces.size());
  for (const SessionPiece& piece : pieces)
    writer.fields(piece.session, piece.source->name, piece.events, piece.first, piece.last);
  return bytes;
}

std::optional<std::vector<SessionPiece>> pieces_from(std::string_view bytes) {
  std::vector<SessionPiece> pieces;
  ByteReader reader{bytes};
  std::size_t count = 0;
  for (reader.take(count); reader.sound() && count > 0; --count) {
    SessionPiece& piece = pieces.emplace_back();
    std::string name;
    reader.fields(piece.session, name, piece.events, piece.first, piece.last);
    piece.source = formats::find_source(name);
    if (piece.source == nullptr) return std::nullopt;
  }
  if (!reader.at_end()) return std::nullopt;
  return pieces;
}

}  // namespace

KnownFiles::KnownFiles(bool used, const std::function<void(const std::string&)>& tell)
    : begun_{now()} {
  for (auto& [cache, name] : {std::pair{&lists_, "transcripts"}, std::pair{&sums_, "sums"}}) {
    const auto place = used ? place_of(name) : std::nullopt;
    if (!place) return;
    auto opened = UserCache::open(*place);
    if (opened) {
      cache->emplace(std::move(*opened));
      continue;
    }
    lists_.reset();
    if (tell) tell("nothing is cached, so it takes longer: " + opened.error().message);
    return;
  }
}

KnownFiles::~KnownFiles() {
  for (auto* const cache : {&lists_, &sums_})
    if (*cache) (*cache)->save();
}

KnownFiles::Look KnownFiles::look_at(std::vector<std::string> paths) {
  Look look{.paths = std::move(paths), .stamps = {}, .begun = begun_};
  if (!lists_) return look;
  const std::lock_guard guard{mutex_};
  for (const std::string& path : look.paths) {
    FileStamp& stamp = stamps_[path];
    if (!stamp.known()) stamp = stamp_of_file(path);
    look.stamps.push_back(stamp);
  }
  return look;
}

void KnownFiles::saw(const std::string& path, const FileStamp& stamp) {
  const std::lock_guard guard{mutex_};
  if (lists_ && stamp.known()) stamps_.try_emplace(path, stamp);
}

std::optional<std::string> KnownFiles::find(Cache& cache, const std::string& key,
                                            const Look& files) {
  if (!cache) return std::nullopt;
  auto found = cache->find(key);
  if (!found || !found->settled) return std::nullopt;
  ByteReader reader{found->value};
  for (const FileStamp& stamp : files.stamps) {
    FileStamp then;
    reader.memory(then);
    if (!reader.sound() || !then.known() || then != stamp) return std::nullopt;
  }
  found->value.erase(0, files.stamps.size() * sizeof(FileStamp));
  return std::move(found->value);
}

void KnownFiles::put(Cache& cache, std::string key, const Look& files, std::string_view value) {
  if (!cache || never_used_ || files.stamps.empty() || value.size() > value_bytes_max) return;
  std::string bytes;
  ByteWriter writer{bytes};
  std::int64_t changed_ns = 0;
  for (std::size_t i = 0; i < files.stamps.size(); ++i) {
    // What was read of it may be of another time.
    if (!files.stamps[i].known() || stamp_of_file(files.paths[i]) != files.stamps[i]) return;
    writer.memory(files.stamps[i]);
    // Times that are rounded to seconds settle nothing, whichever file has them.
    const std::int64_t changed = files.stamps[i].changed_ns;
    if (i == 0 || changed > changed_ns) changed_ns = changed;
  }
  cache->put(std::move(key), bytes.append(value), files.begun, changed_ns);
}

std::optional<std::vector<SessionPiece>> KnownFiles::pieces(const Look& file,
                                                            const formats::Source& source) {
  const auto bytes = find_to_use(lists_, key_of_pieces(file, source), file);
  return bytes ? pieces_from(*bytes) : std::nullopt;
}

bool KnownFiles::keeps_state_of(const Look& file) {
  constexpr std::uint64_t file_bytes_min = std::uint64_t{1} << 20;
  return file.stamps.size() == 1 && file.stamps.front().size_bytes >= file_bytes_min;
}

void KnownFiles::keep_state(const Look& file, std::string_view state) {
  if (!sums_ || file.stamps.empty()) return;
  std::string bytes;
  ByteWriter writer{bytes};
  const std::string digests = digests_of(file.paths.front(), file.stamps.front().size_bytes);
  if (digests.empty()) return;
  writer.fields(std::string_view{digests}, state);
  put(sums_, key_of_state(file), file, bytes);
}

std::optional<KnownFiles::Beginning> KnownFiles::beginning(const Look& file,
                                                           const formats::Source& source) {
  if (!sums_ || never_used_ || file.stamps.empty()) return std::nullopt;
  const FileStamp& now = file.stamps.front();
  const auto pieces = lists_->find(key_of_pieces(file, source));
  const auto state = pieces ? sums_->find(key_of_state(file)) : std::nullopt;
  if (!state) return std::nullopt;
  FileStamp then;
  FileStamp of_state;
  ByteReader pieces_reader{pieces->value};
  ByteReader state_reader{state->value};
  pieces_reader.memory(then);
  state_reader.memory(of_state);
  std::string digests;
  Beginning beginning;
  state_reader.fields(digests, beginning.state);
  const bool grown = state_reader.at_end() && of_state == then && then.device == now.device &&
                     then.inode == now.inode && then.size_bytes < now.size_bytes;
  if (!grown || digests != digests_of(file.paths.front(), then.size_bytes)) return std::nullopt;
  auto read = pieces_from(pieces_reader.rest());
  if (!read) return std::nullopt;
  beginning.pieces = std::move(*read);
  beginning.stamp = then;
  return beginning;
}

void KnownFiles::keep_pieces(const Look& file, const formats::Source& source,
                             const std::vector<SessionPiece>& pieces) {
  if (!lists_) return;
  const std::string key = key_of_pieces(file, source);
  if (!never_used_) return put(lists_, key, file, bytes_of(pieces));
  const auto bytes = find(lists_, key, file);
  if (!bytes || *bytes == bytes_of(pieces)) return;
  const std::lock_guard guard{mutex_};
  otherwise_.insert(file.paths.front());
}

std::optional<KnownFiles::Verification> KnownFiles::last_verification(const std::string& store) {
  const auto found = lists_ ? lists_->find(key_of_store(store)) : std::optional<UserCache::Found>{};
  if (!found) return std::nullopt;
  Verification verification;
  ByteReader reader{found->value};
  reader.fields(verification.at, verification.sessions, verification.with_findings);
  return reader.at_end() ? std::optional{verification} : std::nullopt;
}

void KnownFiles::keep_verification(const std::string& store, const Verification& verification) {
  if (!lists_) return;
  std::string bytes;
  ByteWriter{bytes}.fields(verification.at, verification.sessions, verification.with_findings);
  lists_->put(key_of_store(store), std::move(bytes), now(), 0);
}

// Keys tell of content, which never changes.
SettledUses KnownFiles::settled_uses() {
  if (!sums_) return {};
  return {.find = [this](const std::string& key) -> std::optional<std::string> {
            auto found = never_used_ ? std::nullopt : sums_->find(key);
            return found ? std::optional{std::move(found->value)} : std::nullopt;
          },
          .keep =
              [this](std::string key, std::string_view value) {
                if (!never_used_) sums_->put(std::move(key), std::string{value}, now(), 0);
              }};
}

std::optional<std::uint64_t> KnownFiles::count(const Look& files, const std::string& session_id) {
  const auto bytes =
      find_to_use(lists_, key_of_sums(files, session_id, {.name = "count", .version = "1"}), files);
  if (!bytes) return std::nullopt;
  std::uint64_t events = 0;
  ByteReader reader{*bytes};
  reader.take(events);
  return reader.at_end() ? std::optional{events} : std::nullopt;
}

void KnownFiles::keep_count(const Look& files, const std::string& session_id,
                            std::uint64_t events) {
  std::string bytes;
  ByteWriter{bytes}.put(events);
  put(lists_, key_of_sums(files, session_id, {.name = "count", .version = "1"}), files, bytes);
}

std::optional<ReadReport> KnownFiles::take(const Look& files, const std::string& session_id,
                                           const CachedAggregate& aggregate) {
  const auto bytes = find_to_use(sums_, key_of_sums(files, session_id, aggregate), files);
  auto kept = bytes ? sums_from(*bytes, files) : std::nullopt;
  if (!kept || !aggregate.take(kept->text)) return std::nullopt;
  return std::move(kept->report);
}

bool KnownFiles::take_as_of(const FileStamp& stamp, const Look& file,
                            const CachedAggregate& aggregate) {
  const auto found = sums_ && !never_used_ ? sums_->find(key_of_sums(file, {}, aggregate))
                                           : std::optional<UserCache::Found>{};
  if (!found) return false;
  FileStamp then;
  ByteReader reader{found->value};
  reader.memory(then);
  const auto kept = reader.sound() && then == stamp ? sums_from(reader.rest(), file) : std::nullopt;
  return kept && aggregate.take(kept->text);
}

void KnownFiles::keep(const Look& files, const std::string& session_id, const ReadReport& report,
                      const CachedAggregate& aggregate, std::string_view text) {
  if (!sums_ || files.stamps.empty() || !may_be_kept(report)) return;
  put(sums_, key_of_sums(files, session_id, aggregate), files, bytes_of(report, text));
}

std::vector<Finding> KnownFiles::check(const Look& files, const std::string& session_id,
                                       const ReadReport& report, const CachedAggregate& aggregate) {
  if (!sums_) return {};
  for (auto* const cache : {&lists_, &sums_})
    if (const auto fault = (*cache)->fault())
      return {finding("the cached " + aggregate.name + " cannot be used: " + *fault)};
  for (const std::string& path : files.paths)
    if (otherwise_.contains(path))
      return {finding("the cached list of what is in " + path + " is not so")};
  const auto bytes = find(sums_, key_of_sums(files, session_id, aggregate), files);
  if (!bytes) return {};
  const auto text = aggregate.give();
  if (text && *bytes == bytes_of(report, *text)) return {};
  return {finding("the cached " + aggregate.name + " differs from what the file comes to")};
}

}  // namespace agentstore::cmd
