#include "query/sql_plan.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "query/sql_events.hpp"

namespace agentstore::sql {
namespace {

constexpr std::string_view reading = "reading ";
constexpr std::int64_t ms_bound = 200'000'000'000'000;  // within the years that can be written
constexpr std::size_t date_bytes = 10;
constexpr std::string_view grouping = "by ";
constexpr double rows_grouped_max = 4e6;

struct Operator {
  unsigned char op;
  const char* sign;
};
constexpr Operator operators[] = {{SQLITE_INDEX_CONSTRAINT_EQ, "="},
                                  {SQLITE_INDEX_CONSTRAINT_GT, ">"},
                                  {SQLITE_INDEX_CONSTRAINT_GE, ">="},
                                  {SQLITE_INDEX_CONSTRAINT_LT, "<"},
                                  {SQLITE_INDEX_CONSTRAINT_LE, "<="}};

const char* sign_of(unsigned char op) {
  for (const Operator& one : operators)
    if (one.op == op) return one.sign;
  return nullptr;
}

bool is_range_column(const TableInfo& table, int column) {
  return column == table.seq || column == table.ms || column == table.timestamp;
}

bool is_set_column(const TableInfo& table, int column) {
  return column == table.session || column == table.type || column == table.kind;
}

/// A number may be written in several ways, and a text compared by another rule than its bytes.
bool may_be_equal_key(const TableInfo& table, sqlite3_index_info* info, int i) {
  const char* const type =
      table.columns[static_cast<std::size_t>(info->aConstraint[i].iColumn)].type;
  return std::strcmp(type, "INTEGER") == 0 ||
         (std::strcmp(type, "TEXT") == 0 &&
          std::strcmp(sqlite3_vtab_collation(info, i), "BINARY") == 0);
}

/// The sign by which a condition goes into the plan; null: it is SQLite's to check.
const char* sign_of(const TableInfo& table, sqlite3_index_info* info, int i) {
  const auto& constraint = info->aConstraint[i];
  if (constraint.usable == 0 || constraint.iColumn < 0) return nullptr;
  const char* const sign = sign_of(constraint.op);
  if (sign == nullptr || !may_be_equal_key(table, info, i)) return nullptr;
  if (std::strcmp(sign, "=") != 0)
    return is_range_column(table, constraint.iColumn) ? sign : nullptr;
  if (is_set_column(table, constraint.iColumn) && sqlite3_vtab_in(info, i, -1) != 0) {
    sqlite3_vtab_in(info, i, 1);
    return " IN";
  }
  return sign;
}

/// How much of a table is left behind a condition, about.
double share_of(const TableInfo& table, int column, const char* sign, std::size_t logs) {
  const bool range = std::strcmp(sign, "<") == 0 || sign[0] == '>' || std::strcmp(sign, "<=") == 0;
  if (range) return 0.4;
  if (column == table.session) return 1.0 / static_cast<double>(std::max<std::size_t>(logs, 1));
  if (column == table.type || column == table.kind) return 0.2;
  return column == table.seq ? 0.001 : 0.01;
}

bool are_ordered(std::span<const SqlLog> logs) {
  for (std::size_t i = 0; i < logs.size(); ++i)
    if (logs[i].several || logs[i].session_id.empty() ||
        (i > 0 && logs[i - 1].session_id >= logs[i].session_id))
      return false;
  return true;
}

/// Whether rows come in the order that is asked for anyway.
bool in_order(const TableInfo& table, SqlSource& source, const sqlite3_index_info* info) {
  if (info->nOrderBy < 1) return false;
  const auto& first = info->aOrderBy[0];
  if (first.desc != 0 || first.iColumn != table.session) return false;
  if (table.one_a_session) return true;
  if (table.seq >= 0 && !are_ordered(source.logs())) return false;
  if (info->nOrderBy == 1) return true;
  if (info->nOrderBy > 2) return false;
  const auto& second = info->aOrderBy[1];
  return table.rows_by_seq && second.desc == 0 && second.iColumn == table.seq;
}

/// The column by which rows are to be put together, where that takes little memory: all that is
/// read are numbers and texts that recur. -1: none.
int group_column(const TableInfo& table, double rows, const sqlite3_index_info* info) {
  if (info->nOrderBy != 1 || info->aOrderBy[0].desc != 0 || rows > rows_grouped_max) return -1;
  const auto recurs = [&](int column) {
    return std::ranges::find(table.recurring, column) != table.recurring.end();
  };
  const int by = info->aOrderBy[0].iColumn;
  if (!recurs(by)) return -1;
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if ((info->colUsed >> std::min<std::size_t>(i, 63) & 1U) != 0 &&
        std::strcmp(table.columns[i].type, "TEXT") == 0 && !recurs(static_cast<int>(i)))
      return -1;
  return by;
}

std::string columns_text(const TableInfo& table, const sqlite3_index_info* info) {
  std::string text{reading};
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if ((info->colUsed >> std::min<std::size_t>(i, 63) & 1U) == 0) continue;
    if (text.size() > reading.size()) text += ',';
    text += table.columns[i].name;
  }
  if (text.size() == reading.size()) text += "nothing";
  return text;
}

int column_named(const TableInfo& table, std::string_view name) {
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (name == table.columns[i].name) return static_cast<int>(i);
  return -1;
}

std::string_view text_of(sqlite3_value* value) {
  const auto* const text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return {text == nullptr ? "" : text, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

/// Reads one condition after the other.
class PlanReader {
 public:
  PlanReader(const TableInfo& table, Ask& ask) : table_{table}, ask_{ask} {}

  void take(int column, std::string_view sign, sqlite3_value* value) {
    if (sign == " IN") return take_list(column, value);
    if (sqlite3_value_type(value) == SQLITE_NULL) {
      ask_.nothing = true;
    } else if (sign == "=" && is_set_column(table_, column)) {
      if (sqlite3_value_type(value) == SQLITE_TEXT)
        keep(set_of(column), {std::string{text_of(value)}});
    } else if (column == table_.timestamp) {
      take_time(sign, value);
    } else if (column == table_.ms || column == table_.seq) {
      take_number(column, sign, value);
    }
    if (sign == "=" && !is_set_column(table_, column) && column != table_.timestamp &&
        column != table_.ms)
      take_equal(column, value);
  }

 private:
  Ask::Texts& set_of(int column) {
    if (column == table_.session) return ask_.ids;
    return column == table_.type ? ask_.types : ask_.kinds;
  }

  /// What several conditions have in common.
  static void keep(Ask::Texts& set, std::set<std::string, std::less<>> texts) {
    if (set) std::erase_if(texts, [&](const std::string& text) { return !set->contains(text); });
    set = std::move(texts);
  }

  void take_list(int column, sqlite3_value* list) {
    std::set<std::string, std::less<>> texts;
    sqlite3_value* value = nullptr;
    for (int rc = sqlite3_vtab_in_first(list, &value); rc == SQLITE_OK && value != nullptr;
         rc = sqlite3_vtab_in_next(list, &value)) {
      if (sqlite3_value_type(value) == SQLITE_NULL) continue;
      if (sqlite3_value_type(value) != SQLITE_TEXT) return;
      texts.emplace(text_of(value));
    }
    keep(set_of(column), std::move(texts));
  }

  void take_equal(int column, sqlite3_value* value) {
    const bool is_text =
        std::strcmp(table_.columns[static_cast<std::size_t>(column)].type, "TEXT") == 0;
    if (is_text && sqlite3_value_type(value) == SQLITE_TEXT)
      ask_.equals.push_back({column, Cell::fixed_text(text_of(value))});
    else if (!is_text && sqlite3_value_type(value) == SQLITE_INTEGER)
      ask_.equals.push_back({column, Cell::of(std::int64_t{sqlite3_value_int64(value)})});
  }

  void take_number(int column, std::string_view sign, sqlite3_value* value) {
    if (sqlite3_value_type(value) != SQLITE_INTEGER) return;
    const std::int64_t number = sqlite3_value_int64(value);
    if (column == table_.ms) return take_ms(sign, number);
    const std::uint64_t least = number < 1 ? 1 : static_cast<std::uint64_t>(number);
    if (sign == "=" || sign == ">=") raise(least);
    if (sign == ">") raise(number < 1 ? 1 : least + 1);
    if (sign == "=" || sign == "<=") lower(number);
    if (sign == "<") lower(number == INT64_MIN ? number : number - 1);
  }

  void raise(std::uint64_t seq) { ask_.range.from_seq = std::max(ask_.range.from_seq, seq); }
  void lower(std::int64_t seq) {
    if (seq < 1) ask_.nothing = true;
    else ask_.range.to_seq = std::min(ask_.range.to_seq, static_cast<std::uint64_t>(seq));
  }

  void take_ms(std::string_view sign, std::int64_t ms) {
    if (ms < -ms_bound || ms > ms_bound) return;
    if (sign == "=" || sign == ">=") since(ms);
    if (sign == ">") since(ms + 1);
    if (sign == "=" || sign == "<=") before(ms + 1);
    if (sign == "<") before(ms);
  }

  static Timestamp at_ms(std::int64_t ms) {
    std::int64_t seconds = ms / 1000;
    std::int64_t rest = ms % 1000;
    if (rest < 0) {
      --seconds;
      rest += 1000;
    }
    return {seconds, static_cast<std::int32_t>(rest * 1'000'000)};
  }
  void since(std::int64_t ms) { since(at_ms(ms)); }
  void before(std::int64_t ms) { before(at_ms(ms)); }
  void since(Timestamp at) { ask_.range.since = std::max(ask_.range.since.value_or(at), at); }
  void before(Timestamp at) { ask_.range.before = std::min(ask_.range.before.value_or(at), at); }

  /// Times are compared as the texts that the column has: only one that is written as they are, or
  /// a date, is known to cut them where the instant does.
  void take_time(std::string_view sign, sqlite3_value* value) {
    if (sqlite3_value_type(value) != SQLITE_TEXT) return;
    const std::string_view text = text_of(value);
    const bool date = text.size() == date_bytes;
    const auto at = parse_rfc3339(date ? std::string{text} + "T00:00:00Z" : std::string{text});
    if (!at || (!date && format_rfc3339(*at) != text)) return;
    if (date) {
      if (sign == "=") ask_.nothing = true;
      else if (sign[0] == '>') since(*at);
      else before(*at);
      return;
    }
    if (sign == "=" || sign[0] == '>') since(*at);
    if (sign == "=" || sign == "<=")
      ask_.range.until = std::min(ask_.range.until.value_or(*at), *at);
    if (sign == "<") before(*at);
  }

  const TableInfo& table_;
  Ask& ask_;
};

/// Adds the types that a scan is for; where a name holds the sign of a pattern, all are read.
void add_types(const Ask& ask, Filter& filter) {
  const auto plain = [](const auto& texts) {
    return std::ranges::none_of(texts, [](const std::string& text) { return text.contains('*'); });
  };
  if (ask.types) {
    if (plain(*ask.types)) filter.types.assign(ask.types->begin(), ask.types->end());
    return;
  }
  if (!ask.kinds || ask.kinds->contains("other")) return;
  for (const std::string& kind : *ask.kinds)
    for (std::string& type : types_of_kind(kind)) filter.types.push_back(std::move(type));
}

}  // namespace

int choose_plan(const TableInfo& table, SqlSource& source, sqlite3_index_info* info) {
  const auto logs = source.logs();
  double rows = 1;
  for (const SqlLog& log : logs) rows += static_cast<double>(log.events);
  if (table.seq < 0) rows = static_cast<double>(logs.size()) + 1;
  double share = 1;
  double read = rows + 30 * static_cast<double>(logs.size());
  std::string plan;
  int arguments = 0;
  for (int i = 0; i < info->nConstraint; ++i) {
    const char* const sign = sign_of(table, info, i);
    if (sign == nullptr) continue;
    const int column = info->aConstraint[i].iColumn;
    info->aConstraintUsage[i].argvIndex = ++arguments;
    plan += table.columns[static_cast<std::size_t>(column)].name + std::string{sign} +
            (std::strcmp(sign, " IN") == 0 ? "(?) " : "? ");
    share *= share_of(table, column, sign, logs.size());
    if (column == table.session && std::strcmp(sign, "=") == 0)
      read *= 1.0 / static_cast<double>(logs.size() + 1);
  }
  const bool ordered = in_order(table, source, info);
  const int by = ordered ? -1 : group_column(table, rows, info);
  if (by >= 0)
    plan += std::string{grouping} + table.columns[static_cast<std::size_t>(by)].name + ' ';
  plan += columns_text(table, info);
  info->idxStr = sqlite3_mprintf("%s", plan.c_str());
  if (info->idxStr == nullptr) return SQLITE_NOMEM;
  info->needToFreeIdxStr = 1;
  info->estimatedRows = static_cast<sqlite3_int64>(std::max(1.0, rows * share));
  info->estimatedCost = std::max(1.0, read * std::sqrt(share)) + 10;
  info->orderByConsumed = ordered || by >= 0 ? 1 : 0;
  return SQLITE_OK;
}

Ask read_plan(const TableInfo& table, std::string_view plan, int count, sqlite3_value** values) {
  Ask ask;
  PlanReader reader{table, ask};
  for (int i = 0; i < count; ++i) {
    const std::size_t sign_at = plan.find_first_of("=<> ");
    const std::size_t end = plan.find('?');
    std::size_t sign_end = end;
    if (plan[sign_at] == ' ') --sign_end;  // " IN("
    reader.take(column_named(table, plan.substr(0, sign_at)),
                plan.substr(sign_at, sign_end - sign_at), values[i]);
    plan.remove_prefix(std::min(plan.size(), plan.find(' ', end) + 1));
  }
  if (plan.starts_with(grouping)) {
    plan.remove_prefix(grouping.size());
    ask.grouped_by = column_named(table, plan.substr(0, plan.find(' ')));
    plan.remove_prefix(plan.find(' ') + 1);
  }
  plan.remove_prefix(reading.size());
  while (!plan.empty()) {
    const std::size_t comma = std::min(plan.find(','), plan.size());
    const int column = column_named(table, plan.substr(0, comma));
    if (column >= 0) ask.columns.push_back(column);
    plan.remove_prefix(std::min(comma + 1, plan.size()));
  }
  ask.columns.push_back(row_key);
  if ((ask.ids && ask.ids->empty()) || (ask.types && ask.types->empty()) ||
      (ask.kinds && ask.kinds->empty()) || ask.range.from_seq > ask.range.to_seq)
    ask.nothing = true;
  return ask;
}

Scan Ask::scan(bool held) const {
  Scan scan;
  scan.columns = columns;
  scan.ids = ids;
  if (!held) scan.filter = range;
  add_types(*this, scan.filter);
  return scan;
}

}  // namespace agentstore::sql
