#include "query/sql_errors.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <string>
#include <vector>

#include "agentstore/internal/nearest.hpp"
#include "query/sql_tables.hpp"

namespace agentstore::sql {
namespace {

constexpr std::size_t shown_bytes = 30;

/// "line 2, column 5: at `FORM events`".
std::string place_of(std::string_view sql, std::size_t offset) {
  const std::string_view before = sql.substr(0, offset);
  const auto line = std::ranges::count(before, '\n') + 1;
  const std::size_t line_at = before.rfind('\n') + 1;  // npos + 1 is 0
  std::string rest{sql.substr(offset, shown_bytes)};
  rest = rest.substr(0, rest.find('\n'));
  while (!rest.empty() && (static_cast<unsigned char>(rest.back()) & 0xC0) == 0x80) rest.pop_back();
  if (!rest.empty() && static_cast<unsigned char>(rest.back()) >= 0x80) rest.pop_back();
  std::string place =
      "line " + std::to_string(line) + ", column " + std::to_string(offset - line_at + 1);
  return rest.empty() ? place : place + ", at `" + rest + '`';
}

std::string after(std::string_view text, std::string_view words) {
  return text.starts_with(words) ? std::string{text.substr(words.size())} : std::string{};
}

std::vector<std::string> table_names() {
  std::vector<std::string> names{"agent_current_state", "session_summary", "agent_task_progress"};
  for (const TableInfo& table : tables()) names.emplace_back(table.name);
  return names;
}

std::vector<std::string> column_names() {
  std::vector<std::string> names;
  for (const TableInfo& table : tables())
    for (const ColumnInfo& column : table.columns) names.emplace_back(column.name);
  return names;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string hint_for(std::string_view why) {
  const auto did_you_mean = [](const std::string& word, const std::vector<std::string>& names) {
    const std::string bare = word.substr(word.rfind('.') + 1);  // npos + 1 is 0
    const std::string near = nearest(bare, names);
    return near.empty() ? std::string{} : "did you mean " + near + '?';
  };
  if (const std::string table = after(why, "no such table: "); !table.empty()) {
    const std::string near = did_you_mean(table, table_names());
    return near.empty() ? "there are " + joined(table_names()) : near;
  }
  if (const std::string column = after(why, "no such column: "); !column.empty())
    return did_you_mean(column, column_names());
  if (const std::string function = after(why, "no such function: "); !function.empty())
    return did_you_mean(function, {"decimal_sum", "decimal_add", "decimal_cmp", "count", "sum",
                                   "total", "avg", "min", "max", "coalesce", "json_extract",
                                   "group_concat", "substr", "strftime", "printf", "replace"});
  return {};
}

}  // namespace

Error error_of_statement(sqlite3* connection, std::string_view sql) {
  const std::string why = sqlite3_errmsg(connection);
  const int offset = sqlite3_error_offset(connection);
  std::string message = "the SQL does not parse: " + why;
  if (why.starts_with("no such")) message = why;
  if (why.starts_with("too many columns")) message = why + " (1,000 at the most)";
  if (offset >= 0 && static_cast<std::size_t>(offset) <= sql.size())
    message += " (" + place_of(sql, static_cast<std::size_t>(offset)) + ")";
  return {Code::invalid, std::move(message), hint_for(why)};
}

Error error_of_run(sqlite3* connection, int status, std::uint64_t memory_bytes_max) {
  switch (status & 0xFF) {
    case SQLITE_NOMEM:
      return {Code::io,
              "the answer needs more than the " + std::to_string(memory_bytes_max >> 20U) +
                  " MiB of memory that it may have",
              "ask for less of it at once, or raise --memory"};
    case SQLITE_TOOBIG: return {Code::invalid, "a value is larger than 64 MiB", {}};
    case SQLITE_FULL:
    case SQLITE_IOERR:
      return {Code::io, std::string{"the answer failed: "} + sqlite3_errmsg(connection), {}};
    default:
      return {Code::invalid, std::string{"the answer failed: "} + sqlite3_errmsg(connection), {}};
  }
}

}  // namespace agentstore::sql
