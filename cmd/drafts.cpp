#include "cmd/drafts.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "agentstore/json.hpp"
#include "cmd/context.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t group_lines_max = 256;
constexpr std::size_t group_bytes_max = std::size_t{1} << 20;
constexpr std::size_t chunk_bytes = std::size_t{256} << 10;

/// A payload may be as deep as the store allows, and the draft is one level round it.
constexpr json::Rules draft_rules{.depth_max = json::rules_to_store.depth_max + 1};

/// Reads once; 0 at the end, -1 with errno.
ssize_t read_some(int descriptor, char* into, std::size_t size) {
  while (true) {
    const ssize_t got = ::read(descriptor, into, size);
    if (got >= 0) return got;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd input{descriptor, POLLIN, 0};
      ::poll(&input, 1, -1);
    } else if (errno != EINTR) {
      return got;
    }
  }
}

Result<std::string> text_member(std::string_view key, std::string_view value) {
  if (json::kind_of(value) != json::Kind::string)
    return fail(Code::invalid, std::string{key} + " is no string");
  return json::text_of(value);
}

Result<void> take_member(Draft& draft, const json::Walk& member) {
  const std::string key = json::text_of(member.key());
  if (key == "payload") {
    draft.payload = member.value();
  } else if (key == "metadata") {
    draft.metadata = member.value();
  } else if (key == "type" || key == "event_id" || key == "timestamp") {
    auto text = text_member(key, member.value());
    if (!text) return std::unexpected{text.error()};
    if (key == "timestamp") {
      auto at = parse_rfc3339(*text);
      if (!at) return std::unexpected{at.error()};
      draft.timestamp = *at;
    } else if (text->empty()) {
      return fail(Code::invalid, key + " is empty");
    } else {
      (key == "type" ? draft.type : draft.event_id) = std::move(*text);
    }
  } else {
    return fail(Code::invalid, "unknown key " + in_quotes(key),
                "a draft has type, payload, metadata, event_id, timestamp");
  }
  return {};
}

}  // namespace

Result<Draft> parse_draft(std::string_view line) {
  if (const auto error = json::check(line, draft_rules))
    return fail(Code::invalid, "not a JSON object to store: " + std::string{error->what} +
                                   " (byte " + std::to_string(error->offset_bytes) + ")");
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t' || line.front() == '\r'))
    line.remove_prefix(1);
  if (json::kind_of(line) != json::Kind::object)
    return fail(Code::invalid, "a draft is a JSON object");
  Draft draft;
  for (json::Walk member{line}; member.next();)
    if (auto taken = take_member(draft, member); !taken) return std::unexpected{taken.error()};
  if (draft.type.empty()) return fail(Code::invalid, "the draft has no type");
  return draft;
}

Result<void> InputLines::fill() {
  buffer_.erase(0, start_);
  scanned_ -= start_;
  start_ = 0;
  const std::size_t size = buffer_.size();
  // Twice as much each time for a line that is long, so that reading it costs what it is long.
  const std::size_t wanted = std::max(chunk_bytes, size);
  buffer_.resize(size + wanted);
  const ssize_t got = read_some(descriptor_, buffer_.data() + size, wanted);
  const int error_number = errno;
  buffer_.resize(size + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got < 0) return fail(Code::io, std::string{"cannot read -: "} + std::strerror(error_number));
  ended_ = got == 0;
  return {};
}

bool InputLines::more_is_waiting() const {
  pollfd input{descriptor_, POLLIN, 0};
  return !ended_ && ::poll(&input, 1, 0) == 1;
}

void InputLines::split(std::vector<Span>& found) {
  std::size_t line_start = found.empty() ? start_ : found.back().start + found.back().size + 1;
  while (found.size() < group_lines_max && line_start - start_ < group_bytes_max) {
    const std::size_t newline = buffer_.find('\n', std::max(scanned_, line_start));
    if (newline == buffer_.npos) {
      scanned_ = buffer_.size();
      return;
    }
    found.push_back({line_start, newline - line_start});
    scanned_ = line_start = newline + 1;
  }
}

Result<std::vector<InputLine>> InputLines::next_group() {
  std::vector<Span> found;
  split(found);
  while (found.empty() && !ended_) {
    if (buffer_.size() - start_ > line_bytes_max)
      return fail(Code::invalid, "the line is longer than 64 MiB");
    if (auto filled = fill(); !filled) return std::unexpected{filled.error()};
    split(found);
  }
  // What came in the meantime may share the write. Nothing moves: views into the buffer follow.
  while (!found.empty() && scanned_ == buffer_.size() && found.size() < group_lines_max &&
         scanned_ - start_ < group_bytes_max && more_is_waiting()) {
    const std::size_t moved = start_;
    if (!fill()) break;
    for (Span& span : found) span.start -= moved;
    split(found);
  }
  if (found.empty() && start_ < buffer_.size()) found.push_back({start_, buffer_.size() - start_});

  std::vector<InputLine> lines;
  for (const auto& [start, size] : found) {
    lines.push_back({next_number_++, std::string_view{buffer_}.substr(start, size)});
    start_ = std::min(start + size + 1, buffer_.size());
  }
  scanned_ = std::max(scanned_, start_);
  return lines;
}

Result<std::string> read_whole(int descriptor, std::size_t bytes_max, std::string_view name) {
  std::string text;
  while (true) {
    const std::size_t size = text.size();
    text.resize(size + std::min(chunk_bytes, bytes_max + 1 - size));
    const ssize_t got = read_some(descriptor, text.data() + size, text.size() - size);
    if (got < 0)
      return fail(Code::io, "cannot read " + std::string{name} + ": " + std::strerror(errno));
    text.resize(size + static_cast<std::size_t>(got));
    if (got == 0) return text;
    if (text.size() > bytes_max)
      return fail(Code::invalid, std::string{name} + " is longer than " +
                                     std::to_string(bytes_max >> 20) + " MiB");
  }
}

Result<std::string> read_whole_file(const std::string& path, std::size_t bytes_max) {
  if (path == "-") return read_whole(0, bytes_max, "-");
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return fail(errno == ENOENT ? Code::not_found : Code::io,
                "cannot read " + in_quotes(path) + ": " + std::strerror(errno));
  auto whole = read_whole(descriptor, bytes_max, path);
  ::close(descriptor);
  return whole;
}

std::string receipt_line(const Receipt& receipt) {
  const std::string hash = receipt.hash.hex();
  return "{\"sequence_number\":" + std::to_string(receipt.sequence_number) +
         ",\"event_id\":" + json::quote(receipt.event_id) +
         ",\"hash\":" + (hash.empty() ? "null" : json::quote(hash)) +
         ",\"duplicate\":" + (receipt.duplicate ? "true" : "false") + "}\n";
}

Result<std::string> read_payload(const std::string& text) {
  if (!text.starts_with('@')) return text;
  return read_whole_file(text.substr(1), line_bytes_max);
}

}  // namespace agentstore::cmd
