// The subcommand is found first, and only its flags are bound: flags may then stand before or
// after its name, and building the others is saved.

#include "cmd/cli.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <span>

#include "agentstore/internal/nearest.hpp"
#include "cmd/flags/flags.hpp"
#include "cmd/foreign_words.hpp"
#include "cmd/front.hpp"
#include "cmd/help.hpp"
#include "cmd/help_page.hpp"
#include "cmd/quoting.hpp"
#include "cmd/version.hpp"

namespace agentstore::cmd {
namespace {

/// What the completion of shells calls; see commands/complete.cpp.
constexpr const char* complete_word = "__complete";

using CLI::App;
using CLI::Option;

/// What messages call a flag: the first of its names.
std::string name_of(const Flag& flag) {
  return flag.names.substr(0, flag.names.find(','));
}

/// CLI11's own conversions would take an empty value for a missing one.
void bind(App& app, const Flag& flag) {
  if (flag.value.empty()) {
    const auto given = [&flag](std::int64_t times) {
      (void)flag.take({times > 0 ? "true" : "false"});
    };
    Option* const toggle = app.add_flag_function(flag.names, given, flag.help);
    if (flag.hidden) toggle->group("");
    return;
  }
  const auto taken = [&flag](const CLI::results_t& values) {
    if (auto took = flag.take(values); !took)
      throw CLI::ValidationError(name_of(flag), took.error().message);
    return true;
  };
  Option* const option = app.add_option(flag.names, taken, flag.help);
  // A word that is missing is told of in words of our own.
  option->type_name(flag.value)->required(flag.required && !flag.is_word());
  option->multi_option_policy(flag.several ? CLI::MultiOptionPolicy::TakeAll
                                           : CLI::MultiOptionPolicy::TakeLast);
  if (flag.several && flag.is_word()) option->allow_extra_args();
  if (flag.value_optional) option->expected(0, 1);
  if (!flag.allowed.empty()) option->check(CLI::IsMember(flag.allowed));
  if (flag.hidden) option->group("");
}

const Subcommand* find_command(std::string_view name) {
  const auto found = std::ranges::find_if(
      subcommands(), [&](const Subcommand& command) { return command.name == name; });
  return found == subcommands().end() ? nullptr : &*found;
}

Misuse unknown_command(const std::string& word, bool json) {
  std::vector<std::string> names;
  for (const Subcommand& command : subcommands()) names.emplace_back(command.name);
  names.insert(names.end(), {"help", "version"});
  const std::string near = nearest(word, names);
  std::string hint = instead_of_command(word);
  if (hint.empty())
    hint = near.empty() ? "`agentstore --help` lists what there is"
                        : "did you mean `agentstore " + near + "`?";
  return {{}, "there is no command " + in_quotes(word), std::move(hint), {}, json};
}

/// What CLI11 did not know: a flag, or a word too many.
Misuse unknown_word(const App& app, const std::string& command, bool json) {
  std::vector<std::string> extras = app.remaining();
  std::erase(extras, "--");
  const std::string word = extras.empty() ? std::string{} : extras.front();
  const std::string help = "`agentstore " + command + " --help` lists its flags";
  if (!word.starts_with('-') || word == "-")
    return {command, "unexpected " + in_quotes(word), help, {}, json};
  const std::string flag = word.substr(0, word.find('='));
  std::vector<std::string> flags;
  for (const Option* const option : app.get_options()) {
    if (option->get_group().empty()) continue;
    for (const std::string& name : option->get_snames()) flags.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  }
  const std::string near = instead_of_flag(flag, flags);
  return {command,
          "there is no flag " + in_quotes(flag),
          near.empty() ? help : "did you mean " + near + "?",
          {},
          json};
}

/// The first required word that was not given.
const Flag* missing_word(const App& app, const Flags& flags) {
  for (const Flag& flag : flags.all())
    if (flag.required && flag.is_word() && app.get_option(flag.names)->empty()) return &flag;
  return nullptr;
}

std::string lacks(const Flag& word) {
  if (word.value == "B") return "no second session is named";
  if (word.value == "SESSION" || word.value == "A") return "no session is named";
  return "no " + word.value + " is given";
}

std::string hint_of(const Flag& word, const std::string& command) {
  if (!word.where_missing.empty()) return word.where_missing;
  return "`agentstore " + command + " --help` shows how";
}

std::variant<Invocation, Answer, Misuse> parse_subcommand(const Subcommand& command,
                                                          std::vector<std::string> words) {
  Invocation invocation{.command = command.name, .common = {}, .options = {}};
  App app{{}, std::string{"agentstore "} + command.name};
  app.set_help_flag("-h,--help", "Show this");
  app.allow_extras();
  Flags flags;
  command.add_flags(flags, invocation.options, invocation.common);
  for (const Flag& flag : flags.all()) bind(app, flag);

  const bool json = given(words, "--json");
  split_empty_values(words);
  std::ranges::reverse(words);
  try {
    app.parse(words);
  } catch (const CLI::CallForHelp&) {
    return Answer{help_page(command.name, flags)};
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string text = error.what();
    return Misuse{command.name,
                  text.substr(0, text.find(':')) + " needs a value",
                  std::string{"`agentstore "} + command.name + " --help` shows how",
                  {},
                  json};
  } catch (const CLI::ParseError& error) {
    return Misuse{command.name,
                  error.what(),
                  std::string{"`agentstore "} + command.name + " --help` shows how",
                  {},
                  json};
  }
  if (app.remaining_size() > 0) return unknown_word(app, command.name, json);
  if (const Flag* const word = missing_word(app, flags))
    return Misuse{command.name, lacks(*word), hint_of(*word, command.name), {}, json};
  return invocation;
}

Misuse unknown_front_flag(const std::string& flag, bool json) {
  return {{}, "there is no flag " + in_quotes(flag), front_flag_hint(flag), {}, json};
}

}  // namespace

std::variant<Invocation, Answer, Misuse> parse_command_line(std::vector<std::string> words) {
  if (!words.empty() && words.front() == complete_word)
    return Invocation{
        .command = {}, .common = {}, .options = CompleteCommand{{words.begin() + 1, words.end()}}};
  const Front front = read_front(words);
  const std::size_t at = front.command_at;
  const bool json = given(words, "--json");
  const std::span front_words = std::span{words}.first(at);
  if (given(front_words, "--version") || given(front_words, "-V")) return Answer{version_text()};
  const bool asks_help = given(words, "--help") || given(words, "-h");
  if (!front.without_value.empty())
    return Misuse{{},
                  front.without_value + " needs a value",
                  "`agentstore --help` shows how it is called",
                  {},
                  json};
  if (at == words.size()) {
    if (asks_help) return Answer{overview()};
    if (!front.unknown.empty()) return unknown_front_flag(front.unknown, json);
    if (json) return Misuse{{}, "no command is given", "`agentstore --help` lists them", {}, json};
    return parse_subcommand({"", add_overview_flags}, std::move(words));
  }
  const std::string word = words[at];
  if (word == "version" && at + 1 == words.size()) return Answer{version_text()};
  if (word == "help") {
    if (at + 1 == words.size()) return Answer{overview()};
    const Subcommand* const command = find_command(words[at + 1]);
    if (command == nullptr) return unknown_command(words[at + 1], json);
    return parse_subcommand(*command, {"--help"});
  }
  const Subcommand* const command = find_command(word);
  if (command == nullptr) {
    if (!front.unknown.empty()) return unknown_front_flag(front.unknown, json);
    return unknown_command(word, json);
  }
  words.erase(words.begin() + static_cast<std::ptrdiff_t>(at));
  return parse_subcommand(*command, std::move(words));
}

}  // namespace agentstore::cmd
