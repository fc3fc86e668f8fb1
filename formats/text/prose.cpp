#include "formats/text/prose.hpp"

#include <algorithm>
#include <utility>

#include "formats/text/escape.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t tab_columns = 4;
constexpr std::size_t columns_min = 12;

std::string with_blanks_for_tabs(std::string_view line) {
  std::string out;
  std::size_t begun = 0;
  for (std::size_t tab = line.find('\t'); tab != line.npos; tab = line.find('\t', begun)) {
    out += line.substr(begun, tab - begun);
    out.append(tab_columns - out.size() % tab_columns, ' ');
    begun = tab + 1;
  }
  return out += line.substr(begun);
}

// Each line of the text, printable.
template <class Take>
void for_each_line(std::string_view text, Take take) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  while (true) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    take(printable(with_blanks_for_tabs(line)));
    if (end == text.npos) return;
    text.remove_prefix(end + 1);
  }
}

// Where a line that is too long is broken: after as much as fits in `columns`.
std::size_t place_to_break(std::string_view rest, std::size_t columns) {
  constexpr std::size_t unit_columns_max = 10;
  std::size_t bytes = fitting_bytes(rest, columns);
  if (bytes == 0) bytes = std::max<std::size_t>(fitting_bytes(rest, unit_columns_max), 1);
  if (bytes == rest.size()) return bytes;
  const std::size_t blank = rest.substr(0, bytes + 1).rfind(' ');
  const bool words = blank != rest.npos && rest.find_first_not_of(' ') < blank;
  return words ? blank : bytes;
}

}  // namespace

std::string without_command(std::string printable_line) {
  const std::size_t at = printable_line.find_first_not_of(' ');
  if (at != printable_line.npos && std::string_view{printable_line}.substr(at).starts_with("::"))
    printable_line.replace(at, 1, "\\u{3a}");
  return printable_line;
}

std::size_t columns_beside(const Screen& screen, std::size_t indent_columns) {
  if (screen.columns == 0) return 0;
  return std::max(screen.columns - std::min(screen.columns, indent_columns), columns_min);
}

std::vector<std::string> wrapped(std::string_view printable_line, std::size_t columns) {
  if (columns == 0) return {without_command(std::string{printable_line})};
  const std::size_t begun = std::min(printable_line.find_first_not_of(' '), printable_line.size());
  const std::string lead(begun <= columns / 3 ? begun : 0, ' ');
  std::vector<std::string> lines;
  std::string_view rest = printable_line.substr(lead.size());
  do {
    // As without_command, but in time to count its columns.
    const bool command = rest.starts_with("::");
    if (command) rest.remove_prefix(1);
    const std::string before = lead + (command ? "\\u{3a}" : "");
    const std::size_t at =
        place_to_break(rest, std::max(columns, before.size() + 1) - before.size());
    lines.push_back(without_command(before + std::string{rest.substr(0, at)}));
    rest.remove_prefix(std::min(rest.find_first_not_of(' ', at), rest.size()));
  } while (!rest.empty());
  return lines;
}

std::vector<std::string> prose_lines(std::string_view text, std::size_t columns) {
  std::vector<std::string> lines;
  for_each_line(text, [&](const std::string& line) {
    for (std::string& piece : wrapped(line, columns)) lines.push_back(std::move(piece));
  });
  return lines;
}

std::string prose_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for_each_line(text, [&](std::string line) {
    if (!out.empty()) out += '\n';
    out += without_command(std::move(line));
  });
  return out;
}

void write_prose(Sink& sink, std::string_view text, const Screen& screen, const ProseStyle& style) {
  const std::size_t columns = columns_beside(screen, display_width(style.indent));
  for (const std::string& line : prose_lines(text, columns))
    sink.write(line.find_first_not_of(' ') == line.npos
                   ? "\n"
                   : style.indent + painted(line, style.paint, screen.color) + "\n");
}

}  // namespace agentstore::formats
