#include "cmd/help_page.hpp"

#include <algorithm>
#include <utility>

#include "cmd/help.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t columns_max = 80;
constexpr std::size_t text_at = 24;

/// Adds `text` by words, in lines that begin at `text_at`; the first one goes on where `page` ends.
void add_wrapped(std::string& page, std::string_view text) {
  std::size_t column = page.size() - (page.rfind('\n') + 1);
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (column > text_at && column + 1 + word.size() > columns_max) {
      page += '\n' + std::string(text_at, ' ');
      column = text_at;
    } else if (column > text_at) {
      page += ' ';
      ++column;
    }
    page += word;
    column += word.size();
  }
  page += '\n';
}

void add_row(std::string& page, std::string name, std::string_view text) {
  name.insert(0, "  ");
  if (name.size() + 2 > text_at) {
    page += name + '\n' + std::string(text_at, ' ');
  } else {
    name.resize(text_at, ' ');
    page += name;
  }
  add_wrapped(page, text);
}

std::string row_name(const Flag& flag) {
  if (flag.is_word()) return flag.value;
  if (flag.value.empty()) return flag.names;
  return flag.names + (flag.value_optional ? " [" + flag.value + "]" : " " + flag.value);
}

std::string usage(std::string_view command, const Flags& flags) {
  std::string text = "Usage: agentstore " + std::string{command};
  for (const Flag& flag : flags.all()) {
    if (!flag.is_word()) continue;
    const std::string word = flag.value + (flag.several ? "..." : "");
    text += flag.required ? " " + word : " [" + word + "]";
  }
  return text + " [FLAGS]\n";
}

}  // namespace

std::string help_page(std::string_view command, const Flags& flags) {
  std::string page{summary_of(command)};
  page += "\n\n" + usage(command, flags);
  const auto add_group = [&](const char* title, const auto& is_in) {
    bool any = false;
    for (const Flag& flag : flags.all()) {
      if (flag.hidden || !is_in(flag)) continue;
      if (!std::exchange(any, true)) page += std::string{"\n"} + title + "\n";
      add_row(page, row_name(flag), flag.help);
    }
  };
  add_group("Words:", [](const Flag& flag) { return flag.is_word(); });
  add_group("Flags:", [](const Flag& flag) { return !flag.is_word() && !flag.common; });
  add_group("Flags of every command:", [](const Flag& flag) { return flag.common; });
  add_row(page, "-h,--help", "Show this");
  return page + '\n' + std::string{examples_of(command)};
}

}  // namespace agentstore::cmd
