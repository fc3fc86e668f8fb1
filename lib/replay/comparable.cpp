#include "replay/comparable.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "agentstore/decimal.hpp"
#include "agentstore/json.hpp"
#include "base/json_edit.hpp"
#include "base/json_members.hpp"
#include "base/sha256.hpp"

namespace agentstore {
namespace {

constexpr int depth_max = 64;                       // what lies deeper is compared as it is written
constexpr std::size_t number_bytes_max = 64;        // longer ones are, too
constexpr std::string_view generated = R"("~id")";  // stands for every generated id

constexpr std::array<std::string_view, 33> volatile_names = {
    "id",         "uuid",        "call_id",      "tool_call_id",   "tool_use_id",
    "request_id", "response_id", "message_id",   "event_id",       "session_id",
    "run_id",     "trace_id",    "span_id",      "thread_id",      "parent_id",
    "turn_id",    "parent_uuid", "causation_id", "correlation_id", "timestamp",
    "ts",         "duration_ms", "elapsed_ms",   "latency_ms",     "last_event_at",
    "sessionId",  "parentUuid",  "requestId",    "messageId",      "toolUseID",
    "toolUseId",  "promptId",    "leafUuid"};

constexpr std::array<std::string_view, 5> argument_names = {"args", "arguments", "input",
                                                            "parameters", "params"};

constexpr std::array<std::string_view, 11> generated_prefixes = {
    "toolu_bdrk_", "toolu_vrtx_", "msg_bdrk_", "toolu_",    "call_", "msg_",
    "req_",        "resp_",       "run_",      "chatcmpl-", "fc_"};
constexpr std::size_t random_bytes_min = 20;  // of a provider's id, after its prefix

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

bool is_ulid(std::string_view text) {
  return text.size() == 26 && text[0] <= '7' &&
         text.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ") == text.npos;
}

// As providers make them: many letters and digits in one piece, which words and dates are not.
bool is_random(std::string_view text) {
  constexpr std::string_view digits = "0123456789";
  const auto is_alphanumeric = [&](char c) {
    return digits.contains(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return text.size() >= random_bytes_min && text.find_first_of(digits) != text.npos &&
         std::ranges::all_of(text, is_alphanumeric);
}

bool is_generated_id(std::string_view string_token) {
  const std::string_view text = string_token.substr(1, string_token.size() - 2);
  if (is_uuid(text) || is_ulid(text)) return true;
  return std::ranges::any_of(generated_prefixes, [&](std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    const std::string_view tail = text.substr(prefix.size());
    return is_random(tail) || is_uuid(tail);
  });
}

template <class Names>
bool is_one_of(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_volatile(std::string_view name) {
  return is_one_of(volatile_names, name) || name.ends_with("_at");
}

// "/data/tool_called/args" of a state is "/payload/args" of an event.
std::string in_payload(std::string_view pointer) {
  constexpr std::string_view data = "/data/";
  if (!pointer.starts_with(data)) return {};
  const std::size_t end = pointer.find('/', data.size());
  return end == pointer.npos ? std::string{} : "/payload" + std::string{pointer.substr(end)};
}

}  // namespace

std::string tool_of(const EventView& event) {
  if (auto name = json::find_text(event.metadata, "tool_name"); name && !name->empty())
    return *name;
  if (!is_tool_event(event.type) && !event.type.starts_with("tool.")) return {};
  for (const std::string_view member : {"tool", "tool_name", "name"})
    if (auto name = json::find_text(event.payload, member)) return *name;
  return {};
}

std::optional<Arguments> arguments_of(std::string_view payload) {
  for (const std::string_view name : argument_names)
    if (const auto found = json::find(payload, name))
      return Arguments{"/payload/" + std::string{name}, *found};
  return std::nullopt;
}

Result<Comparable> Comparable::make(const std::vector<std::string>& ignored) {
  Comparable comparable;
  for (const std::string& pointer : ignored) {
    const auto tokens = json::pointer_tokens(pointer);
    if (!tokens || tokens->empty())
      return fail(Code::invalid, "\"" + pointer + "\" is not a JSON pointer",
                  "a pointer begins with a slash: /result/score");
    comparable.ignored_.insert(pointer);
    comparable.ignored_.insert("/payload" + pointer);
  }
  return comparable;
}

bool Comparable::counts(std::string_view pointer) const {
  const std::string payload = ignored_.empty() ? std::string{} : in_payload(pointer);
  if (!payload.empty() && !counts(payload)) return false;
  bool in_arguments = false;
  for (std::size_t at = pointer.find('/'); at != pointer.npos;) {
    const std::size_t next = pointer.find('/', at + 1);
    const std::string_view name = pointer.substr(at + 1, next - at - 1);
    if (!in_arguments && is_volatile(name)) return false;
    if (!ignored_.empty() && ignored_.contains(pointer.substr(0, next))) return false;
    in_arguments = in_arguments || is_one_of(argument_names, name);
    at = next;
  }
  return true;
}

// Where a normal form goes: it may be as long as a line, and of most only a hash is asked for.
class Comparable::Out {
 public:
  virtual ~Out() = default;
  virtual void add(std::string_view text) = 0;
};

class Comparable::TextOut final : public Out {
 public:
  void add(std::string_view text) override { text_ += text; }
  std::string text() && { return std::move(text_); }

 private:
  std::string text_;
};

class Comparable::HashOut final : public Out {
 public:
  void add(std::string_view text) override {
    waiting_ += text;
    if (waiting_.size() >= block_bytes) flush();
  }
  // A part whose end shows, whatever it holds.
  void add_part(std::string_view part) {
    add(std::to_string(part.size()) + ':');
    add(part);
  }
  Fingerprint finish() {
    flush();
    const Hash hash = hash_.finish();
    Fingerprint print;
    std::memcpy(print.data(), hash.data(), sizeof print);
    return print;
  }

 private:
  static constexpr std::size_t block_bytes = 4096;
  void flush() {
    hash_.update(waiting_);
    waiting_.clear();
  }

  std::string waiting_;
  Sha256 hash_;
};

std::string Comparable::normal(std::string_view value, std::string pointer) const {
  TextOut out;
  append(out, value, pointer, 0);
  return std::move(out).text();
}

void Comparable::append(Out& out, std::string_view value, std::string& pointer, int depth) const {
  const json::Kind kind = json::kind_of(value);
  if (depth == depth_max) {
    out.add(value);
  } else if (kind == json::Kind::string) {
    if (is_generated_id(value)) out.add(generated);
    else append_string(out, value);
  } else if (kind == json::Kind::number && value.size() <= number_bytes_max) {
    const auto number = Decimal::parse(value);
    out.add(number ? number->to_string() : std::string{value});
  } else if (kind == json::Kind::array) {
    std::string_view before = "[";
    for (json::Walk walk{value}; walk.next();) {
      out.add(std::exchange(before, ","));
      append(out, walk.value(), pointer, depth + 1);
    }
    out.add(before == "[" ? "[]" : "]");
  } else if (kind == json::Kind::object) {
    append_object(out, value, pointer, depth);
  } else {
    out.add(value);
  }
}

// A long one in pieces, each of which is quoted as it would be within the whole: none ends within
// a character or an escape.
void Comparable::append_string(Out& out, std::string_view token) {
  constexpr std::size_t piece_bytes = std::size_t{64} << 10;
  if (token.size() <= piece_bytes) return out.add(json::quote(json::text_of(token)));
  out.add("\"");
  const std::size_t end = token.size() - 1;
  std::string piece;
  for (std::size_t from = 1, at = 1; from < end; from = at) {
    while (at < end) {
      const char c = token[at];
      const bool continues = (static_cast<unsigned char>(c) & 0xC0U) == 0x80;
      if (at - from >= piece_bytes && !continues) break;
      at += c == '\\' ? json::first_escape(token.substr(at)).bytes : 1;
    }
    piece = '"';
    piece += token.substr(from, at - from);
    piece += '"';
    const std::string quoted = json::quote(json::text_of(piece));
    out.add(std::string_view{quoted}.substr(1, quoted.size() - 2));
  }
  out.add("\"");
}

void Comparable::append_object(Out& out, std::string_view object, std::string& pointer,
                               int depth) const {
  const std::size_t parent = pointer.size();
  std::string_view before = "{";
  for (const json::Members::Member& member : json::Members{object}) {
    const std::string name = json::text_of(member.key());
    json::append_pointer(pointer, name);
    if (counts(pointer)) {
      out.add(std::exchange(before, ","));
      out.add(json::quote(name));
      out.add(":");
      append(out, member.value(), pointer, depth + 1);
    }
    pointer.resize(parent);
  }
  out.add(before == "{" ? "{}" : "}");
}

Fingerprints Comparable::fingerprints(const EventView& event) const {
  const std::string tool = tool_of(event);
  std::string model = json::find_text(event.metadata, "model").value_or("");
  if (!counts("/metadata/model")) model.clear();
  // The value comes last, where its end needs no mark.
  const auto print_of = [&](std::initializer_list<std::string_view> parts, std::string_view value,
                            std::string pointer) {
    HashOut out;
    for (const std::string_view part : parts) out.add_part(part);
    if (!value.empty()) append(out, value, pointer, 0);
    return out.finish();
  };
  Fingerprints prints{.whole = print_of({event.type, model, tool}, event.payload, "/payload"),
                      .call = {},
                      .kind = print_of({event.type, tool}, {}, {})};
  prints.call = prints.whole;
  if (!tool.empty()) {
    const auto arguments = arguments_of(event.payload).value_or(Arguments{});
    prints.call = print_of({event.type, tool}, arguments.value, arguments.pointer);
  }
  return prints;
}

}  // namespace agentstore
