#include "agentstore/json.hpp"

#include <charconv>
#include <cstring>

#include "agentstore/internal/foreign_json.hpp"
#include "base/json_blocks.hpp"
#include "base/json_string.hpp"
#include "base/utf8.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace agentstore::json {
namespace {

const char* skip_space(const char* at, const char* end) {
  while (at != end && is_space(*at)) ++at;
  return at;
}

// Behind the next quote that is not escaped.
const char* skip_long_string(const char* at, const char* end) {
#if defined(__SSE2__)
  if (end - at >= block_bytes) {
    for (Escapes escapes; at != end;) {
      const Block block{at, end};
      const std::uint64_t escaped = escapes.next(block.equal('\\'));
      const std::uint64_t quotes = block.equal('"') & ~escaped;
      if (quotes != 0) return at + __builtin_ctzll(quotes) + 1;
      at = block.behind(at);
    }
    return end;
  }
#endif
  for (; at < end; ++at) {
    if (*at == '"') return at + 1;
    if (*at == '\\') ++at;
  }
  return end;
}

// From a quote to just behind its partner.
inline const char* skip_string(const char* at, const char* end) {
  ++at;
#if defined(__SSE2__)
  if (end - at >= 16) {  // Keys are short, and have no escapes.
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    const __m128i backslashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    const auto stops = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(quotes, backslashes)));
    const char* const stop = at + __builtin_ctz(stops | 0x10000U);
    if (stops != 0 && *stop == '"') return stop + 1;
  }
#endif
  return skip_long_string(at, end);
}

// Where a literal or a number ends: at a comma, a closing bracket or white space.
const char* skip_word(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i space = _mm_set1_epi8(' ');
  const __m128i case_bit = _mm_set1_epi8(0x20);  // ']' and '}' differ by it
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i stop = _mm_or_si128(
        _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(',')),
                     _mm_cmpeq_epi8(_mm_or_si128(bytes, case_bit), _mm_set1_epi8('}'))),
        _mm_cmpeq_epi8(_mm_min_epu8(bytes, space), bytes));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(stop));
    if (mask != 0) return at + __builtin_ctz(mask);
  }
#endif
  while (at != end && *at != ',' && *at != '}' && *at != ']' && !is_space(*at)) ++at;
  return at;
}

// The next quote or bracket of any kind: what decides where a container ends.
const char* find_structure(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i case_bit = _mm_set1_epi8(0x20);  // '[' and '{' differ by it, as ']' and '}' do
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i folded = _mm_or_si128(bytes, case_bit);
    const __m128i brackets = _mm_or_si128(_mm_cmpeq_epi8(folded, _mm_set1_epi8('{')),
                                          _mm_cmpeq_epi8(folded, _mm_set1_epi8('}')));
    const auto mask = static_cast<unsigned>(
        _mm_movemask_epi8(_mm_or_si128(brackets, _mm_cmpeq_epi8(bytes, quote))));
    if (mask != 0) return at + __builtin_ctz(mask);
  }
#endif
  while (at != end && *at != '"' && *at != '{' && *at != '}' && *at != '[' && *at != ']') ++at;
  return at;
}

#if defined(__SSE2__)
// The same, where a block lies before `end`.
const char* skip_long_container(const char* at, const char* end) {
  Escapes escapes;
  Strings strings;
  std::size_t depth = 0;
  while (at != end) {
    const Block block{at, end};
    const std::uint64_t escaped = escapes.next(block.equal('\\'));
    const std::uint64_t outside = ~strings.next(block.equal('"') & ~escaped);
    const std::uint64_t opening = block.equal_folded('{') & outside;
    std::uint64_t brackets = (block.equal_folded('}') & outside) | opening;
    for (; brackets != 0; brackets &= brackets - 1) {
      if ((opening & brackets & -brackets) != 0) ++depth;
      else if (--depth == 0) return at + __builtin_ctzll(brackets) + 1;
    }
    at = block.behind(at);
  }
  return end;
}
#endif

