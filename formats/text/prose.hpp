// Prose: untrusted text of many lines, whole, as lines that a person reads. On a terminal long
// lines go on in the next one, at words; in a pipe they stay as they are.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "formats/text/paint.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// A printable line, its first colon escaped where a CI runner would take it for a command
/// ("::error::"), blanks before it or not.
std::string without_command(std::string printable_line);

/// Printable lines of a text. Its own line ends end lines, tabs are blanks, line ends at its end
/// are dropped; `columns` 0: no line is broken. Commands as in without_command. What goes on in a
/// new line is indented as its start.
std::vector<std::string> prose_lines(std::string_view text, std::size_t columns);

/// The same lines, none broken, as one text; empty ones at its start are dropped, too.
std::string prose_text(std::string_view text);

/// Lines that were wrapped so, each after `indent`; nothing is painted where `color` is off.
struct ProseStyle {
  std::string indent = "  ";
  Paint paint = Paint::none;
};

/// Writes them. `screen.columns` are those of the screen, the indent's included.
void write_prose(Sink& sink, std::string_view text, const Screen& screen,
                 const ProseStyle& style = {});

/// The columns that are left of the screen's beside an indent: 0 in a pipe, else at least 12.
std::size_t columns_beside(const Screen& screen, std::size_t indent_columns);

/// Breaks a printable line at words; what is wider than a line is broken anywhere. None of the
/// lines is one that a CI runner takes for a command.
std::vector<std::string> wrapped(std::string_view printable_line, std::size_t columns);

}  // namespace agentstore::formats
