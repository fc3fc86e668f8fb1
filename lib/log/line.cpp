#include "log/line.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "agentstore/json.hpp"
#include "base/ascii.hpp"
#include "base/ids.hpp"
#include "base/json_string.hpp"
#include "log/stored_form.hpp"

namespace agentstore::log {
namespace {

// The keys of a line, in the order that our writer puts them.
enum Key : unsigned {
  session_id,
  sequence_number,
  type,
  timestamp,
  recorded_at,
  metadata,
  event_id,
  batch,
  payload,
  salt,
  redacted,
  payload_hash,
  prev,
  hash,
  key_count
};
constexpr std::array<std::string_view, key_count> key_names = {
    "session_id", "sequence_number", "type", "timestamp", "recorded_at",  "metadata", "event_id",
    "batch",      "payload",         "salt", "redacted",  "payload_hash", "prev",     "hash"};

// Of a line without a seal: the id that a row of a database has beside the log.
constexpr std::string_view row_event_id = "\"row_event_id\"";

constexpr unsigned bit(Key key) {
  return 1U << key;
}
constexpr unsigned of_every_line =
    bit(session_id) | bit(sequence_number) | bit(type) | bit(timestamp);
constexpr unsigned of_ours = bit(recorded_at) | bit(event_id) | bit(batch) | bit(salt) |
                             bit(redacted) | bit(payload_hash) | bit(prev) | bit(hash);
constexpr unsigned of_every_seal =
    of_every_line | bit(metadata) | bit(event_id) | bit(payload) | bit(prev) | bit(hash);
constexpr unsigned optional_in_seal = bit(recorded_at) | bit(batch);

constexpr std::uint64_t sequence_number_max = (std::uint64_t{1} << 53) - 1;

// `due` is the key that is to be expected.
Key exact_key(std::string_view name, unsigned due) {
  for (unsigned i = 0; i < key_count; ++i) {
    const unsigned key = due + i < key_count ? due + i : due + i - key_count;
    if (name == key_names[key]) return Key{key};
  }
  return key_count;
}

Key folded_key(std::string_view name) {
  unsigned key = 0;
  while (key < key_count && !same_folded(name, key_names[key])) ++key;
  return Key{key};
}

std::string in_quotes(Key key) {
  return "\"" + std::string{key_names[key]} + "\"";
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, status] = std::from_chars(text.data(), end, value);
  if (status != std::errc{} || at != end || value == 0 || value > sequence_number_max) {
    return std::nullopt;
  }
  return value;
}

// "[F,L]", exactly.
std::optional<Batch> batch_of(std::string_view text) {
  const std::size_t comma = text.find(',');
  if (text.size() < 5 || text.front() != '[' || text.back() != ']' || comma == text.npos) return {};
  const auto first = number_of(text.substr(1, comma - 1));
  const auto last = number_of(text.substr(comma + 1, text.size() - comma - 2));
  if (!first || !last || *first >= *last) return std::nullopt;
  return Batch{*first, *last};
}

bool is_string(std::string_view token) {
  return !token.empty() && token.front() == '"';
}
std::string_view body(std::string_view string_token) {
  return string_token.substr(1, string_token.size() - 2);
}

bool has_double_keys(std::string_view value) {
  json::Rules rules = json::rules_to_read;
  rules.unique_keys = true;
  return json::check(value, rules).has_value();
}

class Parser {
 public:
  Parser(std::string_view text, Arena& arena, Line& line, bool held_to_seal = true)
      : start_(text.data()),
        at_(start_),
        end_(start_ + text.size()),
        arena_(arena),
        line_(line),
        held_to_seal_(held_to_seal) {}

  std::optional<LineError> parse() {
    line_ = Line{};
    line_.event.line = {start_, end_};
    if (!members() || !fields()) return error_;
    if (!held_to_seal_) {
      if (is_string(values_[event_id])) text_field(event_id, line_.event.event_id);
      else if (is_string(row_event_id_)) row_id_field();
    } else if ((seen_ & of_ours) == 0) {
      line_.double_keys = has_double_keys(line_.event.metadata);
      if (is_string(row_event_id_)) row_id_field();
    } else if (seal()) {
      stored_form();
    }
    return error_;
  }

