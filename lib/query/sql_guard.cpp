#include "query/sql_guard.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace agentstore::sql {
namespace {

/// Pragmas that only tell.
constexpr std::array<std::string_view, 9> telling_pragmas{
    "table_info",     "table_xinfo", "table_list",    "function_list",  "pragma_list",
    "collation_list", "module_list", "database_list", "compile_options"};

struct Action {
  int code;
  const char* words;
};
constexpr Action actions[] = {{SQLITE_INSERT, "INSERT INTO"},
                              {SQLITE_UPDATE, "UPDATE"},
                              {SQLITE_DELETE, "DELETE FROM"},
                              {SQLITE_ATTACH, "ATTACH"},
                              {SQLITE_DETACH, "DETACH"},
                              {SQLITE_CREATE_TABLE, "CREATE TABLE"},
                              {SQLITE_CREATE_TEMP_TABLE, "CREATE TABLE"},
                              {SQLITE_CREATE_VIEW, "CREATE VIEW"},
                              {SQLITE_CREATE_TEMP_VIEW, "CREATE VIEW"},
                              {SQLITE_CREATE_INDEX, "CREATE INDEX"},
                              {SQLITE_CREATE_TEMP_INDEX, "CREATE INDEX"},
                              {SQLITE_CREATE_TRIGGER, "CREATE TRIGGER"},
                              {SQLITE_CREATE_TEMP_TRIGGER, "CREATE TRIGGER"},
                              {SQLITE_CREATE_VTABLE, "CREATE VIRTUAL TABLE"},
                              {SQLITE_DROP_TABLE, "DROP TABLE"},
                              {SQLITE_DROP_VTABLE, "DROP TABLE"},
                              {SQLITE_DROP_VIEW, "DROP VIEW"},
                              {SQLITE_DROP_INDEX, "DROP INDEX"},
                              {SQLITE_DROP_TRIGGER, "DROP TRIGGER"},
                              {SQLITE_ALTER_TABLE, "ALTER TABLE"},
                              {SQLITE_REINDEX, "REINDEX"},
                              {SQLITE_ANALYZE, "ANALYZE"},
                              {SQLITE_TRANSACTION, "a transaction"},
                              {SQLITE_SAVEPOINT, "a savepoint"}};

std::string text_or_empty(const char* text) {
  return text == nullptr ? "" : text;
}

/// Not those that tell an address in memory, or load code.
constexpr std::array<std::string_view, 2> functions_denied{"load_extension", "fts3_tokenizer"};

constexpr std::string_view pragma_table = "pragma_";

std::string lowered(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

bool only_tells(const std::string& pragma) {
  return std::ranges::find(telling_pragmas, lowered(pragma)) != telling_pragmas.end();
}

bool is_schema_table(std::string_view name) {
  return name.starts_with("sqlite_");
}

}  // namespace

void Guard::install(sqlite3* connection) {
  sqlite3_set_authorizer(connection, ask, this);
}

int Guard::ask(void* guard, int action, const char* first, const char* second, const char*,
               const char*) {
  return static_cast<Guard*>(guard)->decide(action, first, second);
}

int Guard::decide(int action, const char* first, const char* second) {
  if (!on) return SQLITE_OK;
  // ALTER names the schema first.
  const std::string name = text_or_empty(action == SQLITE_ALTER_TABLE ? second : first);
  // A pragma may be asked as a table.
  if (action == SQLITE_READ && lowered(name).starts_with(pragma_table))
    return decide(SQLITE_PRAGMA, name.c_str() + pragma_table.size(), nullptr);
  if (action == SQLITE_READ && name == "session_summary" &&
      text_or_empty(second) == "total_tokens_used")
    sums_tokens = true;
  if (action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_RECURSIVE)
    return SQLITE_OK;
  if (action == SQLITE_FUNCTION) {
    const std::string function = lowered(text_or_empty(second));
    if (std::ranges::find(functions_denied, function) == functions_denied.end()) return SQLITE_OK;
    denied = function + "()";
    return SQLITE_DENY;
  }
  if (action == SQLITE_PRAGMA) {
    if (only_tells(name)) return SQLITE_OK;
    denied = "PRAGMA " + name;
    return SQLITE_DENY;
  }
  // What creates something first writes into the schema, and then says what it creates.
  if (!denied.empty() && !is_schema_table(denied.substr(denied.rfind(' ') + 1))) return SQLITE_DENY;
  const auto* const known =
      std::ranges::find_if(actions, [&](const Action& one) { return one.code == action; });
  denied = known == std::end(actions) ? "anything but reading" : known->words;
  if (name.starts_with("sqlite_stat")) {
    denied = "ANALYZE";
    return SQLITE_DENY;
  }
  if (!name.empty() && action != SQLITE_TRANSACTION && action != SQLITE_ATTACH)
    denied += ' ' + name;
  if (is_schema_table(name) &&
      (action == SQLITE_INSERT || action == SQLITE_UPDATE || action == SQLITE_DELETE))
    return SQLITE_OK;
  return SQLITE_DENY;
}

}  // namespace agentstore::sql
