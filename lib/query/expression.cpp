#include "agentstore/analysis/expression.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <new>
#include <utility>

#include "agentstore/event.hpp"
#include "agentstore/internal/nearest.hpp"
#include "agentstore/json.hpp"
#include "query/functions.hpp"
#include "query/grammar.hpp"
#include "query/sqlite_handles.hpp"

namespace agentstore {
namespace {

constexpr int steps_per_call = 100'000;
constexpr int calls_max = 100;
constexpr int text_bytes_max = static_cast<int>(line_bytes_max);
constexpr std::size_t shown_bytes_max = 60;
constexpr std::size_t names_shown_max = 12;

/// The statement is made of our own words; should a bug let others in, they can do nothing.
int authorize(void*, int action, const char*, const char*, const char*, const char*) {
  return action == SQLITE_SELECT || action == SQLITE_FUNCTION ? SQLITE_OK : SQLITE_DENY;
}

std::string shown(std::string_view value) {
  if (value.size() <= shown_bytes_max) return std::string{value};
  std::size_t end = shown_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80) --end;
  return std::string{value.substr(0, end)} + "…";
}

std::unexpected<Error> no_field(const std::string& name, std::span<const Field> fields) {
  std::vector<std::string> names;
  for (const Field& field : fields) names.push_back(field.name);
  const std::string near = nearest_field_name(name, names);
  std::string hint = near.empty() ? std::string{} : "did you mean " + near + "? ";
  hint += names.empty() ? "there are none" : "there are";
  for (std::size_t i = 0; i < std::min(names.size(), names_shown_max); ++i)
    hint += (i == 0 ? " " : ", ") + shown(names[i]);
  if (names.size() > names_shown_max)
    hint += " and " + std::to_string(names.size() - names_shown_max) + " more";
  return fail(Code::invalid, "there is no field \"" + shown(name) + "\"", hint);
}

}  // namespace

struct Expression::Impl {
  std::string text;
  Prepared prepared;
  std::vector<std::string> names;
  sql::Connection connection;
  sql::Statement statement;
  int calls = 0;  ///< of the progress handler, in one evaluation
  bool null = false;
  std::vector<std::string> used;

  Result<void> open();
  Result<void> bind_constants();
  Result<void> bind(std::span<const std::optional<std::string_view>> values);
  Result<void> bind_value(int index, const Reference& reference, std::string_view value);
  Result<bool> evaluate();

  // Where SQLite found no memory, throws as whatever else finds none does.
  std::unexpected<Error> refusal() const {
    if (sqlite3_errcode(connection.get()) == SQLITE_NOMEM) throw std::bad_alloc{};
    return fail(Code::invalid, "the expression cannot be evaluated: " +
                                   std::string{sqlite3_errmsg(connection.get())});
  }
  Result<void> checked(int status) const {
    if (status != SQLITE_OK) return refusal();
    return {};
  }
};

