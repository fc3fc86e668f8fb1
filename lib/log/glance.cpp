#include "log/glance.hpp"

#include <algorithm>
#include <cstring>

#include "agentstore/json.hpp"
#include "base/digits.hpp"
#include "base/json_simple.hpp"
#include "base/json_string.hpp"
#include "base/sha256.hpp"

namespace agentstore::log {
namespace {

constexpr std::string_view before_type = R"(,"type":")";
constexpr std::string_view before_time = R"(,"timestamp":")";
constexpr std::string_view before_recorded = R"(","recorded_at":")";
constexpr std::string_view before_metadata = R"(","metadata":)";
constexpr std::string_view before_id = R"(,"event_id":")";
constexpr std::string_view before_batch = R"(","batch":[)";
constexpr std::string_view before_payload = R"(,"payload":)";
constexpr std::string_view before_salt = R"(,"salt":")";
constexpr std::string_view before_prev = R"(","prev":")";
constexpr std::string_view before_hash = R"(","hash":")";
constexpr std::string_view end_of_seal = R"("})";

constexpr std::size_t salt_size = 32;
constexpr std::size_t hash_size = 64;
constexpr std::size_t hash_bytes = before_hash.size() + hash_size + end_of_seal.size();
constexpr std::size_t links_bytes = before_prev.size() + hash_size + hash_bytes;
constexpr std::size_t seal_bytes = before_salt.size() + salt_size + links_bytes;
static_assert(seal_bytes == 191);

// The Go library's metadata rarely reaches further back from the end.
constexpr std::size_t go_tail_bytes_max = 1024;
constexpr std::ptrdiff_t time_bytes = 30;  // of our times
constexpr std::size_t digits_max = 15;     // of a number that is surely below 2^53

// Goes over text at known places.
class Cursor {
 public:
  Cursor(const char* at, const char* end) : at_(at), end_(end) {}

  const char* at() const { return at_; }
  bool at_end() const { return at_ == end_; }

  // Inlined, the comparison with a constant takes no call.
  [[gnu::always_inline]] bool skip(std::string_view expected) {
    if (static_cast<std::size_t>(end_ - at_) < expected.size() ||
        std::memcmp(at_, expected.data(), expected.size()) != 0) {
      return false;
    }
    at_ += expected.size();
    return true;
  }
  bool skip_number(std::uint64_t& number) {
    const char* const start = at_;
    number = 0;
    if (end_ - at_ >= 8) {
      const std::uint64_t eight = load_eight(at_);
      const unsigned count = count_digits(eight);
      if (count > 0) number = number_of(eight, count);
      at_ += count;
      if (count < 8) return count > 0 && *start != '0';
    }
    for (; at_ != end_ && *at_ >= '0' && *at_ <= '9'; ++at_)
      number = number * 10 + static_cast<unsigned>(*at_ - '0');
    const std::ptrdiff_t digits = at_ - start;
    return digits > 0 && digits <= std::ptrdiff_t{digits_max} && *start != '0';
  }
  bool skip_time(RecentTime& recent, Timestamp& time) {
    if (end_ - at_ > time_bytes && at_[time_bytes] == '"' &&
        recent.read({at_, std::size_t{time_bytes}}, time)) {
      at_ += time_bytes;
      return true;
    }
    std::string_view text;
    return skip_text(text) && recent.read(text, time);
  }
  // The body of a string without escapes, up to its quote, which is not passed.
  bool skip_text(std::string_view& text) {
    const char* const start = at_;
    at_ = json::skip_plain<json::HighBytes::let_through>(at_, end_);
    text = {start, at_};
    return at_ != end_ && *at_ == '"';
  }
  bool skip_object(std::string_view& object) {
    const char* const start = at_;
    if (skip("{}")) {
      object = {start, 2};
      return true;
    }
    if (at_ == end_ || *at_ != '{') return false;
    at_ = json::skip_simple_object(start, end_);
    if (at_ == nullptr && json::check_value(start, end_, json::rules_to_read, at_)) return false;
    object = {start, at_};
    return true;
  }

 private:
  const char* at_;
  const char* end_;
};

// Whether it is a salt and links, whose glue was seen.
bool is_seal(const char* seal) {
  const char* const end = seal + seal_bytes;
  return std::string_view{seal, before_salt.size()} == before_salt &&
         is_hex({end - links_bytes - salt_size, salt_size}) &&
         is_hex({end - hash_bytes - hash_size, hash_size}) &&
         is_hex({end - end_of_seal.size() - hash_size, hash_size});
}

bool is_value(std::string_view text) {
  const char* end = text.data();
  const bool bad =
      json::check_value(text.data(), text.data() + text.size(), json::rules_to_read, end)
          .has_value();
  return !bad && end == text.data() + text.size();
}

}  // namespace

Glance::Glance(std::string_view session_id)
    : session_id_(session_id),
      head_("{\"session_id\":" + json::quote(session_id) + ",\"sequence_number\":") {}