 private:
  bool bad(FindingKind kind, std::string message) {
    error_ = LineError{kind, static_cast<std::size_t>(at_ - start_), std::move(message)};
    return false;
  }
  bool bad_field(Key key, const char* what) {
    if (!values_[key].empty()) at_ = values_[key].data();
    return bad(FindingKind::envelope, "its " + in_quotes(key) + " " + what);
  }

  bool skip_space() {
    const char* const before = at_;
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\r' || *at_ == '\n')) ++at_;
    spaced_ = spaced_ || at_ != before;
    return at_ != end_ || bad(FindingKind::syntax, "it ends inside the event");
  }

  bool take_value(std::string_view& value) {
    const char* const start = at_;
    if (const auto error = json::check_value(start, end_, json::rules_to_read, at_)) {
      return bad(FindingKind::syntax, std::string{"its JSON "} + error->what);
    }
    value = {start, at_};
    return true;
  }

  // Walks the whole object, and remembers the value of each known key.
  bool members() {
    if (start_ == end_) return bad(FindingKind::blank, "it is blank");
    if (*at_ != '{') return bad(FindingKind::syntax, "it does not begin with an object");
    ++at_;
    if (!skip_space()) return false;
    while (*at_ != '}') {
      if (!member()) return false;
      if (*at_ == '}') break;
      if (*at_ != ',') return bad(FindingKind::syntax, "a comma or brace is missing");
      ++at_;
      if (!skip_space()) return false;
      if (*at_ == '}') return bad(FindingKind::syntax, "a comma stands before the brace");
    }
    ++at_;
    if (at_ != end_) return bad(FindingKind::syntax, "it goes on after the event");
    return true;
  }

  bool member() {
    std::string_view token;
    if (*at_ != '"') return bad(FindingKind::syntax, "a key is missing");
    if (!take_value(token)) return false;
    const Key known = key_of(token);
    if (error_) return false;
    if (!skip_space()) return false;
    if (*at_ != ':') return bad(FindingKind::syntax, "a colon is missing");
    ++at_;
    if (!skip_space()) return false;
    std::string_view value;
    if (!take_value(value)) return false;
    if (known != key_count) values_[known] = value;
    else if (token == row_event_id) row_event_id_ = value;
    return skip_space();
  }

  void hold_to_be_new(Key exact, Key known) {
    if (exact == key_count)
      bad(FindingKind::keys, "a key differs only in case from " + in_quotes(known));
    else if ((seen_ & bit(known)) != 0) bad(FindingKind::keys, in_quotes(known) + " stands twice");
  }

  // Go matches keys without regard to ASCII case and takes the last: two that fold to one are bad.
  Key key_of(std::string_view token) {
    const char* const stop = json::skip_plain<json::HighBytes::looked_at>(token.data() + 1, end_);
    const bool plain = stop == token.data() + token.size() - 1;
    const bool escaped = !plain && token.find('\\') != token.npos;
    const std::string_view name = escaped ? arena_.emplace_back(json::text_of(token)) : body(token);
    if (!plain && std::any_of(name.begin(), name.end(), [](char c) { return c < 0; })) {
      if (held_to_seal_) bad(FindingKind::keys, "a top-level key is not ASCII");
      return key_count;
    }
    const Key exact = exact_key(name, due_);
    const Key known = exact == key_count ? folded_key(name) : exact;
    if (known == key_count) {
      for (const std::string_view other : others_) {
        if (held_to_seal_ && same_folded(name, other)) bad(FindingKind::keys, "a key stands twice");
      }
      others_.push_back(name);
      return key_count;
    }
    if (held_to_seal_) hold_to_be_new(exact, known);
    in_order_ = in_order_ && !escaped && (seen_ >> known) == 0;
    seen_ |= bit(known);
    due_ = known + 1U;
    return known;
  }

