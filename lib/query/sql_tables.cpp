#include "query/sql_tables.hpp"

#include <sqlite3.h>

#include <array>
#include <cstring>
#include <new>
#include <optional>
#include <set>
#include <string>

#include "query/sql_calls.hpp"
#include "query/sql_entries.hpp"
#include "query/sql_events.hpp"
#include "query/sql_grouped.hpp"
#include "query/sql_index.hpp"
#include "query/sql_plan.hpp"
#include "query/sql_sessions.hpp"

namespace agentstore::sql {
namespace {

using Opened = Result<std::unique_ptr<RowStream>>;

struct Module {
  const TableInfo* info = nullptr;
  Shared* shared = nullptr;
};

struct Table : sqlite3_vtab {
  explicit Table(Module of) : sqlite3_vtab{}, module{of} {}
  Module module;

  int fail(const std::string& message) {
    sqlite3_free(zErrMsg);
    zErrMsg = sqlite3_mprintf("%s", message.c_str());
    return SQLITE_ERROR;
  }
};

/// What of a table was asked for, but for numbers, times and values that columns have to equal.
struct Scope {
  Ask::Texts ids;
  Ask::Texts types;
  Ask::Texts kinds;
  std::vector<int> keys;  ///< columns whose values are asked for
  friend bool operator==(const Scope&, const Scope&) = default;
};

class Cursor : public sqlite3_vtab_cursor {
 public:
  explicit Cursor(Table& table) : sqlite3_vtab_cursor{}, table_{table} {
    ++table_.module.shared->open_cursors;
  }
  ~Cursor() { --table_.module.shared->open_cursors; }
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  int filter(const char* plan, int count, sqlite3_value** values) {
    Ask ask = read_plan(*table_.module.info, plan, count, values);
    ++calls_;
    row_ = nullptr;
    stream_.reset();
    block_.reset();
    serving_ = false;
    remember_slots(ask.columns);
    if (ask.nothing) return SQLITE_OK;
    if (ask.grouped_by >= 0) return begin_stream(ask, {});
    if (whole_) session_becomes_key(ask);
    Scope scope = scope_of(ask);
    if (index_ && scope == scope_) return serve(ask);
    if (!wants_index(ask, scope)) return begin_stream(ask, std::move(scope));
    if (!whole_ && ask.ids && ask.ids->size() == 1 && !asked_.insert(*ask.ids->begin()).second) {
      // Sessions come back: one index of all of them is built, and not one of each again and again.
      whole_ = true;
      session_becomes_key(ask);
      scope = scope_of(ask);
    }
    if (const int built = build(ask, std::move(scope)); built != SQLITE_OK) return built;
    return serve(ask);
  }

  int next() {
    if (serving_) return next_served();
    while (block_ == nullptr || ++at_ >= block_->rows()) {
      block_ = stream_ ? stream_->next() : nullptr;
      if (block_ == nullptr) {
        row_ = nullptr;
        ended_ = true;
        return SQLITE_OK;
      }
      at_ = static_cast<std::size_t>(-1);
    }
    row_ = block_->row(at_);
    return SQLITE_OK;
  }

  bool at_end() const { return ended_; }
  std::int64_t rowid() const { return row_ == nullptr ? 0 : row_[key_slot_].integer; }

  void give(sqlite3_context* context, int column) {
    const int slot = column < 0 ? -1 : slots_[static_cast<std::size_t>(column)];
    if (slot < 0) return;
    const Cell& cell = row_[slot];
    switch (cell.kind) {
      case Cell::Kind::null: return;
      case Cell::Kind::integer: return sqlite3_result_int64(context, cell.integer);
      case Cell::Kind::real: return sqlite3_result_double(context, cell.real);
      case Cell::Kind::text:
        return sqlite3_result_text64(context, cell.text, cell.bytes, SQLITE_TRANSIENT, SQLITE_UTF8);
      case Cell::Kind::fixed:
        return sqlite3_result_text64(context, cell.text, cell.bytes, SQLITE_STATIC, SQLITE_UTF8);
      case Cell::Kind::inexact: ++table_.module.shared->inexact; return;
    }
  }