Result<void> Expression::Impl::open() {
  sqlite3* opened = nullptr;
  const int status =
      sqlite3_open_v2(":memory:", &opened,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX, nullptr);
  connection.reset(opened);
  if (status != SQLITE_OK || !add_functions(opened)) return fail(Code::io, "SQLite cannot start");
  sqlite3_limit(opened, SQLITE_LIMIT_LENGTH, text_bytes_max);
  sqlite3_limit(opened, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_limit(opened, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000);
  sqlite3_set_authorizer(opened, authorize, nullptr);
  sqlite3_progress_handler(
      opened, steps_per_call,
      [](void* count) { return ++*static_cast<int*>(count) > calls_max ? 1 : 0; }, &calls);
  sqlite3_stmt* made = nullptr;
  const int prepared_status =
      sqlite3_prepare_v3(opened, prepared.sql.c_str(), static_cast<int>(prepared.sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  statement.reset(made);
  if (prepared_status != SQLITE_OK) return refusal();
  return bind_constants();
}

Result<void> Expression::Impl::bind_constants() {
  for (std::size_t i = 0; i < prepared.parameters.size(); ++i) {
    const int index = static_cast<int>(i) + 1;
    const Parameter& parameter = prepared.parameters[i];
    int status = SQLITE_OK;
    if (const auto* const text_value = std::get_if<std::string>(&parameter)) {
      status = sqlite3_bind_text64(statement.get(), index, text_value->data(), text_value->size(),
                                   SQLITE_STATIC, SQLITE_UTF8);
    } else if (const auto* const number = std::get_if<Number>(&parameter)) {
      status = number->index() == 0
                   ? sqlite3_bind_int64(statement.get(), index, std::get<0>(*number))
                   : sqlite3_bind_double(statement.get(), index, std::get<1>(*number));
    }
    if (auto bound = checked(status); !bound) return bound;
  }
  return {};
}

Result<void> Expression::Impl::bind(std::span<const std::optional<std::string_view>> values) {
  used.clear();
  for (std::size_t i = 0; i < names.size(); ++i)
    used.push_back(names[i] + " = " + (values[i] ? shown(*values[i]) : "null"));
  for (std::size_t i = 0; i < prepared.parameters.size(); ++i) {
    const auto* const reference = std::get_if<std::size_t>(&prepared.parameters[i]);
    if (reference == nullptr) continue;
    auto bound = bind_value(static_cast<int>(i) + 1, prepared.references[*reference],
                            values[*reference].value_or("null"));
    if (!bound) return bound;
  }
  return {};
}

Result<void> Expression::Impl::bind_value(int index, const Reference& reference,
                                          std::string_view value) {
  const json::Kind kind = json::kind_of(value);
  if (reference.as_truth && kind != json::Kind::boolean && kind != json::Kind::null)
    return fail(Code::invalid, "\"" + reference.name + "\" is not a boolean: it is " + shown(value),
                "compare it with something");
  sqlite3_stmt* const to = statement.get();
  switch (kind) {
    case json::Kind::null: return checked(sqlite3_bind_null(to, index));
    case json::Kind::boolean: return checked(sqlite3_bind_int(to, index, value == "true" ? 1 : 0));
    case json::Kind::number: {
      const auto number = exact_number(value);
      if (!number) return fail(Code::invalid, reference.name + ": " + number.error().message);
      return checked(number->index() == 0 ? sqlite3_bind_int64(to, index, std::get<0>(*number))
                                          : sqlite3_bind_double(to, index, std::get<1>(*number)));
    }
    case json::Kind::string: {
      const std::string resolved = json::text_of(value);
      return checked(sqlite3_bind_text64(to, index, resolved.data(), resolved.size(),
                                         SQLITE_TRANSIENT, SQLITE_UTF8));
    }
    case json::Kind::array:
    case json::Kind::object: break;
  }
  return checked(
      sqlite3_bind_text64(to, index, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

Result<bool> Expression::Impl::evaluate() {
  calls = 0;
  const int status = sqlite3_step(statement.get());
  Result<bool> result = false;
  if (status == SQLITE_ROW) {
    null = sqlite3_column_type(statement.get(), 0) == SQLITE_NULL;
    result = sqlite3_column_int(statement.get(), 0) != 0;
  } else {
    result = refusal();
  }
  sqlite3_reset(statement.get());
  return result;
}

Expression::Expression(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;
Expression::~Expression() = default;

Result<Expression> Expression::parse(std::string_view text) {
  auto prepared = prepare_expression(text);
  if (!prepared) return std::unexpected{prepared.error()};
  auto impl = std::make_unique<Impl>();
  impl->text = text;
  impl->prepared = std::move(*prepared);
  for (const Reference& reference : impl->prepared.references)
    impl->names.push_back(reference.name);
  if (auto opened = impl->open(); !opened) return std::unexpected{opened.error()};
  return Expression{std::move(impl)};
}

const std::string& Expression::text() const {
  return impl_->text;
}

std::span<const std::string> Expression::names() const {
  return impl_->names;
}

bool Expression::was_null() const {
  return impl_->null;
}

std::string Expression::used() const {
  std::string text;
  for (const std::string& one : impl_->used) text += (text.empty() ? "" : ", ") + one;
  return text;
}

Result<bool> Expression::is_true(std::span<const Field> fields) {
  std::vector<std::optional<std::string_view>> values;
  for (const std::string& name : impl_->names) {
    const Field* found = nullptr;
    for (const Field& field : fields) {
      if (field.name != name) continue;
      if (found != nullptr && found->pointer != field.pointer)
        return fail(Code::invalid, "\"" + name + "\" names two fields: " + found->pointer +
                                       " and " + field.pointer);
      found = &field;
    }
    if (found == nullptr) return no_field(name, fields);
    values.emplace_back(found->value);
  }
  return is_true(values);
}

Result<bool> Expression::is_true(std::span<const std::optional<std::string_view>> values) {
  if (auto bound = impl_->bind(values); !bound) return std::unexpected{bound.error()};
  return impl_->evaluate();
}

}  // namespace agentstore
