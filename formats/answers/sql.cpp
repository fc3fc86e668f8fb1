#include "formats/answers/sql.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "agentstore/json.hpp"
#include "agentstore/members.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/table.hpp"

namespace agentstore::formats {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::size_t columns_a_cell = 10;  // of a screen

std::string hex_of(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    text += hex_digits[static_cast<unsigned char>(c) >> 4U];
    text += hex_digits[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

bool is_null(const SqlValue& value) {
  return std::holds_alternative<std::monostate>(value);
}

bool is_number(const SqlValue& value) {
  return std::holds_alternative<std::int64_t>(value) || std::holds_alternative<double>(value);
}

/// The digits of a number; as JSON has them, so that none is lost.
std::string number_text(const SqlValue& value) {
  if (const auto* const integer = std::get_if<std::int64_t>(&value))
    return std::to_string(*integer);
  const double real = std::get<double>(value);
  if (!std::isfinite(real)) return real > 0 ? "Inf" : "-Inf";
  return json::Token{real}.text();
}

std::string plain_text(const SqlValue& value) {
  if (is_null(value)) return {};
  if (is_number(value)) return number_text(value);
  if (const auto* const text = std::get_if<std::string_view>(&value)) return std::string{*text};
  return hex_of(std::get<SqlBlob>(value).bytes);
}

std::string json_of(const SqlValue& value) {
  if (is_null(value)) return "null";
  if (const auto* const real = std::get_if<double>(&value);
      real != nullptr && !std::isfinite(*real))
    return "null";
  return is_number(value) ? number_text(value) : json::quote(plain_text(value));
}

class JsonRows {
 public:
  explicit JsonRows(const std::vector<std::string>& columns) {
    for (const std::string& column : columns) keys_.push_back(json::quote(column) + ':');
  }

  std::string object(std::span<const SqlValue> values) const {
    std::string text = "{";
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) text += ',';
      text += keys_[i];
      text += json_of(values[i]);
    }
    return text + '}';
  }

 private:
  std::vector<std::string> keys_;
};

class JsonWriter final : public SqlWriter {
 public:
  JsonWriter(Sink& sink, const std::vector<std::string>& columns) : sink_{sink}, rows_{columns} {
    sink_.write(R"({"schema":"agentstore/sql/1","columns":)" +
                array_json(columns, [](const std::string& name) { return json::quote(name); }) +
                R"(,"rows":[)");
  }
  void row(std::span<const SqlValue> values) override {
    sink_.write((std::exchange(any_, true) ? ",\n" : "\n") + rows_.object(values));
  }
  void end(const Incomplete& incomplete) override {
    sink_.write(std::string{any_ ? "\n" : ""} + R"(],"incomplete":)" + incomplete_json(incomplete) +
                "}\n");
  }

 private:
  Sink& sink_;
  JsonRows rows_;
  bool any_ = false;
};

class LinesWriter final : public SqlWriter {
 public:
  LinesWriter(Sink& sink, const std::vector<std::string>& columns) : sink_{sink}, rows_{columns} {}
  void row(std::span<const SqlValue> values) override { sink_.write(rows_.object(values) + '\n'); }
  void end(const Incomplete&) override {}