  bool text_field(Key key, std::string_view& into) {
    const std::string_view token = values_[key];
    if (!is_string(token)) return bad_field(key, "is no string");
    into = body(token);
    if (into.find('\\') != into.npos) into = arena_.emplace_back(json::text_of(token));
    return true;
  }

  void row_id_field() {
    std::string_view& id = line_.event.event_id;
    id = body(row_event_id_);
    if (id.find('\\') != id.npos) id = arena_.emplace_back(json::text_of(row_event_id_));
  }

  bool fields() {
    EventView& event = line_.event;
    for (const Key key : {session_id, sequence_number, type, timestamp}) {
      if ((seen_ & bit(key)) == 0) return bad_field(key, "is missing");
    }
    const auto number = number_of(values_[sequence_number]);
    if (!number) return bad_field(sequence_number, "is no sequence number");
    event.sequence_number = *number;
    std::string_view time;
    if (!text_field(session_id, event.session_id) || !text_field(type, event.type) ||
        !text_field(timestamp, time)) {
      return false;
    }
    const auto at = parse_rfc3339(time);
    if (!at) return bad_field(timestamp, "is no RFC 3339 time");
    event.timestamp = *at;
    event.metadata =
        values_[metadata].empty() || values_[metadata] == "null" ? "{}" : values_[metadata];
    if (event.metadata.front() != '{') return bad_field(metadata, "is no object");
    event.payload = values_[payload].empty() ? "null" : values_[payload];
    return true;
  }

  bool bad_seal(const std::string& why) {
    at_ = start_;
    return bad(FindingKind::seal, "it carries our fields, but no whole seal: " + why);
  }

  bool hex_field(Key key, unsigned char* into, std::size_t size) {
    return is_string(values_[key]) && from_hex(body(values_[key]), into, size);
  }

  bool seal() {
    const bool gone = (seen_ & bit(redacted)) != 0;
    const unsigned kind = gone ? bit(redacted) | bit(payload_hash) : bit(salt);
    if (spaced_) return bad_seal("there is white space between its parts");
    if (!in_order_ || !others_.empty())
      return bad_seal("its keys are not those of a seal, in order");
    if ((seen_ & ~optional_in_seal) != (of_every_seal | kind))
      return bad_seal("a key is missing or too many");
    line_.seal = gone ? Seal::redacted : Seal::sealed;
    if (!hex_field(prev, line_.prev.data(), line_.prev.size()) ||
        !hex_field(hash, line_.hash.data(), line_.hash.size())) {
      return bad_seal("\"prev\" and \"hash\" have to be 64 hex digits");
    }
    return (gone ? redaction() : salting()) && sealed_fields();
  }

  bool salting() {
    Salt bytes;
    if (!hex_field(salt, bytes.data(), bytes.size()))
      return bad_seal("\"salt\" has to be 32 hex digits");
    line_.salt = body(values_[salt]);
    return true;
  }

  bool redaction() {
    Hash bytes;
    const auto by = number_of(values_[redacted]);
    if (!by || values_[payload] != "null" || !hex_field(payload_hash, bytes.data(), bytes.size())) {
      return bad_seal("what stands for the redacted payload is malformed");
    }
    line_.payload_hash = body(values_[payload_hash]);
    line_.event.redacted_by = *by;
    return true;
  }

  bool sealed_fields() {
    EventView& event = line_.event;
    line_.envelope = {start_, values_[payload].data() - std::string_view{",\"payload\":"}.size()};
    event.hash = body(values_[hash]);
    if (!text_field(event_id, event.event_id)) return false;
    if ((seen_ & bit(recorded_at)) != 0) {
      std::string_view time;
      if (!text_field(recorded_at, time)) return false;
      const auto at = parse_rfc3339(time);
      if (!at) return bad_field(recorded_at, "is no RFC 3339 time");
      line_.recorded_at = *at;
    }
    if ((seen_ & bit(batch)) == 0) return true;
    const auto range = batch_of(values_[batch]);
    if (!range || event.sequence_number < range->first || event.sequence_number > range->last) {
      return bad_field(batch, "is no write that holds this event");
    }
    line_.batch = *range;
    return true;
  }

