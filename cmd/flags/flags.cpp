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

/// Some take rules for older events, and some read logs by path.
enum Extra : unsigned { none = 0, upcasts = 1, extract = 2 };

template <class Options, unsigned extra = none>
void add_all(Flags& flags, CommandOptions& options, CommonOptions& common) {
  add_options(flags, options.emplace<Options>());
  add_common(flags, common);
  if constexpr ((extra & upcasts) != 0) add_upcasts(flags, common);
  if constexpr ((extra & extract) != 0) add_extract(flags, common);
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
    into = values;
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

const std::vector<Subcommand>& subcommands() {
  static const std::vector<Subcommand> all{
      {"sessions", add_all<SessionsCommand>},
      {"replay", add_all < ReplayCommand, upcasts | extract > },
      {"state", add_all < StateCommand, upcasts | extract > },
      {"stats", add_all < StatsCommand, upcasts | extract > },
      {"balance", add_all < BalanceCommand, upcasts | extract > },
      {"whatif", add_all < WhatIfCommand, upcasts | extract > },
      {"blame", add_all < BlameCommand, upcasts | extract > },
      {"bisect", add_all < BisectCommand, upcasts | extract > },
      {"diff", add_all < DiffCommand, upcasts | extract > },
      {"sql", add_all < SqlCommand, upcasts | extract > },
      {"verify", add_all<VerifyCommand, extract>},
      {"repair", add_all<RepairCommand>},
      {"redact", add_all<RedactCommand>},
      {"checkpoint", add_all<CheckpointCommand>},
      {"import", add_all<ImportCommand>},
      {"export", add_all<ExportCommand>},
      {"create", add_all<CreateCommand>},
      {"label", add_all<LabelCommand>},
      {"append", add_all<AppendCommand>},
      {"submit", add_all<SubmitCommand>},
  };
  return all;
}

}  // namespace agentstore::cmd
