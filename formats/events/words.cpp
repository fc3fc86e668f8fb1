#include "formats/events/words.hpp"

#include <algorithm>
#include <array>

#include "formats/events/fields.hpp"
#include "formats/text/code_points.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

constexpr int depth_max = 6;

/// Text in the making, white space in it put together.
class Words {
 public:
  explicit Words(std::size_t bytes_max) : bytes_max_{bytes_max} {}

  bool full() const { return full_; }
  bool empty() const { return text_.empty(); }
  std::string take() {
    if (full_) text_ = std::string{cut_utf8(text_, bytes_max_)} + "…";
    return std::move(text_);
  }

  void add(char c) {
    if (json::is_space(c)) {
      blank_ = !text_.empty();
      return;
    }
    if (blank_) text_ += ' ';
    blank_ = false;
    text_ += c;
    full_ = text_.size() > bytes_max_;
  }
  void add(std::string_view text) {
    for (std::size_t at = 0; at < text.size() && !full_; ++at) add(text[at]);
  }
  /// What a string token says.
  void add_token(std::string_view token) {
    blank_ = !text_.empty();
    for (std::size_t at = 1; at + 1 < token.size() && !full_;) {
      if (token[at] != '\\') {
        add(token[at++]);
        continue;
      }
      const json::Escape escape = json::first_escape(token.substr(at));
      char bytes[4];
      add(std::string_view{bytes,
                           put_code_point(bytes, static_cast<std::int32_t>(escape.code_point))});
      at += escape.bytes;
    }
  }
  void blank() { blank_ = !text_.empty(); }

 private:
  std::string text_;
  std::size_t bytes_max_;
  bool blank_ = false;
  bool full_ = false;
};

void add_words_of(Words& words, const json::Value& value, int depth = 0) {
  if (depth > depth_max || words.full()) return;
  switch (json::kind_of(value)) {
    case json::Kind::string: words.add_token(value); return;
    case json::Kind::array:
      for (json::Walk walk{value}; !words.full() && walk.next();)
        add_words_of(words, walk.value(), depth + 1);
      return;
    case json::Kind::object: {
      if (const std::string what = attachment_text(value); !what.empty()) {
        words.blank();
        words.add("(" + what + ")");
        return;
      }
      const Fields fields{value};
      const auto inner = fields.find(
          {"content", "text", "message", "thinking", "summary_text", "parts", "value", "response"});
      if (inner) return add_words_of(words, *inner, depth + 1);
      // A call within what was said.
      if (fields.find({"type"}).value_or("") == R"("tool_use")")
        if (const auto name = fields.find({"name"})) add_words_of(words, *name, depth + 1);
      return;
    }
    default: return;
  }
}

// What tells records apart or repeats in each of them, and is nothing to read.
constexpr std::array noise{"uuid",
                           "parentUuid",
                           "logicalParentUuid",
                           "leafUuid",
                           "sessionId",
                           "session_id",
                           "timestamp",
                           "version",
                           "cwd",
                           "gitBranch",
                           "isSidechain",
                           "userType",
                           "isMeta",
                           "slug",
                           "level",
                           "toolUseID",
                           "id",
                           "parentToolUseID",
                           "requestId",
                           "signature",
                           "ts",
                           "dir",
                           "messageId",
                           "encrypted_content",
                           "snapshot",
                           "message_id",
                           "turn_id",
                           "isSnapshotUpdate",
                           "entrypoint"};

bool is_noise(const json::Walk& member) {
  return std::ranges::any_of(noise, [&](const char* key) { return member.key_is(key); });
}

bool is_short(const json::Value& value) {
  constexpr std::size_t bytes_short = 24;
  return value.size() <= bytes_short && value.find('{') == value.npos;
}

void add_members(Words& words, const json::Value& object, int depth);

void add_member(Words& words, const json::Value& value, const std::string& name, int depth) {
  const json::Kind kind = json::kind_of(value);
  if (kind == json::Kind::null || value == R"("")" || value == "[]" || value == "{}") return;
  if (kind == json::Kind::object && depth < 2) return add_members(words, value, depth + 1);
  words.blank();
  words.add(name + "=");
  if (kind == json::Kind::string) {
    std::string text = words_start(value, 160);
    const bool bare = text.find_first_of(" \"") == text.npos;
    words.add(bare ? text : '"' + text + '"');
  } else if (kind == json::Kind::array && !is_short(value)) {
    words.add("(" + counted(count_of(value), "item") + ")");
  } else if (kind == json::Kind::object) {
    words.add("(" + counted(count_of(value), "member") + ")");
  } else {
    words.add(value);
  }
}

/// What a record is, its event says beside it.
bool names_kind(const json::Walk& member) {
  return member.key_is("type") || member.key_is("subtype");
}

void add_members(Words& words, const json::Value& object, int depth) {
  bool more = false;
  for (json::Walk walk{object}; !more && walk.next();) more = !is_noise(walk) && !names_kind(walk);
  for (json::Walk walk{object}; !words.full() && walk.next();) {
    if (is_noise(walk) || (more && names_kind(walk))) continue;
    const std::string name = on_one_line(json::text_of(walk.key()).substr(0, 80));
    add_member(words, walk.value(), name, depth);
  }
}

// Where records of agents have what they say.
void add_record_words(Words& words, const json::Value& record, int depth = 0) {
  if (json::kind_of(record) != json::Kind::object) return add_words_of(words, record);
  const Fields fields{record};
  const auto said = fields.find({"content", "text", "message", "summary", "prompt",
                                 "last_agent_message", "thinking", "response"});
  if (said) add_words_of(words, *said);
  if (!words.empty() || depth >= 3) return;
  if (const auto inner = fields.find({"data", "payload", "msg", "attachment", "item"}))
    add_record_words(words, *inner, depth + 1);
}

}  // namespace

std::string attachment_text(const json::Value& block) {
  const Fields fields{block};
  const auto type = fields.find({"type"});
  if (!type) return {};
  if (*type == R"("input_image")" || *type == R"("image_url")") return "image";
  if (*type != R"("image")" && *type != R"("document")") return {};
  const auto source = fields.find({"source"});
  const Fields of_source{source.value_or(block)};
  auto kind = of_source.find({"media_type", "mimeType", "mime_type"});
  const auto data = of_source.find({"data"});
  std::string text = kind && json::kind_of(*kind) == json::Kind::string
                         ? json::text_of(*kind).substr(0, 60)
                         : json::text_of(*type);
  // Base64: three bytes in four characters.
  if (data && data->size() > 2) text += " " + bytes_text((data->size() - 2) / 4 * 3);
  return text;
}

std::string on_one_line(std::string_view text) {
  Words words{text.size() + 1};
  words.add(text);
  return words.take();
}

std::string words_start(const json::Value& value, std::size_t bytes_max) {
  Words words{bytes_max};
  add_words_of(words, value);
  return words.take();
}

std::string record_words(const json::Value& payload, std::size_t bytes_max) {
  Words words{bytes_max};
  if (payload.empty()) return {};
  add_record_words(words, payload);
  if (!words.empty()) return words.take();
  const json::Kind kind = json::kind_of(payload);
  if (kind == json::Kind::array) return counted(count_of(payload), "item");
  if (kind != json::Kind::object) {
    words.add(payload);
    return words.take();
  }
  add_members(words, payload, 0);
  return words.take();
}

}  // namespace agentstore::formats
