// Text in HTML and XML.

#pragma once

#include <string>
#include <string_view>

namespace agentstore::formats {

/// A printable text as it may be between tags and in quoted attributes, of HTML and of XML: `&`,
/// `<`, `>` and both quotes are escaped, and the characters that XML 1.0 leaves out are U+FFFD.
std::string escaped_markup(std::string_view printable_text);

}  // namespace agentstore::formats