const char* skip_container(const char* at, const char* end) {
#if defined(__SSE2__)
  if (end - at >= block_bytes) return skip_long_container(at, end);
#endif
  std::size_t depth = 0;
  while ((at = find_structure(at, end)) != end) {
    if (*at == '"') {
      at = skip_string(at, end);
      continue;
    }
    if (*at == '{' || *at == '[') ++depth;
    else if (--depth == 0) return at + 1;
    ++at;
  }
  return end;
}

const char* skip_value(const char* at, const char* end) {
  if (at == end) return end;
  if (*at == '"') return skip_string(at, end);
  if (*at == '{' || *at == '[') return skip_container(at, end);
  return skip_word(at, end);
}

char32_t hex4(const char* at) {
  char32_t value = 0;
  for (const char* const end = at + 4; at != end; ++at) {
    const unsigned digit = *at <= '9' ? *at - '0' : (*at | 0x20) - 'a' + 10;
    value = value << 4U | digit;
  }
  return value;
}

char unescaped(char c) {
  switch (c) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return c;
  }
}

// Copies up to the next backslash; gives how many bytes that were.
std::size_t copy_up_to_escape(char* into, std::string_view body) {
  std::size_t at = 0;
#if defined(__SSE2__)
  for (; body.size() - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(body.data() + at));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(into + at), bytes);
    const auto mask =
        static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
    if (mask != 0) return at + static_cast<std::size_t>(__builtin_ctz(mask));
  }
#endif
  for (; at < body.size() && body[at] != '\\'; ++at) into[at] = body[at];
  return at;
}

// Writes the text of a string token's body, which is no longer; gives its end.
char* put_text(char* into, std::string_view body) {
  for (;;) {
    const std::size_t plain = copy_up_to_escape(into, body);
    into += plain;
    body.remove_prefix(plain);
    if (body.empty()) return into;
    const Escape escape = first_escape(body);
    into = put_utf8(into, escape.code_point);
    body.remove_prefix(escape.bytes);
  }
}

}  // namespace

std::string compact(std::string_view text) {
  std::string out;
  if (minify(text, out)) return out;
  out.clear();
  out.reserve(text.size());
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    if (*at == '"') {
      const char* const start = at;
      at = skip_string(at, end);
      out.append(start, at);
    } else {
      if (!is_space(*at)) out += *at;
      ++at;
    }
  }
  return out;
}

Kind kind_of(std::string_view value) {
  const char* const end = value.data() + value.size();
  const char* const first = skip_space(value.data(), end);
  switch (first == end ? 'n' : *first) {
    case 'n': return Kind::null;
    case 't':
    case 'f': return Kind::boolean;
    case '"': return Kind::string;
    case '[': return Kind::array;
    case '{': return Kind::object;
    default: return Kind::number;
  }
}

Walk::Walk(const Value& container)
    : at_(container.data()), end_(at_ + container.size()), note_(container.note()) {
  if (note_ != nullptr) {
    at_ -= note_->begin_bytes;
    notes_end_ = note_ + note_->notes;
    ++note_;
    return;
  }
  at_ = skip_space(at_, end_);
  const bool walkable = at_ != end_ && (*at_ == '{' || *at_ == '[');
  object_ = walkable && *at_ == '{';
  at_ = walkable ? at_ + 1 : end_;
}

bool Walk::next_note() {
  if (note_ == notes_end_) return false;
  value_ = {{at_ + note_->begin_bytes, note_->bytes}, *note_};
  key_ = {value_.data() - note_->key_gap - note_->key_bytes, note_->key_bytes};
  escaped_ = note_->key_escaped != 0;
  note_ += note_->notes;
  return true;
}

bool Walk::find_next() {
  at_ = skip_space(at_, end_);
  if (at_ != end_ && *at_ == ',') at_ = skip_space(at_ + 1, end_);
  if (at_ == end_ || *at_ == '}' || *at_ == ']') return false;
  if (object_) {
    const char* const start = at_;
    at_ = skip_plain<HighBytes::let_through>(at_ + 1, end_);
    escaped_ = at_ != end_ && *at_ != '"';
    at_ = escaped_ ? skip_string(start, end_) : at_ + (at_ != end_);
    key_ = {start, at_};
    at_ = skip_space(at_, end_);
    if (at_ != end_) ++at_;  // the colon
    at_ = skip_space(at_, end_);
  }
  const char* const start = at_;
  at_ = skip_value(at_, end_);
  value_ = std::string_view{start, at_};
  return true;
}

