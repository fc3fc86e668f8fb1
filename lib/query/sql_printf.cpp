// Ours looks at the format, and has SQLite's own do the work in a connection beside: there is no
// other way to a function that was replaced.

#include "query/sql_printf.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "query/sqlite_handles.hpp"

namespace agentstore::sql {
namespace {

/// SQLite's own function; its connection is opened when it is first asked.
struct Original {
  Connection connection;
  std::vector<Statement> by_count;  // of arguments

  /// Null: there is no memory.
  sqlite3_stmt* statement(std::size_t count) {
    if (!connection) {
      sqlite3* opened = nullptr;
      sqlite3_open_v2(":memory:", &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
      connection.reset(opened);
    }
    if (by_count.size() <= count) by_count.resize(count + 1);
    if (by_count[count]) return by_count[count].get();
    std::string text = "SELECT printf(";
    for (std::size_t i = 0; i < count; ++i) text += i == 0 ? "?" : ",?";
    text += ')';
    sqlite3_stmt* made = nullptr;
    sqlite3_prepare_v2(connection.get(), text.c_str(), -1, &made, nullptr);
    by_count[count].reset(made);
    return made;
  }
};

/// Reads a format as SQLite does, as far as widths and precisions go.
class Format {
 public:
  Format(std::string_view format, int count, sqlite3_value** values)
      : format_{format}, count_{count}, values_{values} {}

  /// The characters that they ask for, in all.
  std::uint64_t padding() {
    std::uint64_t sum = 0;
    while (at_ < format_.size()) {
      if (format_[at_++] != '%') continue;
      skip("-+ #!,0");
      const std::uint64_t width = number();
      const bool has_precision = skip_one('.');
      const std::uint64_t precision = has_precision ? number() : 0;
      skip("lh");
      if (at_ == format_.size()) break;
      const char kind = format_[at_++];
      if (kind == '%' || kind == 'n') continue;
      ++next_;
      // Of texts a precision cuts.
      const bool cuts = std::string_view{"sqQwz"}.contains(kind);
      sum += std::max(width, cuts ? 0 : precision);
    }
    return sum;
  }

 private:
  void skip(std::string_view any) {
    while (at_ < format_.size() && any.contains(format_[at_])) ++at_;
  }
  bool skip_one(char c) {
    const bool there = at_ < format_.size() && format_[at_] == c;
    if (there) ++at_;
    return there;
  }

  std::uint64_t number() {
    constexpr std::uint64_t most = std::uint64_t{1} << 31U;
    if (skip_one('*')) {
      const std::int64_t given = next_ < count_ ? sqlite3_value_int64(values_[next_]) : 0;
      ++next_;
      const std::uint64_t size =
          given < 0 ? 0 - static_cast<std::uint64_t>(given) : static_cast<std::uint64_t>(given);
      return std::min(size, most);
    }
    std::uint64_t value = 0;
    for (; at_ < format_.size() && format_[at_] >= '0' && format_[at_] <= '9'; ++at_)
      value = std::min(most, value * 10 + static_cast<std::uint64_t>(format_[at_] - '0'));
    return value;
  }

  std::string_view format_;
  std::size_t at_ = 0;
  int count_;
  int next_ = 1;  // argument
  sqlite3_value** values_;
};

void print(sqlite3_context* context, int count, sqlite3_value** values) {
  if (count == 0 || sqlite3_value_type(values[0]) == SQLITE_NULL) return;
  const auto* const text = reinterpret_cast<const char*>(sqlite3_value_text(values[0]));
  if (text == nullptr) return sqlite3_result_error_nomem(context);
  const std::string_view format{text, static_cast<std::size_t>(sqlite3_value_bytes(values[0]))};
  const int bytes_max = sqlite3_limit(sqlite3_context_db_handle(context), SQLITE_LIMIT_LENGTH, -1);
  if (Format{format, count, values}.padding() > static_cast<std::uint64_t>(bytes_max))
    return sqlite3_result_error_toobig(context);
  auto& original = *static_cast<Original*>(sqlite3_user_data(context));
  sqlite3_stmt* const statement = original.statement(static_cast<std::size_t>(count));
  if (statement == nullptr) return sqlite3_result_error_nomem(context);
  for (int i = 0; i < count; ++i) sqlite3_bind_value(statement, i + 1, values[i]);
  const int status = sqlite3_step(statement);
  if (status == SQLITE_ROW) sqlite3_result_value(context, sqlite3_column_value(statement, 0));
  else sqlite3_result_error_code(context, status);
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
}

void drop(void* original) {
  delete static_cast<Original*>(original);
}

}  // namespace

bool add_printf(sqlite3* connection) {
  constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  for (const char* const name : {"printf", "format"}) {
    // Dropped by SQLite, even where the function cannot be made.
    auto original = std::make_unique<Original>();
    if (sqlite3_create_function_v2(connection, name, -1, flags, original.release(), print, nullptr,
                                   nullptr, drop) != SQLITE_OK)
      return false;
  }
  return true;
}

}  // namespace agentstore::sql