  // What an append would have refused, or stored in another form. Of a redacted line the payload
  // is gone.
  bool stored_form() {
    const EventView& event = line_.event;
    if (!is_session_id(event.session_id) || !is_spelled(session_id, event.session_id))
      return bad_field(session_id, "is not a session id");
    if (!is_event_type(event.type) || !is_spelled(type, event.type))
      return bad_field(type, "is not an event type");
    if (!check_event_id(event.event_id) || !is_spelled(event_id, event.event_id))
      return bad_field(event_id, "is not an event id");
    for (const Key key : {timestamp, recorded_at}) {
      const bool there = (seen_ & bit(key)) != 0;
      if (there && !is_stored_time(body(values_[key])))
        return bad_field(key, "is not written in UTC with nine digits");
    }
    if (!stored_json(metadata) || (line_.seal == Seal::sealed && !stored_json(payload)))
      return false;
    const auto misfit = misfit_in_metadata(values_[metadata]);
    if (!misfit) return true;
    at_ = values_[metadata].data();
    return bad(FindingKind::envelope, "its metadata" + *misfit);
  }

  bool is_spelled(Key key, std::string_view text) const {
    return is_spelled_as_stored(values_[key], text);
  }

  bool stored_json(Key key) {
    const auto misfit = misfit_in_json(values_[key]);
    if (!misfit) return true;
    at_ = values_[key].data() + misfit->offset_bytes;
    return bad(misfit->kind, "its " + std::string{key_names[key]} + " " + misfit->what);
  }

  const char* start_;
  const char* at_;
  const char* end_;
  Arena& arena_;
  Line& line_;
  const bool held_to_seal_;
  std::array<std::string_view, key_count> values_{};
  std::string_view row_event_id_;
  std::vector<std::string_view> others_;
  unsigned seen_ = 0;
  unsigned due_ = 0;
  bool in_order_ = true;
  bool spaced_ = false;
  std::optional<LineError> error_;
};

constexpr std::string_view leaf_prefix{"\0", 1};
constexpr std::string_view node_prefix{"\1", 1};

}  // namespace

std::optional<LineError> parse_line(std::string_view text, Arena& arena, Line& line) {
  return Parser{text, arena, line}.parse();
}

std::optional<LineError> parse_unsealable(std::string_view text, Arena& arena, Line& line) {
  return Parser{text, arena, line, false}.parse();
}

Hash hash_of_entry(std::string_view envelope, std::string_view payload_hash_hex,
                   std::string_view prev_hex) {
  return sha256({leaf_prefix, envelope, R"(,"payload_hash":")", payload_hash_hex, R"(","prev":")",
                 prev_hex, "\"}"});
}

std::optional<LineError> check_hashes(const Line& line) {
  if (line.seal == Seal::unsealed) return std::nullopt;
  HexText computed;
  std::string_view payload_hash = line.payload_hash;
  if (line.seal == Seal::sealed) {
    Salt salt;
    from_hex(line.salt, salt.data(), salt.size());
    computed = hex_of(sha256({bytes_of(salt), line.event.payload}));
    payload_hash = view_of(computed);
  }
  const HexText prev = hex_of(line.prev);
  if (hash_of_entry(line.envelope, payload_hash, view_of(prev)) == line.hash) return std::nullopt;
  return LineError{FindingKind::hash, 0, "its content does not match its seal"};
}

Hash leaf_of(const Line& line) {
  if (line.seal != Seal::unsealed) return line.hash;
  return sha256({leaf_prefix, line.event.line});
}

Hash head_after(const Line& line, const Hash& head_before) {
  return line.seal != Seal::unsealed ? line.hash : head_after_unsealed(leaf_of(line), head_before);
}

Hash head_after_unsealed(const Hash& leaf, const Hash& head_before) {
  return sha256({node_prefix, bytes_of(head_before), bytes_of(leaf)});
}

}  // namespace agentstore::log
