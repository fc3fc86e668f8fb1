// The command line: from words to option structs. Nothing is done here but parsing and help.

#pragma once

#include <string>
#include <variant>
#include <vector>

#include "cmd/options.hpp"

namespace agentstore::cmd {

/// What the words ask for.
struct Invocation {
  std::string command;
  CommonOptions common;
  CommandOptions options;
};

/// Text that is the whole answer: help, the version.
struct Answer {
  std::string text;
};

/// Words that cannot be understood. Without a message the text is help, which stands for itself.
struct Misuse {
  std::string command;
  std::string message;
  std::string hint;
  std::string help;
  bool json = false;
};

/// Reads the words after the program's name.
std::variant<Invocation, Answer, Misuse> parse_command_line(std::vector<std::string> words);

}  // namespace agentstore::cmd
