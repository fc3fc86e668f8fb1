#include "formats/answers/sql.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "cmd/commands.hpp"
#include "cmd/deadline.hpp"
#include "cmd/gates/gate.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/input/rules_in_force.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/input/session_copies.hpp"
#include "cmd/read_whole.hpp"
#include "cmd/totals/sql_file.hpp"
#include "cmd/totals/sql_functions.hpp"
#include "cmd/totals/sql_source.hpp"
#include "cmd/words/sql_examples.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t query_bytes_max = std::size_t{1} << 20;
constexpr std::uint64_t seconds_max = 1'000'000;
constexpr std::uint64_t memory_mib_min = 4;
constexpr std::uint64_t memory_mib_max = 1'000'000;

bool is_database(const std::string& path) {
  return path.ends_with(".db") || path.ends_with(".sqlite") || path.ends_with(".sqlite3");
}

/// What was asked for, else what the ending of the output says.
std::string format_of(const Context& context, const SqlCommand& options) {
  if (context.common.json) return "json";
  if (!options.format.empty()) return options.format;
  const std::string path = options.output.value_or("");
  for (const auto& [ending, format] : {std::pair{".csv", "csv"}, std::pair{".json", "json"},
                                       std::pair{".jsonl", "jsonl"}, std::pair{".md", "markdown"}})
    if (path.ends_with(ending)) return format;
  return "table";
}

Result<std::vector<SqlParameter>> read_parameters(const std::vector<std::string>& words) {
  std::vector<SqlParameter> parameters;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == word.npos || equals == 0)
      return fail(Code::invalid, "--param " + in_quotes(word) + " is not NAME=VALUE");
    parameters.push_back({word.substr(0, equals), word.substr(equals + 1)});
  }
  return parameters;
}

/// The statement: the word itself, or what the file after its @ holds.
Result<std::string> read_query(const std::string& word) {
  if (!word.starts_with('@')) return word;
  return read_whole_file(word.substr(1), query_bytes_max);
}

Result<Inputs> choose(Selector& selector, const SqlCommand& options) {
  return options.sessions.empty() ? selector.each_once() : selector.choose_each(options.sessions);
}

/// Tables know sessions by their ids: of what is there twice, one counts. Gives what differs from
/// what came before it under the same id, and counts beside it.
Result<std::vector<std::string>> leave_out_copies_of(Context& context, Inputs& inputs,
                                                     OnCorrupt on_corrupt) {
  std::vector<std::string> ids;
  for (const auto& input : inputs)
    ids.push_back(input->session().id.empty() ? input->session_id(OnCorrupt::prefix).value_or("")
                                              : input->session().id);
  std::vector<std::string> differing;
  const auto differs = [&](const Input& kept, const Input& other, const LogComparison& how) {
    differing.push_back(
        fmt::format("{} differs from {} from event #{} on, and both are one session here",
                    place_of_copy(other), place_of_copy(kept), how.differs_at));
    return false;
  };
  if (auto left_out =
          leave_out_copies(context, inputs, ids,
                           {.prefix_will_do = on_corrupt == OnCorrupt::prefix, .differs = differs});
      !left_out)
    return std::unexpected{left_out.error()};
  return differing;
}

/// Tells what was read in part; the exit status that it leads to, damage before all else.
class Reading {
 public:
  Reading(Context& context, const SqlInputs& source, const Selector& selector, OnCorrupt on_corrupt)
      : gate_{context, {.decides = false, .on_corrupt = on_corrupt}} {
    gate_.lacks_files(selector.unreadable());
    for (const SqlInputs::Told& told : source.told()) {
      if (told.read && *told.read) gate_.read(**told.read);
      else if (told.read) failed(*told.input, told.read->error());
      gate_.folded(told.notes, told.input->label() + ": ");
    }
  }

  void counts_twice(const std::vector<std::string>& differing) {
    if (!differing.empty()) gate_.lacks(differing, differing.size());
  }

  void lacks_digits(std::uint64_t amounts) {
    if (amounts == 0) return;
    gate_.lacks({fmt::format("{} amounts have more digits than a number holds, and are NULL; the "
                             "columns whose names end in _text have them",
                             amounts)},
                1);
  }

  const formats::Incomplete& incomplete() const { return gate_.incomplete(); }

  int status() {
    if (damaged_) return Status::finding;
    const int told = gate_.status(true);
    if (told != Status::fine) return told;
    return incomplete().events.empty() && incomplete().inputs.empty() ? Status::fine
                                                                      : Status::incomplete;
  }

 private:
  void failed(const Input& input, Error error) {
    damaged_ = damaged_ || error.code == Code::corrupt;
    gate_.failed(with_advice(error, input));
    gate_.lacks_figures({input.label() + ": " + error.message}, false);
  }

  Gate gate_;
  bool damaged_ = false;
};

int print(Context& context, const std::string& text) {
  context.start_pager();
  context.out.write(text);
  return context.finish(Status::fine);
}

std::string examples_text() {
  std::string text;
  for (const SqlExample& example : sql_examples())
    text += fmt::format("{}-- {}\n{};\n", text.empty() ? "" : "\n", example.question, example.sql);
  return text;
}

