#include "formats/answers/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "agentstore/json.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/table.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

using Why = UncountedRecord::Why;

constexpr std::array reasons = {Why::repetition, Why::placeholder, Why::copy,
                                Why::history,    Why::sub_agent,   Why::unknown};

/// What the records of one reason come to.
struct ReasonSum {
  std::uint64_t records = 0;
  std::int64_t tokens_in = 0;
  std::int64_t tokens_out = 0;

  void add(const UncountedRecord& record) {
    ++records;
    add_up(tokens_in, record.tokens_in);
    add_up(tokens_out, record.tokens_out);
  }

 private:
  static void add_up(std::int64_t& sum, std::int64_t more) {
    if (__builtin_add_overflow(sum, more, &sum)) sum = std::numeric_limits<std::int64_t>::max();
  }
};

ReasonSum sum_of(const ExplainAnswer& answer, const Why* only = nullptr) {
  ReasonSum sum;
  for (const ExplainedRecord& one : answer.records)
    if (only == nullptr || one.record.why == *only) sum.add(one.record);
  return sum;
}

std::string sum_members(const ReasonSum& sum) {
  return fmt::format(R"("records":{},"tokens_in":{},"tokens_out":{})", sum.records, sum.tokens_in,
                     sum.tokens_out);
}

std::string record_json(const ExplainedRecord& one) {
  const UncountedRecord& record = one.record;
  const auto number = [](std::uint64_t value) {
    return value == 0 ? std::string{"null"} : std::to_string(value);
  };
  const auto text = [](const std::string& value) {
    return value.empty() ? std::string{"null"} : json::quote(value);
  };
  return fmt::format(
      R"({{"why":{},"session_id":{},"sequence_number":{},"file":{},"line":{},"tokens_in":{},)"
      R"("tokens_out":{},"of_session":{},"of_sequence_number":{},"note":{}}})",
      json::quote(name_of(record.why)), text(record.session_id), number(record.sequence_number),
      text(one.path), number(one.line), record.tokens_in, record.tokens_out,
      text(record.of_session), number(record.of_sequence_number), text(one.note));
}

std::string words_of(const ExplainedRecord& one) {
  const UncountedRecord& record = one.record;
  // Of its own session the number says enough.
  std::string of = record.of_session == record.session_id ? std::string{} : record.of_session;
  if (record.of_sequence_number != 0)
    of += fmt::format("{}#{}", of.empty() ? "" : " ", record.of_sequence_number);
  switch (record.why) {
    case Why::repetition: return of.empty() ? "repetition" : "repetition of " + of;
    case Why::placeholder: return of.empty() ? "placeholder" : "placeholder, counted by " + of;
    case Why::copy: return "copy of " + of;
    case Why::history:
      return of.empty() ? "history of a session that is not here" : "history of " + of;
    case Why::sub_agent: return "told by the sub-agent itself: " + of;
    case Why::unknown: break;
  }
  return one.note.empty() ? "unknown" : one.note;
}

/// The folder that all of the files lie in, with its slash; empty: they share none.
std::string_view common_folder(const std::vector<ExplainedRecord>& records) {
  std::optional<std::string_view> common;
  for (const ExplainedRecord& one : records) {
    if (one.path.empty()) continue;
    const std::string_view path = one.path;
    if (!common) common = path.substr(0, path.rfind('/') + 1);
    const auto differ = std::ranges::mismatch(*common, path).in1;
    common = common->substr(0, static_cast<std::size_t>(differ - common->begin()));
    common = common->substr(0, common->rfind('/') + 1);
  }
  return common.value_or("");
}

std::string place_of(const ExplainedRecord& one, std::size_t folder_bytes) {
  if (!one.path.empty()) return fmt::format("{}:{}", one.path.substr(folder_bytes), one.line);
  return fmt::format("{} #{}", one.record.session_id, one.record.sequence_number);
}

}  // namespace

std::string_view name_of(Why why) {
  switch (why) {
    case Why::repetition: return "repetition";
    case Why::placeholder: return "placeholder";
    case Why::copy: return "copy";
    case Why::history: return "history";
    case Why::sub_agent: return "sub_agent";
    case Why::unknown: break;
  }
  return "unknown";
}

void write_explain_json(Sink& sink, const ExplainAnswer& answer) {
  const ReasonSum all = sum_of(answer);
  std::string out = fmt::format(
      R"({{"schema":"agentstore/explain/1","sessions":{},"counted":{{"tokens_in":{},"tokens_out":{}}},)"
      R"("not_counted":{{{}}},"by_reason":{{)",
      answer.sessions, answer.counted_in, answer.counted_out, sum_members(all));
  out += joined_json(reasons, [&](Why why) {
    return json::quote(name_of(why)) + ":{" + sum_members(sum_of(answer, &why)) + '}';
  });
  out += "},\"records\":" + array_json(answer.records, record_json);
  out += ",\"incomplete\":" + incomplete_json(answer.incomplete);
  sink.write(out + "}\n");
}

void write_explain_text(Sink& sink, const ExplainAnswer& answer, const Screen& screen) {
  Table sums{{{.name = "WHY", .role = Role::key},
              {.name = "RECORDS", .role = Role::number},
              {.name = "TOKENS IN", .role = Role::number},
              {.name = "OUT", .role = Role::number}}};
  const auto row = [&](std::string name, const ReasonSum& sum, bool total = false) {
    sums.row({std::move(name), thousands(sum.records), thousands(sum.tokens_in),
              thousands(sum.tokens_out)},
             {.total = total});
  };
  for (const Why why : reasons)
    if (const ReasonSum sum = sum_of(answer, &why); sum.records > 0)
      row(std::string{name_of(why)}, sum);
  row("not counted", sum_of(answer), true);
  sums.row({"counted", "", thousands(answer.counted_in), thousands(answer.counted_out)});
  sums.write(sink, screen);
  if (answer.records.empty()) return;
  const std::string_view folder = common_folder(answer.records);
  sink.write(folder.empty() ? "\n" : "\nin " + printable(folder) + "\n");
  Table records{{{.name = "WHERE", .role = Role::key},
                 {.name = "TOKENS IN", .role = Role::number},
                 {.name = "OUT", .role = Role::number},
                 {.name = "WHY"}}};
  for (const ExplainedRecord& one : answer.records)
    records.row({place_of(one, folder.size()), thousands(one.record.tokens_in),
                 thousands(one.record.tokens_out), words_of(one)});
  records.write(sink, screen);
}

}  // namespace agentstore::formats
