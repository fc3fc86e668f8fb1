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

constexpr std::size_t records_max = 200;
constexpr std::size_t keys_shown_max = 6;
constexpr std::size_t key_bytes_max = 40;

constexpr std::array table = {&claude_code_source, &codex_source};

std::string names() {
  std::string list;
  for (const Source* source : table) list += (list.empty() ? "" : ", ") + std::string{source->name};
  return list;
}

/// What a person needs to see to say which format it is.
std::string seen_in(std::string_view record) {
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

  void take(std::string_view record) {
    if (++records == 1) first = seen_in(record);
    if (records > records_max || json::kind_of(record) != json::Kind::object) return;
    for (std::size_t i = 0; i < table.size(); ++i)
      if (table[i]->recognises(record)) ++recognised[i];
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
  splitter.feed(head, take);
  if (whole) splitter.end(take);

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
  if (found != nullptr) return found;
  if (seen.records == 0 && !whole && head.size() < line_bytes_max) return nullptr;
  if (head.empty()) return std::unexpected{unknown("it is empty", false)};
  if (seen.records == 0) return std::unexpected{unknown("no line of it is JSON", false)};
  return std::unexpected{unknown(seen.first, true)};
}

}  // namespace agentstore::formats
