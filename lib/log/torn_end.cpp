#include "log/torn_end.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "agentstore/json.hpp"
#include "base/json_beginning.hpp"
#include "log/foreign_bytes.hpp"
#include "log/line_beginning.hpp"

namespace agentstore::log {
namespace {

constexpr std::uint64_t sector_bytes = 512;

// Zeros that no lost sector explains.
std::optional<LineError> stray_zeros(std::string_view end, std::uint64_t offset_bytes) {
  const auto starts_sector = [&](std::size_t at) {
    return (offset_bytes + at) % sector_bytes == 0;
  };
  for (std::size_t at = end.find('\0'); at != end.npos; at = end.find('\0', at)) {
    const std::size_t begin = at;
    at = std::min(end.find_first_not_of('\0', at), end.size());
    if ((begin != 0 && !starts_sector(begin)) || (at != end.size() && !starts_sector(at)))
      return LineError{FindingKind::syntax, begin,
                       "there are NUL bytes in it that are not whole sectors"};
  }
  return std::nullopt;
}

// Whether a text can be the end of a sealed line, whose seal has a known form.
bool ends_as_line(std::string_view text) {
  static const std::string form = R"(,"salt":")" + std::string(32, '0') + R"(","prev":")" +
                                  std::string(64, '0') + R"(","hash":")" + std::string(64, '0') +
                                  "\"}";
  const std::size_t size = std::min(text.size(), form.size());
  const std::string_view seal = text.substr(text.size() - size);
  return std::equal(
      seal.begin(), seal.end(), form.end() - static_cast<std::ptrdiff_t>(size),
      [](char c, char formed) { return formed == '0' ? is_hex({&c, 1}) : c == formed; });
}

// The hash that a line ends in.
std::optional<Hash> hash_at_end(std::string_view text) {
  constexpr std::size_t bytes = 2 * sizeof(Hash) + std::string_view{"\"}"}.size();
  Hash hash;
  if (text.size() < bytes ||
      !from_hex(text.substr(text.size() - bytes, 2 * hash.size()), hash.data(), hash.size())) {
    return std::nullopt;
  }
  return hash;
}

// The write that was interrupted, line by line.
class InterruptedWrite {
 public:
  explicit InterruptedWrite(const EndPlace& place)
      : due_{.session_id = place.session_id,
             .first = place.sequence_number + 1,
             .least = place.sequence_number + 1,
             .prev = place.head} {}

  std::optional<LineError> check(std::string_view end) {
    bool complete = true;
    for (std::size_t at = 0; at < end.size() && !error_;) {
      const std::size_t newline = std::min(end.find('\n', at), end.size());
      const std::string_view text = end.substr(at, newline - at);
      const bool terminated = newline < end.size();
      const bool holed = text.find('\0') != text.npos;
      start_ = at;
      if (is_over()) bad(FindingKind::batch, "it follows the last event of its write");
      else if (!holed && text.size() >= line_bytes_max)
        bad(FindingKind::syntax, "it is longer than 64 MiB");
      else if (holed) take_holed(text, terminated);
      else if (terminated) take_whole(text);
      else take_beginning(text);
      complete = complete && terminated && !holed;
      at = newline + 1;
    }
    if (!error_ && complete && is_over())
      bad(FindingKind::batch, "nothing of its write is missing");
    return error_;
  }

 private:
  void bad(FindingKind kind, std::string why) { error_ = LineError{kind, start_, std::move(why)}; }
  bool is_over() const { return due_.last && due_.least > *due_.last; }

  void take_whole(std::string_view text) {
    Arena arena;
    Line line;
    error_ = parse_line(text, arena, line);
    if (!error_) error_ = check_hashes(line);
    if (error_) {
      error_->offset_bytes += start_;
      return;
    }
    const std::uint64_t number = line.event.sequence_number;
    const Batch write = line.batch == Batch{} ? Batch{number, number} : line.batch;
    if (!due_.session_id.empty() && line.event.session_id != due_.session_id)
      return bad(FindingKind::session, "it belongs to another session");
    // A redaction rewrites the log: of a write that was interrupted nothing can be redacted.
    if (line.seal != Seal::sealed)
      return bad(FindingKind::seal,
                 "it is no sealed event with a payload, and its write is not whole");
    if (write.first != due_.first || write.last != due_.last.value_or(write.last))
      return bad(FindingKind::batch,
                 "it is of another write than the line before, which is not whole");
    if (due_.exact ? number != due_.least : number < due_.least)
      return bad(FindingKind::sequence, "it is event " + std::to_string(number) + " where event " +
                                            std::to_string(due_.least) +
                                            " is due, and its write is not whole");
    if (due_.prev && line.prev != *due_.prev)
      return bad(FindingKind::chain, "its \"prev\" is not the hash of the event before it");
    due_.last = write.last;
    due_.least = number + 1;
    due_.exact = true;
    due_.prev = line.hash;
  }

