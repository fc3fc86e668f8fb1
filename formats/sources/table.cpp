// The table of sources, and which of them a file is one of.

#include <algorithm>
#include <array>
#include <vector>

#include "agentstore/event.hpp"
#include "agentstore/internal/foreign_json.hpp"
#include "agentstore/json.hpp"
#include "formats/sources/other_formats.hpp"
#include "formats/sources/source.hpp"
#include "formats/sources/transcript.hpp"

namespace agentstore::formats {
namespace {

/// A format is settled by two of its records at the least, unless there are no more.
constexpr std::size_t settling_records_min = 2;
/// Formats that look alike are told apart by what some records have.
constexpr std::size_t looked_at_records_min = 50;
constexpr std::size_t piece_bytes = std::size_t{16} << 10;
constexpr std::size_t keys_shown_max = 6;
constexpr std::size_t key_bytes_max = 40;

constexpr std::array table = {&claude_code_source, &claude_stream_source, &codex_source,
                              &codex_exec_source};

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
  std::size_t objects = 0;
  std::string first;
  std::array<std::size_t, table.size()> recognised{};
  OtherFormat other;

  void take(const json::Value& record) {
    if (++records == 1) first = seen_in(record);
    if (json::kind_of(record) != json::Kind::object) return;
    ++objects;
    for (std::size_t i = 0; i < table.size(); ++i)
      if (table[i]->recognises(record)) ++recognised[i];
    if (other.title.empty()) other = other_format_of_record(record);
  }

  std::size_t most() const { return *std::ranges::max_element(recognised); }
  /// Whether what comes behind these records would change nothing.
  bool settled() const {
    return records >= looked_at_records_min && most() >= settling_records_min &&
           2 * most() >= objects;
  }
  /// Whether the records, which are all, are enough to say so.
  bool enough() const { return most() >= settling_records_min || 2 * most() >= objects; }
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

std::string reader_of(const Source& source) {
  return std::string{source.name} + "/" + std::to_string(source.reader);
}

const Source* find_source(std::string_view name) {
  const auto found =
      std::ranges::find_if(table, [&](const Source* source) { return source->name == name; });
  return found == table.end() ? nullptr : *found;
}

namespace {

Result<const Source*> only_recognised(const Seen& seen) {
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
  return found;
}

std::unexpected<Error> refused(const OtherFormat& other) {
  return std::unexpected{Error{Code::invalid, "it is " + std::string{other.title},
                               "agentstore imports " + names() + ", and its own exports"}};
}

/// Of a file that has no records, or none that a source knows.
Error not_known(std::string_view head, bool whole, const Tally& tally, const Seen& seen) {
  if (head.find_first_not_of(" \t\r\n") == head.npos) return unknown("it is empty", false);
  if (const auto other = other_format_of_bytes(head); !other.title.empty())
    return refused(other).error();
  json::ForeignParser parser;
  json::Value document;
  if (whole && !parser.check(head, json::rules_to_read, document)) {
    if (const auto other = other_format_of_document(document); !other.title.empty())
      return refused(other).error();
    if (tally.lines > 1) return unknown("it is one JSON value over many lines", false);
  }
  if (seen.records == 0) return unknown("no line of it is JSON", false);
  return unknown(seen.first, true);
}

}  // namespace

Result<const Source*> detect_source(std::string_view head, bool whole) {
  Tally tally;
  Seen seen;
  RecordSplitter splitter{tally};
  const auto take = [&](const SourceRecord& record) { seen.take(record.json); };
  std::string_view rest = head;
  for (; !rest.empty() && !seen.settled(); rest.remove_prefix(std::min(piece_bytes, rest.size())))
    splitter.feed(rest.substr(0, piece_bytes), take);
  if (whole && rest.empty()) splitter.end(take);

  const auto found = only_recognised(seen);
  if (!found) return found;
  const bool other = !seen.other.title.empty();
  if (other && (*found == nullptr || seen.other.alike)) return refused(seen.other);
  if (*found != nullptr && (seen.settled() || (whole && seen.enough()))) return *found;
  if (!whole && head.size() < line_bytes_max && other_format_of_bytes(head).title.empty())
    return nullptr;
  if (*found != nullptr && seen.enough()) return *found;
  return std::unexpected{not_known(head, whole, tally, seen)};
}

}  // namespace agentstore::formats