bool Walk::key_reads(std::string_view text) const {
  // An escape is longer than what it stands for.
  return key_.size() > text.size() + 2 && text_of(key_) == text;
}

std::string_view first_value(std::string_view text) {
  return {text.data(), skip_value(text.data(), text.data() + text.size())};
}

std::optional<Value> find(const Value& object, std::string_view key) {
  std::optional<Value> found;
  if (kind_of(object) != Kind::object) return found;
  for (Walk walk{object}; walk.next();) {
    if (walk.key_is(key)) found = walk.value();
  }
  return found;
}

Escape first_escape(std::string_view text) {
  if (text[1] != 'u') return {static_cast<unsigned char>(unescaped(text[1])), 2};
  const char32_t point = hex4(text.data() + 2);
  if (point < 0xD800 || point >= 0xE000) return {point, 6};
  if (point < 0xDC00 && text.size() >= 12 && text[6] == '\\' && text[7] == 'u') {
    const char32_t low = hex4(text.data() + 8);
    if (low >= 0xDC00 && low < 0xE000)
      return {0x10000 + ((point - 0xD800) << 10U) + (low - 0xDC00), 12};
  }
  return {0xFFFD, 6, true};
}

std::string text_of(std::string_view string_token) {
  const std::string_view body = string_token.substr(1, string_token.size() - 2);
  std::string out;
  // An escape is longer than what it stands for.
  out.resize_and_overwrite(body.size(), [&](char* into, std::size_t) {
    return static_cast<std::size_t>(put_text(into, body) - into);
  });
  return out;
}

bool has_lone_surrogate(std::string_view string_token) {
  std::size_t at = 0;
  while ((at = string_token.find('\\', at)) != string_token.npos) {
    const Escape escape = first_escape(string_token.substr(at));
    if (escape.lone_surrogate) return true;
    at += escape.bytes;
  }
  return false;
}

std::optional<std::string> find_text(const Value& object, std::string_view key) {
  const auto value = find(object, key);
  if (!value || kind_of(*value) != Kind::string) return std::nullopt;
  return text_of(*value);
}

std::optional<std::string> find_id(const Value& object, std::string_view key) {
  const auto value = find(object, key);
  if (!value) return std::nullopt;
  if (kind_of(*value) == Kind::number) return std::string{*value};
  auto text = find_text(object, key);
  return text && text->empty() ? std::nullopt : text;
}

std::optional<std::int64_t> find_integer(const Value& object, std::string_view key) {
  const auto value = find(object, key);
  if (!value || kind_of(*value) != Kind::number) return std::nullopt;
  return integer_of(*value);
}

std::optional<std::int64_t> integer_of(std::string_view number_token) {
  std::int64_t number = 0;
  const char* const end = number_token.data() + number_token.size();
  const auto [at, status] = std::from_chars(number_token.data(), end, number);
  if (status != std::errc{} || at != end) return std::nullopt;
  return number;
}

void append_quoted(std::string& out, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  out += '"';
  for (const char *at = text.data(), *end = at + text.size();;) {
    const char* const plain_end = skip_plain<HighBytes::looked_at>(at, end);
    out.append(at, plain_end);
    at = plain_end;
    if (at == end) break;
    const auto byte = static_cast<unsigned char>(*at);
    if (byte >= 0x80) {
      const std::size_t length = utf8_length(at, end);
      if (length == 0) out += "\xEF\xBF\xBD";
      else out.append(at, length);
      at += length == 0 ? 1 : length;
      continue;
    }
    ++at;
    switch (byte) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:  // another control character
        out += "\\u00";
        out += hex[byte >> 4U];
        out += hex[byte & 15U];
    }
  }
  out += '"';
}

std::string quote(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

}  // namespace agentstore::json