 private:
  void remember_slots(const std::vector<int>& columns) {
    slots_.assign(table_.module.info->columns.size(), -1);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i] == row_key) key_slot_ = i;
      else slots_[static_cast<std::size_t>(columns[i])] = static_cast<int>(i);
    }
    ended_ = true;
  }

  /// Of all sessions that are read, those of one are looked up.
  void session_becomes_key(Ask& ask) const {
    if (!ask.ids || ask.ids->size() != 1) return;
    const std::string_view id = table_.module.shared->intern(*ask.ids->begin());
    ask.equals.push_back({table_.module.info->session, Cell::fixed_text(id)});
    ask.ids.reset();
  }

  static Scope scope_of(const Ask& ask) {
    Scope scope{ask.ids, ask.types, ask.kinds, {}};
    for (const Ask::Equal& equal : ask.equals) scope.keys.push_back(equal.column);
    return scope;
  }

  /// A join asks often: for other values, or for the same rows.
  bool wants_index(const Ask& ask, const Scope& scope) const {
    const bool joined = table_.module.shared->open_cursors > 1;
    // An event by its number is found without an index, unless the session is asked for another.
    const bool by_number = ask.equals.size() == 1 && ask.ids && ask.ids->size() == 1 &&
                           ask.equals.front().column == table_.module.info->seq;
    if (!ask.equals.empty() && !by_number && (joined || calls_ > 1)) return true;
    return calls_ > 1 && scope == scope_;
  }

  Opened open(const Ask& ask, bool held) {
    const Module& module = table_.module;
    return module.info->open(module.shared->source, module.shared->intern, ask.scan(held));
  }

  int begin_stream(const Ask& ask, Scope scope) {
    index_.reset();
    scope_ = std::move(scope);
    auto opened = open(ask, false);
    if (!opened) return table_.fail(opened.error().message);
    stream_ = std::move(*opened);
    if (ask.grouped_by >= 0)
      stream_ = group_rows(std::move(stream_), slots_[static_cast<std::size_t>(ask.grouped_by)],
                           ask.columns.size());
    ended_ = false;
    return next();
  }

  int build(const Ask& ask, Scope scope) {
    std::vector<int> slots;
    for (const int column : scope.keys) slots.push_back(slots_[static_cast<std::size_t>(column)]);
    index_.reset();
    scope_ = std::move(scope);
    const auto opened = open(ask, true);
    if (!opened) return table_.fail(opened.error().message);
    auto index = std::make_unique<RowIndex>(std::move(slots));
    const std::uint64_t bytes_max = table_.module.shared->memory_bytes_max;
    while (auto block = (*opened)->next())
      if (!index->add(std::move(block), bytes_max))
        return table_.fail("a join needs more than " + std::to_string(bytes_max >> 20U) +
                           " MiB of the table " + table_.module.info->name +
                           ": name a session or a type, or fewer columns");
    index_ = std::move(index);
    return SQLITE_OK;
  }

  int serve(const Ask& ask) {
    serving_ = true;
    ended_ = false;
    std::vector<Cell> values;
    for (const Ask::Equal& equal : ask.equals) values.push_back(equal.value);
    all_ = values.empty();
    found_ = all_ ? std::span<const std::uint32_t>{} : index_->find(values);
    at_ = 0;
    return show_served();
  }

  int next_served() {
    ++at_;
    return show_served();
  }

  int show_served() {
    const std::size_t count = all_ ? index_->rows() : found_.size();
    ended_ = at_ >= count;
    if (!ended_) row_ = index_->row(all_ ? at_ : found_[at_]);
    return SQLITE_OK;
  }

  Table& table_;
  std::uint64_t calls_ = 0;
  std::vector<int> slots_;  // of the columns, in a row
  std::size_t key_slot_ = 0;
  const Cell* row_ = nullptr;
  bool ended_ = true;
  // While the table is read:
  std::unique_ptr<RowStream> stream_;
  std::unique_ptr<Block> block_;
  std::size_t at_ = 0;
  // While a join is served:
  bool serving_ = false;
  bool all_ = false;
  std::span<const std::uint32_t> found_;
  std::unique_ptr<RowIndex> index_;
  Scope scope_;
  std::set<std::string, std::less<>> asked_;  // sessions that were indexed
  bool whole_ = false;                        // all sessions are
};

std::string declaration(const TableInfo& table) {
  std::string text = "CREATE TABLE x(";
  for (const ColumnInfo& column : table.columns)
    text += (text.ends_with('(') ? "" : ", ") + std::string{column.name} + ' ' + column.type;
  return text + ")";
}

int connect(sqlite3* connection, void* module, int, const char* const*, sqlite3_vtab** table,
            char**) {
  const Module& of = *static_cast<Module*>(module);
  const int declared = sqlite3_declare_vtab(connection, declaration(*of.info).c_str());
  if (declared != SQLITE_OK) return declared;
  sqlite3_vtab_config(connection, SQLITE_VTAB_INNOCUOUS);
  *table = new Table{of};
  return SQLITE_OK;
}

/// A function of its own: a module without one would be a table in any schema, of whatever name.
int create(sqlite3* connection, void* module, int count, const char* const* words,
           sqlite3_vtab** table, char** message) {
  return connect(connection, module, count, words, table, message);
}

int disconnect(sqlite3_vtab* table) {
  delete static_cast<Table*>(table);
  return SQLITE_OK;
}