/// What needs no session.
std::optional<int> show_texts(Context& context, const SqlCommand& options) {
  const int texts = (options.schema ? 1 : 0) + (options.examples ? 1 : 0) + (options.views ? 1 : 0);
  if (texts + (options.query.empty() ? 0 : 1) > 1)
    return context.refuse(Code::invalid, "SQL, --schema, --examples and --views do not go together",
                          "give one of them");
  if (options.schema) return print(context, sql_schema());
  if (options.examples) return print(context, examples_text());
  if (!options.views) return std::nullopt;
  const auto views = sql_views(options.dialect);
  return views ? print(context, *views) : context.refuse(views.error());
}

Result<void> check(const SqlCommand& options) {
  const bool to_database = options.output && is_database(*options.output);
  if (options.query.empty() && !to_database)
    return fail(Code::invalid, "no SQL is given",
                "`agentstore sql --examples` has questions to begin with, --schema the tables");
  if (options.timeout_s && (*options.timeout_s == 0 || *options.timeout_s > seconds_max))
    return fail(Code::invalid, "--timeout is a number of seconds from 1 to 1000000");
  if (options.memory_mib < memory_mib_min || options.memory_mib > memory_mib_max)
    return fail(Code::invalid, "--memory is a number of MiB from 4 to 1000000");
  return {};
}

/// Answers one statement, a row at a time.
class Answerer {
 public:
  Answerer(Context& context, const SqlCommand& options, SqlDatabase& database)
      : context_{context}, options_{options}, database_{database} {}

  /// Errors: those of the statement; then nothing was written, or the rows before.
  Result<void> answer(const std::string& sql, std::span<const SqlParameter> parameters) {
    auto query = database_.query(sql, parameters);
    if (!query) return std::unexpected{query.error()};
    const std::string format = format_of(context_, options_);
    formats::Screen screen = context_.screen();
    if (options_.output || screen.wide) screen.columns = 0;
    auto writer = formats::make_sql_writer(format, context_.out, screen, query->columns());
    if (!writer) return std::unexpected{writer.error()};
    writer_ = std::move(*writer);
    std::vector<SqlValue> values(query->columns().size());
    while (!context_.out.done()) {
      const auto more = query->next();
      if (!more) return std::unexpected{more.error()};
      if (!*more) break;
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = query->value(i);
      writer_->row(values);
    }
    return {};
  }

  void end(const formats::Incomplete& incomplete) {
    if (!writer_) return;
    // The pager takes interrupts for itself: until then they end the command.
    context_.start_pager();
    writer_->end(incomplete);
  }

 private:
  Context& context_;
  const SqlCommand& options_;
  SqlDatabase& database_;
  std::unique_ptr<formats::SqlWriter> writer_;
};

Result<void> answer(Context& context, const SqlCommand& options, const std::string& sql,
                    std::span<const SqlParameter> parameters, SqlDatabase& database,
                    Answerer& answerer) {
  if (!options.output || !is_database(*options.output)) return answerer.answer(sql, parameters);
  return write_database(context, [&](const std::string& path) {
    end_at_interrupt();  // The file has a handler of its own, which ends the program by the signal.
    return sql.empty() ? database.write_to(path) : database.write_to(path, sql, parameters);
  });
}

}  // namespace

int run(Context& context, const SqlCommand& options) {
  if (const auto shown = show_texts(context, options)) return *shown;
  if (auto checked = check(options); !checked) return context.refuse(checked.error());
  const auto on_corrupt = parse_on_corrupt(options.on_corrupt);
  if (!on_corrupt) return context.refuse(on_corrupt.error());
  const auto parameters = read_parameters(options.parameters);
  if (!parameters) return context.refuse(parameters.error());
  const auto sql = read_query(options.query);
  if (!sql) return context.refuse(sql.error());
  end_at_interrupt();
  std::optional<Deadline> deadline;
  if (options.timeout_s) deadline.emplace(context, std::chrono::seconds{*options.timeout_s});

  Selector selector{context};
  auto inputs = choose(selector, options);
  if (!inputs) return context.refuse(inputs.error());
  // Asked for by one thread before others read.
  if (const auto upcasts = context.upcasts(); !upcasts) return context.refuse(upcasts.error());
  const auto differing = leave_out_copies_of(context, *inputs, *on_corrupt);
  if (!differing) return context.refuse(differing.error());
  SqlInputs source{
      context, std::move(*inputs), {.on_corrupt = *on_corrupt, .ledger = options.ledger}};
  if (const auto& unread = source.unread())
    return context.refuse(with_advice(unread->error, *unread->input));
  auto database = SqlDatabase::open(
      source, {.memory_bytes_max = options.memory_mib << 20U, .functions = sql_functions()});
  if (!database) return context.refuse(database.error());
  if (options.output)
    if (auto opened = context.write_to(*options.output, {}); !opened)
      return context.refuse(opened.error());
  end_at_interrupt();  // So has an output.

  Answerer answerer{context, options, *database};
  const auto done = answer(context, options, *sql, *parameters, *database, answerer);
  if (!done) return context.refuse(done.error());
  Reading reading{context, source, selector, *on_corrupt};
  reading.counts_twice(*differing);
  reading.lacks_digits(database->inexact_amounts());
  for (const std::string& note : database->notes()) context.note(note);
  tell_rules(context, source.of_store(), By::upcasts);
  answerer.end(reading.incomplete());
  deadline.reset();
  return context.finish(reading.status());
}

}  // namespace agentstore::cmd