 private:
  Sink& sink_;
  JsonRows rows_;
};

/// A spreadsheet takes a cell that begins so for a formula.
bool begins_formula(std::string_view cell) {
  return !cell.empty() && std::string_view{"=+-@\t\r"}.contains(cell[0]);
}

std::string csv_cell(const SqlValue& value) {
  if (is_null(value)) return {};
  if (is_number(value)) return number_text(value);
  std::string text = plain_text(value);
  const bool number =
      !json::check(text, json::rules_to_read) && json::kind_of(text) == json::Kind::number;
  if (begins_formula(text) && !number) text.insert(0, 1, '\'');
  // An empty text is told from a NULL.
  if (!text.empty() && text.find_first_of("\",\r\n") == text.npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

class CsvWriter final : public SqlWriter {
 public:
  CsvWriter(Sink& sink, const std::vector<std::string>& columns) : sink_{sink} {
    std::vector<SqlValue> names{columns.begin(), columns.end()};
    row(names);
  }
  void row(std::span<const SqlValue> values) override {
    std::string line;
    for (std::size_t i = 0; i < values.size(); ++i)
      line += (i == 0 ? "" : ",") + csv_cell(values[i]);
    sink_.write(line + '\n');
  }
  void end(const Incomplete&) override {}

 private:
  Sink& sink_;
};

std::string markdown_cell(const SqlValue& value) {
  std::string text;
  for (const char c : printable(plain_text(value))) {
    if (c == '|' || c == '<' || c == '&' || c == '`' || c == '*' || c == '[') text += '\\';
    text += c;
  }
  return text;
}

class MarkdownWriter final : public SqlWriter {
 public:
  MarkdownWriter(Sink& sink, const std::vector<std::string>& columns) : sink_{sink} {
    const std::vector<SqlValue> names{columns.begin(), columns.end()};
    row(names);
    std::string rule = "|";
    for (std::size_t i = 0; i < columns.size(); ++i) rule += " --- |";
    sink_.write(rule + '\n');
  }
  void row(std::span<const SqlValue> values) override {
    std::string line = "|";
    for (const SqlValue& value : values) line += ' ' + markdown_cell(value) + " |";
    sink_.write(line + '\n');
  }
  void end(const Incomplete&) override {}

 private:
  Sink& sink_;
};

class TableWriter final : public SqlWriter {
 public:
  TableWriter(Sink& sink, const Screen& screen, const std::vector<std::string>& columns)
      : sink_{sink}, screen_{screen}, columns_{columns}, numbers_(columns.size(), true) {}
  void row(std::span<const SqlValue> values) override {
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < values.size(); ++i) {
      cells.push_back(is_null(values[i]) ? "-" : plain_text(values[i]));
      if (!is_null(values[i]) && !is_number(values[i])) numbers_[i] = false;
    }
    rows_.push_back(std::move(cells));
  }
  void end(const Incomplete&) override {
    // Of more columns than a screen has room for, the last ones give way.
    const std::size_t shown_max = screen_.columns / columns_a_cell;
    std::vector<Column> columns;
    for (std::size_t i = 0; i < columns_.size(); ++i)
      columns.push_back({.name = printable(columns_[i]),
                         .role = role_of(i),
                         .secondary = i < shown_max ? 0 : static_cast<int>(i)});
    Table table{std::move(columns)};
    for (auto& row : rows_) table.row(std::move(row));
    table.write(sink_, screen_);
  }

 private:
  Role role_of(std::size_t column) const {
    if (numbers_[column] && !rows_.empty()) return Role::number;
    const std::string& name = columns_[column];
    return name == "id" || name == "session_id" ? Role::id : Role::text;
  }

  Sink& sink_;
  const Screen screen_;
  const std::vector<std::string> columns_;
  std::vector<bool> numbers_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace

Result<std::unique_ptr<SqlWriter>> make_sql_writer(std::string_view format, Sink& sink,
                                                   const Screen& screen,
                                                   const std::vector<std::string>& columns) {
  if (format == "table") return std::make_unique<TableWriter>(sink, screen, columns);
  if (format == "json") return std::make_unique<JsonWriter>(sink, columns);
  if (format == "jsonl") return std::make_unique<LinesWriter>(sink, columns);
  if (format == "csv") return std::make_unique<CsvWriter>(sink, columns);
  if (format == "markdown") return std::make_unique<MarkdownWriter>(sink, columns);
  return fail(Code::invalid, "--format cannot be \"" + std::string{format.substr(0, 60)} + '"',
              "it is table, json, jsonl, csv or markdown");
}

}  // namespace agentstore::formats