int best_index(sqlite3_vtab* table, sqlite3_index_info* info) {
  const Module& module = static_cast<Table*>(table)->module;
  return choose_plan(*module.info, module.shared->source, info);
}

int open_cursor(sqlite3_vtab* table, sqlite3_vtab_cursor** cursor) {
  *cursor = new Cursor{*static_cast<Table*>(table)};
  return SQLITE_OK;
}

int close_cursor(sqlite3_vtab_cursor* cursor) {
  delete static_cast<Cursor*>(cursor);
  return SQLITE_OK;
}

int filter_cursor(sqlite3_vtab_cursor* cursor, int, const char* plan, int count,
                  sqlite3_value** values) {
  return static_cast<Cursor*>(cursor)->filter(plan, count, values);
}

int next_row(sqlite3_vtab_cursor* cursor) {
  return static_cast<Cursor*>(cursor)->next();
}

int at_end(sqlite3_vtab_cursor* cursor) {
  return static_cast<Cursor*>(cursor)->at_end() ? 1 : 0;
}

int give_column(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int column) {
  static_cast<Cursor*>(cursor)->give(context, column);
  return SQLITE_OK;
}

int give_rowid(sqlite3_vtab_cursor* cursor, sqlite3_int64* rowid) {
  *rowid = static_cast<Cursor*>(cursor)->rowid();
  return SQLITE_OK;
}

constexpr sqlite3_module make_module() {
  sqlite3_module module{};
  module.xCreate = create;
  module.xConnect = connect;
  module.xBestIndex = best_index;
  module.xDisconnect = disconnect;
  module.xDestroy = disconnect;
  module.xOpen = open_cursor;
  module.xClose = close_cursor;
  module.xFilter = filter_cursor;
  module.xNext = next_row;
  module.xEof = at_end;
  module.xColumn = give_column;
  module.xRowid = give_rowid;
  return module;
}
constexpr sqlite3_module methods = make_module();

Opened open_sessions(SqlSource& source, Interner&, Scan scan) {
  return scan_sessions(source, scan);
}
Opened open_labels(SqlSource& source, Interner&, Scan scan) {
  return scan_labels(source, scan);
}
Opened open_events(SqlSource& source, Interner& intern, Scan scan) {
  return scan_events(source, intern, std::move(scan));
}
Opened open_calls(SqlSource& source, Interner& intern, Scan scan) {
  return scan_calls(source, intern, std::move(scan));
}
Opened open_entries(SqlSource& source, Interner& intern, Scan scan) {
  return scan_entries(source, intern, std::move(scan));
}

}  // namespace

constexpr std::array<int, 5> recurring_in_events{EventColumn::session_id, EventColumn::type,
                                                 EventColumn::kind, EventColumn::tool_name,
                                                 EventColumn::model};
constexpr std::array<int, 2> recurring_in_calls{CallColumn::session_id, CallColumn::tool_name};

std::span<const TableInfo> tables() {
  static const std::array<TableInfo, 5> all{{
      {.name = "sessions",
       .about = "a row a session",
       .columns = session_columns(),
       .session = SessionColumn::id,
       .one_a_session = true,
       .open = open_sessions},
      {.name = "labels",
       .about = "a row a label of a session",
       .columns = label_columns(),
       .session = LabelColumn::session_id,
       .open = open_labels},
      {.name = "events",
       .about = "a row an event",
       .columns = event_columns(),
       .session = EventColumn::session_id,
       .seq = EventColumn::seq,
       .type = EventColumn::type,
       .kind = EventColumn::kind,
       .ms = EventColumn::ms,
       .timestamp = EventColumn::timestamp,
       .recurring = recurring_in_events,
       .rows_by_seq = true,
       .open = open_events},
      {.name = "tool_calls",
       .about = "a row a call of a tool, with its result",
       .columns = call_columns(),
       .session = CallColumn::session_id,
       .seq = CallColumn::call_seq,
       .recurring = recurring_in_calls,
       .open = open_calls},
      {.name = "entries",
       .about = "a row an event of the ledger that moved something",
       .columns = entry_columns(),
       .session = EntryColumn::session_id,
       .seq = EntryColumn::seq,
       .rows_by_seq = true,
       .open = open_entries},
  }};
  return all;
}

bool add_tables(sqlite3* connection, Shared& shared) {
  for (const TableInfo& table : tables()) {
    auto* const module = new Module{&table, &shared};
    const auto drop = [](void* one) { delete static_cast<Module*>(one); };
    if (sqlite3_create_module_v2(connection, table.name, &methods, module, drop) != SQLITE_OK)
      return false;
    const std::string create =
        std::string{"CREATE VIRTUAL TABLE main."} + table.name + " USING " + table.name;
    if (sqlite3_exec(connection, create.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
      return false;
  }
  return true;
}

}  // namespace agentstore::sql
