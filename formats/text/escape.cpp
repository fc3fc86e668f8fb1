#include "formats/text/escape.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "agentstore/json.hpp"
#include "formats/text/code_points.hpp"
#include "formats/text/plain_text.hpp"

namespace agentstore::formats {
namespace {

// More marks than any script stacks on one character would climb over the lines above.
constexpr std::size_t marks_max = 8;
// More than any emoji is made of.
constexpr std::size_t joined_max = 11;
constexpr std::string_view cut_mark = "…";

// How a text is written: as it is, or as the body of a JSON string.
enum class Form { text, json };

// Writes a text where there is room for it, and for a register after it.
class Escaper {
 public:
  Escaper(char* into, std::string_view text, Form form)
      : start_{into}, at_{into}, rest_{text}, form_{form} {}

  bool done() const { return rest_.empty(); }
  std::string_view written() const { return {start_, at_}; }
  void rewind() { at_ = start_; }
  // Whether units of what was written, as `cut` sees them, may have been written by halves.
  bool split() const { return split_; }
  // What was written before the last character, and the columns that this one takes.
  std::size_t last_start() const { return last_start_; }
  std::size_t last_columns() const { return last_columns_; }

  // Writes the next character, or its escape, or as many plain characters as fit in `columns_max`;
  // gives the columns that they take.
  std::size_t next(std::size_t columns_max) {
    if (const std::size_t plain = copy_plain(at_, rest_, columns_max); plain > 0) {
      at_ += plain;
      rest_.remove_prefix(plain);
      end_character(1, at_[-1]);
      return plain;
    }
    const std::size_t columns = short_escape();
    return columns > 0 ? columns : next_character();
  }

 private:
  // Of the escapes in JSON, those that stand for what is printable, or are written in the same way;
  // gives the columns, or 0 where it is another character.
  std::size_t short_escape() {
    if (!is_escape(rest_)) return 0;
    const char c = rest_[1];
    switch (c) {
      case 'n':
      case 'r':
      case 't': put(rest_.substr(0, 2)); break;
      case '\\': split_ = true; [[fallthrough]];
      case '"':
      case '/': *at_++ = c; break;
      default: return 0;
    }
    rest_.remove_prefix(2);
    const bool kept = c == 'n' || c == 'r' || c == 't';
    return end_character(kept ? 2 : 1, c);
  }

  // After ASCII, of which the last character, or escape, has so many bytes.
  std::size_t end_character(std::size_t bytes, char last) {
    last_start_ = written().size() - bytes;
    last_columns_ = bytes;
    joined_ = marks_ = 0;
    clusters_.after_ascii(last);
    return bytes;
  }

  std::size_t next_character() {
    const char* const before = at_;
    const CodePoint point = first(rest_);
    const Look look = point.value < 0 ? Look{} : look_of(point.value);
    const std::string_view bytes = rest_.substr(0, point.bytes);
    const bool command = point.value == '#' && starts_command();
    rest_.remove_prefix(point.bytes);
    if (point.value == '\\' || command) split_ = true;
    if (command) {
      rest_.remove_prefix(first(rest_).bytes);
      put("#\\u{23}");
    } else if (point.value < 0) {
      put_number("\\x{", static_cast<unsigned char>(bytes.front()));
    } else if (const auto step = step_of(point.value, look)) {
      if (is_escape(bytes)) at_ += put_code_point(at_, point.value);
      else put(bytes);
      if (!step->joined) last_start_ = static_cast<std::size_t>(before - start_);
      last_columns_ = step->columns + (step->joined ? last_columns_ : 0);
      return step->columns;
    } else {
      put_escape(point.value);
      const std::size_t marks = look.columns == 0 ? marks_ : 0;
      const auto columns = end_character(static_cast<std::size_t>(at_ - before), '}');
      marks_ = marks;
      return columns;
    }
    return end_character(static_cast<std::size_t>(at_ - before), '}');
  }

  // What a character that is shown as it is adds; nothing where it has to be escaped.
  std::optional<Clusters::Step> step_of(std::int32_t point, const Look& look) {
    const bool joiner = point == zero_width_joiner && clusters_.ends_in_emoji() && !rest_.empty() &&
                        is_emoji(first(rest_).value);
    marks_ = look.columns == 0 ? marks_ + 1 : 0;
    if (look.unprintable && !joiner) return std::nullopt;
    const Clusters::Step step = clusters_.next(point, look);
    joined_ = step.joined ? joined_ + 1 : 0;
    if (marks_ > marks_max || joined_ > joined_max) return std::nullopt;
    return step;
  }

  bool is_escape(std::string_view text) const {
    return form_ == Form::json && text.front() == '\\';
  }

  CodePoint first(std::string_view text) const {
    if (!is_escape(text)) return first_code_point(text);
    const json::Escape escape = json::first_escape(text);
    return {static_cast<std::int32_t>(escape.code_point), escape.bytes};
  }

  bool starts_command() const {
    std::string ahead;
    for (std::string_view text = rest_; !text.empty() && ahead.size() < runner_command_bytes_max;) {
      const CodePoint point = first(text);
      if (point.value <= ' ' || point.value >= 0x7F) break;
      ahead += static_cast<char>(point.value);
      text.remove_prefix(point.bytes);
    }
    return starts_runner_command(ahead);
  }

  void put(std::string_view text) { at_ = std::ranges::copy(text, at_).out; }

  // "\u{1b}"
  void put_number(std::string_view opening, std::int32_t number) {
    constexpr std::ptrdiff_t digits_max = 6;
    put(opening);
    at_ = std::to_chars(at_, at_ + digits_max, number, 16).ptr;
    put("}");
  }

