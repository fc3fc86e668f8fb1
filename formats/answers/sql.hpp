// Answers of SQL: a table for people, JSON, JSON lines, CSV, Markdown.

#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/analysis/sql.hpp"
#include "formats/text/incomplete.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// Takes the rows of an answer, one at a time.
class SqlWriter {
 public:
  virtual ~SqlWriter() = default;
  /// One value for each column.
  virtual void row(std::span<const SqlValue> values) = 0;
  /// Once, last. `incomplete`: what the answer lacks, as JSON has it.
  virtual void end(const Incomplete& incomplete) = 0;
};

/// "table", "json" (agentstore/sql/1), "jsonl", "csv", "markdown". Only a table holds its rows
/// until it ends. Errors: invalid (another format).
Result<std::unique_ptr<SqlWriter>> make_sql_writer(std::string_view format, Sink& sink,
                                                   const Screen& screen,
                                                   const std::vector<std::string>& columns);

}  // namespace agentstore::formats