  void take_beginning(std::string_view text) {
    const LineBeginning begun = begin_line(text, due_);
    if (begun.last) due_.last = begun.last;
    if (begun.how == json::Beginning::bad) bad(FindingKind::syntax, not_begun(text));
  }

  // A line that has lost sectors; or several, whose ends lay in them.
  void take_holed(std::string_view text, bool terminated) {
    const std::size_t hole = text.find('\0');
    if (hole > 0) take_beginning(text.substr(0, hole));
    if (error_) return;
    const std::string_view rest = text.substr(text.rfind('\0') + 1);
    const bool foreign = std::ranges::any_of(text, [](char c) { return c > '\0' && c < ' '; });
    if (foreign || (terminated && !ends_as_line(rest)))
      return bad(FindingKind::syntax, "what follows the zeros in it is no part of a sealed event");
    ++due_.least;
    due_.exact = false;
    due_.prev = terminated ? hash_at_end(rest) : std::nullopt;
  }

  // What is wrong with a text that had to be the beginning of the line that is due.
  std::string not_begun(std::string_view text) const {
    Arena arena;
    Line line;
    if (!parse_line(text, arena, line)) {
      if (const auto error = check_hashes(line)) return error->message;
    }
    return "event " + std::to_string(due_.least) + " does not begin so";
  }

  DueLine due_;
  std::size_t start_ = 0;  // of the line
  std::optional<LineError> error_;
};

bool is_our_key(std::string_view token) {
  constexpr std::string_view tokens[] = {R"("recorded_at")", R"("event_id")",    R"("batch")",
                                         R"("salt")",        R"("redacted")",    R"("prev")",
                                         R"("hash")",        R"("payload_hash")"};
  return std::ranges::find(tokens, token) != std::end(tokens);
}

// Whether it is one line of the Go library's, without its end, or with lost sectors.
bool is_unsealed_line(std::string_view end, const EndPlace& place) {
  const std::size_t newline = std::min(end.find('\n'), end.size());
  const std::size_t hole = end.find('\0');
  if (newline + 1 < end.size() || (hole == end.npos && newline < end.size())) return false;
  const std::string_view text = end.substr(0, std::min(hole, newline));
  if (text.empty()) return true;
  const std::string head = R"({"session_id":)" + json::quote(place.session_id) +
                           R"(,"sequence_number":)" + std::to_string(place.sequence_number + 1) +
                           ',';
  const bool in_usual_order = text.starts_with(head) || head.starts_with(text);
  const bool may_differ = place.sequence_number > 0 && !text.starts_with(R"({"session_id":)");
  if (!place.session_id.empty() && !in_usual_order && !may_differ) return false;
  std::vector<std::string_view> keys;
  const char* at = text.data();
  const json::BeginningRules rules{.depth_max = 10'000, .compact = false, .valid_utf8 = false};
  const auto begun = json::begin_value(at, text.data() + text.size(), rules, &keys);
  if (text.front() != '{' || std::ranges::any_of(keys, is_our_key)) return false;
  if (begun != json::Beginning::whole) return begun == json::Beginning::cut;
  Arena arena;
  Line line;
  return !parse_line(text, arena, line) &&
         line.event.sequence_number == place.sequence_number + 1 &&
         (place.session_id.empty() || line.event.session_id == place.session_id);
}

}  // namespace

std::optional<LineError> why_not_torn(std::string_view end, const EndPlace& place) {
  if (const char* const words = foreign_start(end)) return LineError{FindingKind::syntax, 0, words};
  if (auto error = stray_zeros(end, place.offset_bytes)) return error;
  auto error = InterruptedWrite{place}.check(end);
  if (error && place.after_unsealed && is_unsealed_line(end, place)) return std::nullopt;
  return error;
}

}  // namespace agentstore::log