  void put_escape(std::int32_t point) {
    switch (point) {
      case '\n': put("\\n"); break;
      case '\t': put("\\t"); break;
      case '\r': put("\\r"); break;
      default: put_number("\\u{", point);
    }
  }

  char* start_;
  char* at_;
  std::string_view rest_;
  Form form_;
  Clusters clusters_;
  std::size_t marks_ = 0;
  std::size_t joined_ = 0;  // to the last character
  std::size_t last_start_ = 0;
  std::size_t last_columns_ = 0;
  bool split_ = false;
};

constexpr std::size_t unit_bytes_max = 10;
// For one unit more, or a register.
constexpr std::size_t room_ahead_bytes = 32;

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

// The bytes of an escape of ours at the start of `text`; 0 where there is none.
std::size_t escape_bytes(std::string_view text) {
  constexpr std::size_t digits_max = 6;
  if (text.size() < 2 || text[0] != '\\') return 0;
  if (text[1] == 'n' || text[1] == 't' || text[1] == 'r') return 2;
  if ((text[1] != 'u' && text[1] != 'x') || text.size() < 3 || text[2] != '{') return 0;
  std::size_t at = 3;
  while (at < text.size() && at < 3 + digits_max && is_hex(text[at])) ++at;
  return at < text.size() && at > 3 && text[at] == '}' ? at + 1 : 0;
}

struct Size {
  std::size_t bytes = 0;
  std::size_t columns = 0;
};

// As much of `text` as `columns` can hold, and no character or escape cut.
Size fitting(std::string_view text, std::size_t columns) {
  Size fits;
  Size before;  // the last character
  Clusters clusters;
  while (fits.bytes < text.size()) {
    const std::string_view rest = text.substr(fits.bytes);
    const std::size_t left = columns - fits.columns;
    if (const std::size_t plain = plain_bytes(rest.substr(0, left)); plain > 0) {
      fits = {fits.bytes + plain, fits.columns + plain};
      before = {fits.bytes - 1, fits.columns - 1};
      clusters.after_ascii(text[fits.bytes - 1]);
      continue;
    }
    Clusters::Step step{.columns = escape_bytes(rest)};
    CodePoint point{.bytes = step.columns};
    if (step.columns == 0) {
      point = first_code_point(rest);
      step = clusters.next(point.value, point.value < 0 ? Look{} : look_of(point.value));
    } else {
      clusters.after_ascii(rest[step.columns - 1]);
    }
    if (step.columns > left) return step.joined ? before : fits;
    if (!step.joined) before = fits;
    fits = {fits.bytes + point.bytes, fits.columns + step.columns};
  }
  return fits;
}

// Writes as much as `columns` can hold, which are some; where that is not all, as `cut` would give
// it.
Written write_cut(Escaper text, char* into, std::size_t columns) {
  std::size_t used = 0;
  Size kept;  // As long as there is still room for the mark of the cut.
  while (!text.done() && used <= columns) {
    used += text.next(used + 1 < columns ? columns - 1 - used : 1);
    if (used < columns) kept = {text.written().size(), used};
    else if (kept.bytes > text.last_start()) kept = {text.last_start(), used - text.last_columns()};
  }
  if (used <= columns) return {text.written().size(), used, true};
  if (text.split()) kept = fitting(text.written(), columns - 1);
  std::ranges::copy(cut_mark, into + kept.bytes);
  return {kept.bytes + cut_mark.size(), kept.columns + 1, false};
}

Written write_text(char* into, std::string_view text, Form form, std::size_t columns) {
  if (columns == 0) return {0, 0, text.empty()};  // Not even marks, which take none.
  // Most names and numbers are plain and fit.
  if (text.size() <= columns && copy_plain_whole(into, text))
    return {text.size(), text.size(), true};
  return write_cut({into, text, form}, into, columns);
}

}  // namespace

std::string printable(std::string_view text) {
  constexpr std::size_t columns = 256;
  char piece[columns + room_ahead_bytes];
  std::string out;
  out.reserve(text.size());
  for (Escaper escaper{piece, text, Form::text}; !escaper.done(); escaper.rewind()) {
    escaper.next(columns);
    out += escaper.written();
  }
  return out;
}

std::size_t printable_bytes_max(std::string_view text, std::size_t columns) {
  const std::size_t columns_at_most = std::min(columns, unit_bytes_max * text.size());
  // Each column may hold a character with its marks; some may stand before the first.
  const std::size_t bytes = (columns_at_most + 2) * 4 * (1 + joined_max);
  return std::min(bytes, text.size() * unit_bytes_max) + room_ahead_bytes;
}

Written write_printable(char* into, std::string_view text, std::size_t columns) {
  return write_text(into, text, Form::text, columns);
}

Written write_printable_string(char* into, std::string_view token, std::size_t columns) {
  return write_text(into, token.substr(1, token.size() - 2), Form::json, columns);
}

std::string printable_cut(std::string_view text, std::size_t columns) {
  std::string out;
  out.resize_and_overwrite(printable_bytes_max(text, columns), [&](char* into, std::size_t) {
    return write_printable(into, text, columns).bytes;
  });
  return out;
}

std::size_t display_width(std::string_view printable_text) {
  return fitting(printable_text, std::string_view::npos).columns;
}

std::size_t fitting_bytes(std::string_view printable_text, std::size_t columns) {
  return fitting(printable_text, columns).bytes;
}

std::string cut(std::string_view printable_text, std::size_t columns) {
  if (columns == 0) return {};
  // As long as there is still room for the mark of the cut.
  const Size kept = fitting(printable_text, columns - 1);
  const std::string_view rest = printable_text.substr(kept.bytes);
  if (fitting(rest, columns - kept.columns).bytes == rest.size())
    return std::string{printable_text};
  return std::string{printable_text.substr(0, kept.bytes)}.append(cut_mark);
}

}  // namespace agentstore::formats
