#include "cmd/replay/feed_cursor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "agentstore/json.hpp"
#include "cmd/quoting.hpp"
#include "cmd/read_whole.hpp"

namespace agentstore::cmd {
namespace {

/// So many lines that speak of nothing any more are kept before the file is written anew.
constexpr std::size_t old_lines_max = 1000;
constexpr std::size_t cursor_bytes_max = std::size_t{1} << 30;

std::string header_line(const std::string& store) {
  return fmt::format(R"({{"agentstore_cursor":1,"store":{}}})"
                     "\n",
                     json::quote(store));
}

std::string place_line(const std::string& session_id, const FeedCursor::Place& place) {
  return fmt::format(R"({{"session_id":{},"sequence_number":{},"hash":{},"bytes":{}}})"
                     "\n",
                     json::quote(session_id), place.sequence_number,
                     place.hash.empty() ? "null" : json::quote(place.hash), place.end_bytes);
}

std::string position_line(std::int64_t position) {
  return fmt::format("{{\"position\":{}}}\n", position);
}

bool write_whole(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Result<FeedCursor> FeedCursor::open(const std::string& path, const std::string& store, Use use) {
  FeedCursor cursor{path, store};
  const bool moves = use == Use::move;
  for (;;) {
    const int flags = (moves ? O_RDWR | O_CREAT | O_APPEND : O_RDONLY) | O_CLOEXEC;
    cursor.file_ = OpenFile{::open(path.c_str(), flags, 0666)};
    if (cursor.file_.number() < 0 && errno == ENOENT && !moves) return cursor;
    if (cursor.file_.number() < 0) return cursor.failure("open");
    if (!moves) break;
    if (auto locked = cursor.lock(); !locked) return std::unexpected{locked.error()};
    // The one before may have put another file into its place.
    struct stat held{};
    struct stat named{};
    if (::fstat(cursor.file_.number(), &held) == 0 && ::stat(path.c_str(), &named) == 0 &&
        held.st_ino == named.st_ino)
      break;
  }
  if (auto read = cursor.read(); !read) return std::unexpected{read.error()};
  if (moves && (cursor.torn_ || cursor.lines_ == 0))
    if (auto written = cursor.rewrite(); !written) return std::unexpected{written.error()};
  return cursor;
}

Result<void> FeedCursor::lock() {
  struct stat status{};
  if (::fstat(file_.number(), &status) != 0) return failure("look at");
  if (!S_ISREG(status.st_mode))
    return fail(Code::invalid, "the cursor " + in_quotes(path_) + " is not a file");
  if (::flock(file_.number(), LOCK_EX | LOCK_NB) == 0) return {};
  return fail(Code::busy, "another reader uses the cursor " + in_quotes(path_),
              "give each reader a cursor of its own");
}

Result<void> FeedCursor::read() {
  const auto text = read_whole(file_.number(), cursor_bytes_max, "the cursor " + in_quotes(path_));
  if (!text) return std::unexpected{text.error()};
  std::string_view rest = *text;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = rest.find('\n');
    if (end == rest.npos && number == 1)
      return fail(Code::invalid, in_quotes(path_) + " is no cursor of agentstore");
    torn_ = end == rest.npos;
    if (torn_) return {};
    if (auto taken = take(rest.substr(0, end), number); !taken) return taken;
    ++lines_;
    rest.remove_prefix(end + 1);
  }
  return {};
}

Result<void> FeedCursor::take(std::string_view line, std::size_t number) {
  const bool is_object =
      !json::check(line, json::rules_to_store) && json::kind_of(line) == json::Kind::object;
  if (number == 1) {
    const auto format = is_object ? json::find_integer(line, "agentstore_cursor") : std::nullopt;
    if (!format) return fail(Code::invalid, in_quotes(path_) + " is no cursor of agentstore");
    if (*format != 1)
      return fail(Code::unsupported,
                  in_quotes(path_) + fmt::format(" is a cursor of a newer format: {}", *format));
    const std::string of = json::find_text(line, "store").value_or("");
    if (of == store_) return {};
    return fail(Code::invalid,
                "the cursor " + in_quotes(path_) + " is of the store " + in_quotes(of) +
                    ", not of " + in_quotes(store_),
                "give another file; if the store was moved, put its new path into the first line");
  }
  const auto position = is_object ? json::find_integer(line, "position") : std::nullopt;
  if (position) {
    position_ = *position;
    return {};
  }
  const auto session = is_object ? json::find_text(line, "session_id") : std::nullopt;
  const auto sequence = is_object ? json::find_integer(line, "sequence_number") : std::nullopt;
  if (!session || !sequence || *sequence < 0)
    return fail(Code::corrupt,
                fmt::format("the cursor {} is damaged: line {} says no session's number",
                            in_quotes(path_), number),
                "take the line out: what it was about is given again");
  const auto bytes = json::find_integer(line, "bytes").value_or(0);
  places_[*session] = {static_cast<std::uint64_t>(*sequence),
                       json::find_text(line, "hash").value_or(""),
                       static_cast<std::uint64_t>(std::max<std::int64_t>(bytes, 0))};
  return {};
}

const FeedCursor::Place* FeedCursor::of(std::string_view session_id) const {
  const auto found = places_.find(session_id);
  return found == places_.end() || found->second.sequence_number == 0 ? nullptr : &found->second;
}

void FeedCursor::move(const std::string& session_id, Place place) {
  moved_ += place_line(session_id, place);
  ++moved_lines_;
  places_[session_id] = std::move(place);
}

void FeedCursor::move(std::int64_t position) {
  moved_ += position_line(position);
  ++moved_lines_;
  position_ = position;
}

Result<void> FeedCursor::save() {
  if (moved_lines_ == 0) return {};
  const std::string moved = std::exchange(moved_, {});
  lines_ += std::exchange(moved_lines_, 0);
  if (path_.empty()) return {};
  if (lines_ > old_lines_max + 2 * places_.size()) return rewrite();
  if (!write_whole(file_.number(), moved)) return failure("write");
  return {};
}

// A whole file at once: whoever is killed leaves the old one or the new one.
Result<void> FeedCursor::rewrite() {
  std::string text = header_line(store_);
  if (position_) text += position_line(*position_);
  for (const auto& [session_id, place] : places_)
    if (place.sequence_number > 0) text += place_line(session_id, place);
  const std::string temp = path_ + fmt::format(".{}.tmp", ::getpid());
  OpenFile fresh{
      ::open(temp.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0666)};
  if (fresh.number() < 0) return failure("write");
  const bool written = ::flock(fresh.number(), LOCK_EX | LOCK_NB) == 0 &&
                       write_whole(fresh.number(), text) && ::fsync(fresh.number()) == 0 &&
                       ::rename(temp.c_str(), path_.c_str()) == 0;
  if (!written) {
    auto failed = failure("write");
    ::unlink(temp.c_str());
    return failed;
  }
  file_ = std::move(fresh);
  lines_ = 1 + places_.size() + (position_ ? 1 : 0);
  torn_ = false;
  return {};
}

std::unexpected<Error> FeedCursor::failure(const char* attempt) const {
  return fail(Code::io, fmt::format("cannot {} the cursor {}: {}", attempt, in_quotes(path_),
                                    std::generic_category().message(errno)));
}

}  // namespace agentstore::cmd