bool Glance::ends(std::string_view text, Ends& ends) const {
  Cursor cursor{text.data(), text.data() + text.size()};
  if (!cursor.skip(head_) || !cursor.skip_number(ends.sequence_number) ||
      !cursor.skip(before_type) || !cursor.skip_text(ends.type) || !cursor.skip("\"")) {
    return false;
  }
  const std::size_t left = static_cast<std::size_t>(text.data() + text.size() - cursor.at());
  ends.prev = ends.hash = {};
  if (cursor.skip(before_payload)) return text.ends_with("}}");  // The Go library's.
  if (left < links_bytes || !text.ends_with(end_of_seal)) return false;
  read_links(text, ends);
  return !ends.hash.empty();
}

bool Glance::event(std::string_view text, bool check_payload, Ends& ends, EventView& event) {
  event.session_id = session_id_;
  event.sequence_number = ends.sequence_number;
  event.type = ends.type;
  event.hash = ends.hash;
  event.line = text;
  const char* const behind_type = ends.type.data() + ends.type.size() + 1;
  ends.batch.emplace();
  ends.recorded_at.reset();
  const bool read = ends.hash.empty() ? read_go(behind_type, text, event)
                                      : read_sealed(behind_type, text, ends, event);
  return read && (!check_payload || is_value(event.payload));
}

// From the timestamp on, up to the payload; the payload reaches up to the seal.
bool Glance::line(std::string_view text, Line& line) {
  Ends seen;
  if (!ends(text, seen) || !event(text, true, seen, line.event)) return false;
  if (seen.hash.empty()) return true;
  const std::string_view payload = line.event.payload;
  line.seal = Seal::sealed;
  line.batch = *seen.batch;
  line.recorded_at = seen.recorded_at;
  line.envelope = {text.data(), payload.data() - before_payload.size()};
  line.salt = {payload.data() + payload.size() + before_salt.size(), salt_size};
  from_hex(seen.prev, line.prev.data(), line.prev.size());
  from_hex(seen.hash, line.hash.data(), line.hash.size());
  return true;
}

std::optional<LineError> take_apart(std::string_view text, Glance& glance, Arena& arena,
                                    Line& line) {
  if (glance.line(text, line)) return std::nullopt;
  line = {};
  return parse_line(text, arena, line);
}

bool Glance::read_sealed(const char* at, std::string_view text, Ends& ends, EventView& event) {
  Cursor cursor{at, text.data() + text.size()};
  if (!cursor.skip(before_time) || !cursor.skip_time(happened_, event.timestamp)) return false;
  if (cursor.skip(before_recorded) && !cursor.skip_time(recorded_, ends.recorded_at.emplace()))
    return false;
  if (!cursor.skip(before_metadata) || !cursor.skip_object(event.metadata) ||
      !cursor.skip(before_id) || !cursor.skip_text(event.event_id)) {
    return false;
  }
  Batch& batch = *ends.batch;
  if (cursor.skip(before_batch)) {
    if (!cursor.skip_number(batch.first) || !cursor.skip(",") || !cursor.skip_number(batch.last) ||
        !cursor.skip("]") || batch.first >= batch.last || batch.first > event.sequence_number ||
        batch.last < event.sequence_number) {
      return false;
    }
  } else if (!cursor.skip("\"")) {
    return false;
  }
  if (!cursor.skip(before_payload)) return false;
  const char* const seal = text.data() + text.size() - seal_bytes;
  // A redacted line has no salt, and white space stands before no value.
  if (cursor.at() >= seal || static_cast<unsigned char>(*cursor.at()) <= ' ' || !is_seal(seal))
    return false;
  event.payload = {cursor.at(), seal};
  return true;
}

// Whether a timestamp and metadata stand from here to the line's end.
bool Glance::read_go_tail(const char* at, const char* end, EventView& event) {
  Cursor cursor{at, end};
  return cursor.skip(before_time) && cursor.skip_time(happened_, event.timestamp) &&
         cursor.skip(before_metadata) && cursor.skip_object(event.metadata) && cursor.skip("}") &&
         cursor.at_end();
}

// `,"timestamp":"` stands inside no string of JSON, where its quotes would be escaped; and it
// stands in the line's own object, where all that the line still closes behind it is that.
bool Glance::read_go(const char* begin, std::string_view text, EventView& event) {
  Cursor cursor{begin, text.data() + text.size()};
  if (!cursor.skip(before_payload)) return false;
  const std::string_view rest{cursor.at(), text.data() + text.size()};
  std::size_t at = rest.size() - std::min(rest.size(), go_tail_bytes_max);
  for (; (at = rest.find(before_time, at)) != rest.npos; ++at) {
    if (!read_go_tail(rest.data() + at, rest.data() + rest.size(), event)) continue;
    event.payload = rest.substr(0, at);
    // Another key might stand between the two.
    return at > 0 && json::first_value(event.payload).size() == at;
  }
  return false;
}

void read_links(std::string_view text, Ends& ends) {
  ends.prev = ends.hash = {};
  if (text.size() < links_bytes) return;
  const std::string_view links = text.substr(text.size() - links_bytes);
  if (!links.starts_with(before_prev) ||
      links.substr(before_prev.size() + hash_size, before_hash.size()) != before_hash ||
      !links.ends_with(end_of_seal)) {
    return;
  }
  ends.prev = links.substr(before_prev.size(), hash_size);
  ends.hash = links.substr(links.size() - end_of_seal.size() - hash_size, hash_size);
}

}  // namespace agentstore::log
