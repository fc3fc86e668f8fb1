// One pass over text as programs write it. Where it is another, the pass gives up: it does not say
// what is wrong.

#include "base/json_notes.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <vector>

#include "base/json_number.hpp"
#include "base/json_string.hpp"

namespace agentstore::json {
namespace {

constexpr int depth_max = 64;

// Each function gives what is behind, or null where it gives up.

inline const char* skip_string(const char* at, const char* limit) {
  const char* const behind = skip_short(at + 1, limit);
  return behind != nullptr ? behind : skip_checked(at + 1, limit);
}

inline const char* skip_scalar(const char* at, const char* limit) {
  const auto skip_word = [&](std::string_view word) {
    return std::string_view{at, limit}.starts_with(word) ? at + word.size() : nullptr;
  };
  switch (*at) {
    case '"': return skip_string(at, limit);
    case 't': return skip_word("true");
    case 'f': return skip_word("false");
    case 'n': return skip_word("null");
    default: return skip_number(at, limit) ? at : nullptr;
  }
}

class NoteTaker {
 public:
  NoteTaker(const char* start, const char* limit, Note* notes, Note* notes_end)
      : start_{start}, limit_{limit}, at_{start}, notes_{notes}, next_{notes}, end_{notes_end} {}

  /// Notes one value; gives how many notes that took, 0 where it gave up.
  std::size_t take() {
    for (;;) {
      if (at_ == limit_ || next_ == end_) return 0;
      Note& note = begin_note();
      if (*at_ == '{' || *at_ == '[') {
        if (depth_ == depth_max) return 0;
        open(note);
        if (at_ == limit_) return 0;
        if (*at_ != closing()) {
          if (object_ && !take_key()) return 0;
          continue;
        }
      } else {
        at_ = skip_scalar(at_, limit_);
        if (at_ == nullptr) return 0;
        end_note(note, 1);
      }
      // A value is complete: close what it ends, or go on to the next one of its container.
      for (;;) {
        if (open_ == nullptr) return static_cast<std::size_t>(next_ - notes_);
        if (at_ == limit_) return 0;
        if (*at_ == ',') break;
        if (*at_ != closing()) return 0;
        close();
      }
      ++at_;
      if (object_ && !take_key()) return 0;
    }
  }

 private:
  std::uint32_t bytes_to(const char* at) const { return static_cast<std::uint32_t>(at - start_); }

  Note& begin_note() {
    Note& note = *next_++;
    note.begin_bytes = bytes_to(at_);
    note.key_bytes = key_bytes_;
    note.key_gap = 1;  // Nothing but the colon.
    note.key_escaped = key_escaped_;
    return note;
  }
  void end_note(Note& note, std::ptrdiff_t notes) {
    note.bytes = bytes_to(at_) - note.begin_bytes;
    note.notes = static_cast<std::uint32_t>(notes);
  }

  // While a container is open, its note says how far back that of its own container is.
  void open(Note& note) {
    note.notes = open_ == nullptr ? 0 : static_cast<std::uint32_t>(&note - open_);
    open_ = &note;
    ++depth_;
    set_object(*at_ == '{');
    ++at_;
  }
  char closing() const { return object_ ? '}' : ']'; }
  void close() {
    Note& note = *open_;
    open_ = note.notes == 0 ? nullptr : open_ - note.notes;
    --depth_;
    ++at_;
    end_note(note, next_ - &note);
    if (open_ != nullptr) set_object(start_[open_->begin_bytes] == '{');
  }
  void set_object(bool object) {
    object_ = object;
    key_bytes_ = 0;
    key_escaped_ = false;
  }

  bool take_key() {
    const char* const key = at_;
    if (at_ == limit_ || *at_ != '"') return false;
    at_ = skip_short(key + 1, limit_);
    key_escaped_ = false;
    if (at_ == nullptr) {
      at_ = skip_checked(key + 1, limit_);
      key_escaped_ = at_ != nullptr && std::string_view{key, at_}.contains('\\');
    }
    if (at_ == nullptr || at_ == limit_ || *at_ != ':') return false;
    key_bytes_ = bytes_to(at_) - bytes_to(key);
    ++at_;
    return key_bytes_ <= Note::key_bytes_max;
  }

  const char* start_;
  const char* limit_;
  const char* at_;
  Note* notes_;
  Note* next_;
  Note* end_;
  Note* open_ = nullptr;  // of the innermost container
  bool object_ = false;   // what that is
  int depth_ = 0;
  std::uint32_t key_bytes_ = 0;
  bool key_escaped_ = false;
};

// Whether the keys of one object differ; `note` is that of its first member, and `end` stands after
// its last one.
bool members_differ(const char* text, const Note* note, const Note* end) {
  constexpr std::size_t compared_max = 12;  // each with each other
  std::array<std::string_view, compared_max> keys;
  std::size_t count = 0;
  std::vector<std::string_view> many;
  for (; note != end; note += note->notes) {
    if (note->key_escaped != 0) return false;
    const std::string_view key{text + note->begin_bytes - note->key_gap - note->key_bytes,
                               note->key_bytes};
    if (count == compared_max && many.empty()) many.assign(keys.begin(), keys.end());
    if (count == compared_max) {
      many.push_back(key);
      continue;
    }
    const auto known = keys.begin() + static_cast<std::ptrdiff_t>(count);
    if (std::find(keys.begin(), known, key) != known) return false;
    keys[count++] = key;
  }
  std::sort(many.begin(), many.end());
  return std::adjacent_find(many.begin(), many.end()) == many.end();
}

}  // namespace

bool keys_differ(const Value& value) {
  const Note* const first = value.note();
  if (first == nullptr) return false;
  const char* const text = value.data() - first->begin_bytes;
  const Note* const end = first + first->notes;
  for (const Note* note = first; note != end; ++note) {
    const bool object = note->notes > 2 && note[1].key_bytes > 0;  // of two members at least
    if (object && !members_differ(text, note + 1, note + note->notes)) return false;
  }
  return true;
}

Value Notes::take(const char* start, const char* limit) {
  constexpr std::ptrdiff_t bytes_max = std::ptrdiff_t{1} << 30U;
  if (!notes_) notes_ = std::make_unique_for_overwrite<Note[]>(notes_max_);
  Note* const note = notes_.get() + used_;
  limit = start + std::min(limit - start, bytes_max);
  const std::size_t taken = NoteTaker{start, limit, note, notes_.get() + notes_max_}.take();
  used_ += taken;
  return taken == 0 ? Value{} : Value{{start, note->bytes}, *note};
}

}  // namespace agentstore::json
