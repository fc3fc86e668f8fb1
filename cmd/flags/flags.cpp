#include "cmd/flags/flags.hpp"

#include <charconv>
#include <utility>

#include "cmd/flags/groups.hpp"
#include "cmd/quoting.hpp"

namespace agentstore::cmd {
namespace {

Result<std::uint64_t> number_of(const std::string& text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end)
    return fail(Code::invalid, "\"" + text.substr(0, 60) + "\" is not a whole number from 0");
  return number;
}

/// Puts the last value into `into`.
template <class Text>
Flag::Take last_into(Text& into) {
  return [&into](const std::vector<std::string>& values) -> Result<void> {
    into = values.back();
    return {};
  };
}

template <class Number>
Flag::Take number_into(Number& into) {
  return [&into](const std::vector<std::string>& values) -> Result<void> {
    const auto number = number_of(values.back());
    if (!number) return std::unexpected{number.error()};
    into = *number;
    return {};
  };
}

/// Some take rules for older events, some read logs by path, some answer what can be written to a
/// file, and some are about all sessions, or those that are selected.
enum Extra : unsigned {
  none = 0,
  upcasts = 1,
  extract = 2,
  files = 4,
  answers = 8,
  selects = 16,
  silences = 32  ///< -q alone: it has its own -o
};
constexpr unsigned reads = upcasts | extract | files;
constexpr unsigned reads_any = reads | selects;
constexpr unsigned reads_and_answers = reads | answers;
constexpr unsigned sums_up = reads_and_answers | selects;
constexpr unsigned finds = upcasts | answers | selects;
constexpr unsigned exports = files | selects;
constexpr unsigned checks = extract | files | answers | selects;

template <class Options, unsigned extra = none>
void add_all(Flags& flags, CommandOptions& options, CommonOptions& common) {
  add_options(flags, options.emplace<Options>());
  const std::size_t own = flags.all().size();
  add_common(flags, common);
  flags.are_common(own);
  if constexpr ((extra & upcasts) != 0) add_upcasts(flags, common);
  if constexpr ((extra & extract) != 0) add_extract(flags, common);
  if constexpr ((extra & files) != 0) add_as(flags, common.as);
  if constexpr ((extra & answers) != 0) add_answer(flags, common);
  if constexpr ((extra & silences) != 0) add_quiet(flags, common);
  if constexpr ((extra & selects) != 0) add_selection(flags, common.labels);
}

}  // namespace

Flag& Flags::value(const char* names, std::string& into, const char* value, const char* help) {
  return add({.names = names, .value = value, .help = help, .take = last_into(into)});
}

Flag& Flags::value(const char* names, std::optional<std::string>& into, const char* value,
                   const char* help) {
  return add({.names = names, .value = value, .help = help, .take = last_into(into)});
}

Flag& Flags::value(const char* names, std::vector<std::string>& into, const char* value,
                   const char* help) {
  const auto take = [&into](const std::vector<std::string>& values) -> Result<void> {
    into.insert(into.end(), values.begin(), values.end());
    return {};
  };
  return add({.names = names, .value = value, .help = help, .take = take, .several = true});
}

Flag& Flags::number(const char* names, std::uint64_t& into, const char* help) {
  return add({.names = names, .value = "N", .help = help, .take = number_into(into)});
}

Flag& Flags::number(const char* names, std::optional<std::uint64_t>& into, const char* help) {
  return add({.names = names, .value = "N", .help = help, .take = number_into(into)});
}

Flag& Flags::toggle(const char* names, bool& into, const char* help) {
  const auto take = [&into](const std::vector<std::string>& values) -> Result<void> {
    into = values.back() == "true";
    return {};
  };
  return add({.names = names, .value = {}, .help = help, .take = take});
}

void add_overview_flags(Flags& flags, CommandOptions& options, CommonOptions& common) {
  options.emplace<OverviewCommand>();
  add_common(flags, common);
}

void add_all_of_copy(Flags& flags, CommandOptions& options, CommonOptions& common) {
  add_copy(flags, options.emplace<CopyCommand>(), common);
  const std::size_t own = flags.all().size();
  add_common(flags, common);
  flags.are_common(own);
}

const std::vector<Subcommand>& subcommands() {
  static const std::vector<Subcommand> all{
      {"sessions", add_all<SessionsCommand, answers>},
      {"find", add_all<FindCommand, finds>},
      {"replay", add_all<ReplayCommand, reads_any>},
      {"show", add_all<ShowCommand, reads_and_answers>},
      {"state", add_all<StateCommand, sums_up>},
      {"stats", add_all<StatsCommand, sums_up>},
      {"balance", add_all<BalanceCommand, sums_up>},
      {"whatif", add_all<WhatIfCommand, sums_up>},
      {"blame", add_all<BlameCommand, reads_and_answers>},
      {"bisect", add_all<BisectCommand, sums_up>},
      {"diff", add_all<DiffCommand, reads_and_answers>},
      {"sql", add_all < SqlCommand, reads_any | silences > },
      {"verify", add_all<VerifyCommand, checks>},
      {"repair", add_all<RepairCommand>},
      {"redact", add_all<RedactCommand>},
      {"checkpoint", add_all<CheckpointCommand>},
      {"audit", add_all<AuditCommand, sums_up>},
      {"keep", add_all<KeepCommand, silences>},
      {"restore", add_all<RestoreCommand>},
      {"import", add_all<ImportCommand>},
      {"copy", add_all_of_copy},
      {"export", add_all<ExportCommand, exports>},
      {"create", add_all<CreateCommand>},
      {"label", add_all<LabelCommand>},
      {"append", add_all<AppendCommand>},
      {"submit", add_all<SubmitCommand>},
      {"rerun", add_all<RerunCommand, sums_up>},
  };
  return all;
}

}  // namespace agentstore::cmd
