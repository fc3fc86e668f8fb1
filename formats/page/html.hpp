// HTML from our own templates. What a log says goes into it as text alone: escaped twice, for
// people (printable) and for HTML (escaped_markup).

#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "formats/page/page_kind.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// Untrusted text on one line, printable, cut to `columns`, and escaped.
std::string html_line(std::string_view text, std::size_t columns);

/// Untrusted text of many lines, printable and escaped; its line ends stay.
std::string html_prose(std::string_view text);

/// A file of `formats/page` by its name ("page.css"), as it was when the program was built; lives
/// for ever. Asserts that there is one.
std::string_view page_text(std::string_view name);

/// What goes into the places `{{name}}` of a template. Values are HTML already.
using Places = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// Writes the template with its places filled; a place that is not named is written empty.
void write_template(Sink& sink, std::string_view text, Places places);

/// The value of the Content-Security-Policy of a page that holds these two and nothing else that
/// runs, loads or styles: each is let in by its SHA-256.
std::string content_policy(std::string_view style, std::string_view script);

struct DocumentHead {
  PageKind kind = PageKind::whole;
  std::string_view fingerprint;
  std::string_view generator;  ///< "agentstore 1.0.0"
  std::string_view title;      ///< HTML already
  std::string_view script;     ///< the text of the script that the page ends with
};

/// Writes what every page begins with, up to its body: the kind of page it is, its policy, its
/// style.
void write_head(Sink& sink, const DocumentHead& head);

}  // namespace agentstore::formats
