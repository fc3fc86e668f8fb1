#include "formats/text/markup.hpp"

#include <cstddef>

namespace agentstore::formats {
namespace {

/// U+FFFE or U+FFFF: of what is printable, XML 1.0 leaves these out.
bool starts_with_noncharacter(std::string_view text) {
  return text.starts_with("\xEF\xBF\xBE") || text.starts_with("\xEF\xBF\xBF");
}

}  // namespace

std::string escaped_markup(std::string_view printable_text) {
  std::string out;
  out.reserve(printable_text.size() + printable_text.size() / 16);
  for (std::size_t at = 0; at < printable_text.size(); ++at) {
    switch (const char c = printable_text[at]) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      case '\xEF':
        if (starts_with_noncharacter(printable_text.substr(at))) {
          out += "\xEF\xBF\xBD";
          at += 2;
          break;
        }
        [[fallthrough]];
      default: out += c;
    }
  }
  return out;
}

}  // namespace agentstore::formats
