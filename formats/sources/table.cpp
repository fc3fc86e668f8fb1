// The table of sources, and which of them a file is one of.

#include <algorithm>
#include <array>
#include <vector>

#include "agentstore/event.hpp"
#include "agentstore/json.hpp"
#include "formats/sources/source.hpp"
#include "formats/sources/transcript.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t records_max = 50;
constexpr std::size_t piece_bytes = std::size_t{16} << 10;
constexpr std::size_t keys_shown_max = 6;
constexpr std::size_t key_bytes_max = 40;

constexpr std::array table = {&claude_code_source, &codex_source};

/// Formats that can be named, and cannot be read.
struct Other {
  std::string_view title;
  bool (*recognises)(const json::Value& record);
  bool alike = false;  ///< its records look like those of a source, too
};

bool has(const json::Value& record, std::initializer_list<std::string_view> keys) {
  return std::ranges::all_of(
      keys, [&](std::string_view key) { return json::find(record, key).has_value(); });
}

/// Its lines are those of Claude Code but for the ids of its responses.
bool is_iflow(const json::Value& record) {
  const auto message = json::find(record, "message");
  const auto id = json::find_text(message.value_or("null"), "id");
  return id && id->starts_with("response-") && has(record, {"sessionId", "uuid"});
}

constexpr std::array others = {
    Other{"an iFlow session", is_iflow, true},
    Other{"a Qwen Code session",
          [](const json::Value& record) { return has(record, {"sessionId", "provenance"}); }, true},
    Other{"a pi session",
          [](const json::Value& record) {
            return json::find_text(record, "type") == "session" && has(record, {"cwd", "id"});
          }},
    Other{"a log of agentstore itself: `agentstore replay PATH` reads it, and import takes the "
          "data folder it is in",
          [](const json::Value& record) {
            return has(record, {"session_id", "sequence_number", "type"});
          }},
    Other{"chat messages as OpenAI has them",
          [](const json::Value& record) { return has(record, {"messages"}); }},
    Other{"OpenTelemetry spans",
          [](const json::Value& record) { return has(record, {"resourceSpans"}); }},
};

std::string names() {
  std::string list;
  for (const Source* source : table) list += (list.empty() ? "" : ", ") + std::string{source->name};
  return list;
}

/// What a person needs to see to say which format it is.
std::string seen_in(const json::Value& record) {
  switch (json::kind_of(record)) {
    case json::Kind::array: return "the first record is an array";
    case json::Kind::object: break;
    default: return "the first record is no object";
  }
  std::string keys;
  std::size_t shown = 0;
  for (json::Walk member{record}; shown < keys_shown_max && member.next(); ++shown)
    keys += (shown == 0 ? "" : ", ") + json::text_of(member.key()).substr(0, key_bytes_max);
  return keys.empty() ? "the first record is an empty object" : "the first record has " + keys;
}

struct Seen {
  std::size_t records = 0;
  std::string first;
  std::array<std::size_t, table.size()> recognised{};
  const Other* other = nullptr;

  void take(const json::Value& record) {
    if (++records == 1) first = seen_in(record);
    if (records > records_max || json::kind_of(record) != json::Kind::object) return;
    for (std::size_t i = 0; i < table.size(); ++i)
      if (table[i]->recognises(record)) ++recognised[i];
    for (const Other& one : others)
      if (other == nullptr && one.recognises(record)) other = &one;
  }
};

Error unknown(std::string what, bool text) {
  return {Code::invalid, "its format is not known: " + std::move(what),
          text ? "agentstore reads " + names() + " and its own exports; --as FORMAT names one"
               : "agentstore reads files of JSON lines: " + names() + ", and its own exports"};
}

}  // namespace

std::span<const Source* const> sources() {
  return table;
}

const Source* find_source(std::string_view name) {
  const auto found =
      std::ranges::find_if(table, [&](const Source* source) { return source->name == name; });
  return found == table.end() ? nullptr : *found;
}

Result<const Source*> detect_source(std::string_view head, bool whole) {
  Tally tally;
  Seen seen;
  RecordSplitter splitter{tally};
  const auto take = [&](const SourceRecord& record) { seen.take(record.json); };
  std::string_view rest = head;
  for (; !rest.empty() && seen.records < records_max;
       rest.remove_prefix(std::min(piece_bytes, rest.size())))
    splitter.feed(rest.substr(0, piece_bytes), take);
  if (whole && rest.empty()) splitter.end(take);

  const Source* found = nullptr;
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (seen.recognised[i] == 0) continue;
    if (found != nullptr)
      return fail(Code::invalid,
                  "its format is ambiguous: it has records of " + std::string{found->name} +
                      " and of " + std::string{table[i]->name},
                  "--as FORMAT says which it is");
    found = table[i];
  }
  if (seen.other != nullptr && (found == nullptr || seen.other->alike))
    return fail(Code::invalid, "it is " + std::string{seen.other->title},
                "agentstore imports " + names() + ", and its own exports");
  if (found != nullptr) return found;
  if (seen.records == 0 && !whole && head.size() < line_bytes_max) return nullptr;
  if (head.find_first_not_of(" \t\r\n") == head.npos)
    return std::unexpected{unknown("it is empty", false)};
  if (whole && tally.lines > 1 && !json::check(head, json::rules_to_read))
    return std::unexpected{unknown("it is one JSON value over many lines", false)};
  if (seen.records == 0) return std::unexpected{unknown("no line of it is JSON", false)};
  return std::unexpected{unknown(seen.first, true)};
}

}  // namespace agentstore::formats
