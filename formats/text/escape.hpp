// Untrusted text, made safe for people: nothing in it can move the cursor, reorder a line, hide
// itself, or speak to a CI runner. Machines' formats do not need this; they carry the bytes.
//
// Escaped as \u{1b}: C0, DEL and C1 controls, bidi controls, zero-width and other invisible
// characters, tag characters, line separators; as \n, \t, \r those three; as \x{ff} every byte
// that is no UTF-8. Of "##[", "##vso[" and their like the second # is escaped. A backslash stays as
// it is. A caller puts something of its own at the start of a line: what a runner takes for a
// command when a line begins with it ("::") is not escaped here.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace agentstore::formats {

/// All of `text`, escaped.
std::string printable(std::string_view text);

/// `text` escaped and cut to `columns`, as `cut` does. Reads no more of it than it needs: a text of
/// 60 MB costs what a line costs.
std::string printable_cut(std::string_view text, std::size_t columns);

struct Written {
  std::size_t bytes = 0;
  std::size_t columns = 0;
  bool whole = true;  ///< false: it was cut
};
/// Writes what printable_cut gives, where there is room for printable_bytes_max.
Written write_printable(char* into, std::string_view text, std::size_t columns);
/// The same of the text of a JSON string token.
Written write_printable_string(char* into, std::string_view token, std::size_t columns);
std::size_t printable_bytes_max(std::string_view text, std::size_t columns);

/// The columns that a printable text takes on a terminal; combining marks take none.
std::size_t display_width(std::string_view printable_text);

/// As much from its start as fits in so many columns, in bytes; no character or escape in halves.
std::size_t fitting_bytes(std::string_view printable_text, std::size_t columns);

/// A printable text that is wider than `columns` ends in `…`; never cut through a character or
/// an escape.
std::string cut(std::string_view printable_text, std::size_t columns);

/// JSON text in which those characters are written as \uXXXX: the same value, safe to look at.
/// Bytes that are no UTF-8 become \ufffd.
std::string printable_json(std::string_view json);

/// A JSON value on a line, escaped and cut to `columns`: characters beyond ASCII that it writes as
/// \uXXXX are shown themselves, where they are no danger. Reads no more of it than it needs.
std::string printable_value(std::string_view json, std::size_t columns);

/// JSON text with a member a line, indented by two; no number, string or order changes.
std::string pretty_json(std::string_view json);

}  // namespace agentstore::formats
