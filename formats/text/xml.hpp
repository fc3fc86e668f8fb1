// Text in XML.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace agentstore::formats {

/// A printable text as it may be between tags and in attributes with double quotes.
inline std::string xml_text(std::string_view printable_text) {
  // Of what is printable, XML 1.0 leaves these out.
  constexpr std::string_view noncharacters[] = {"\xEF\xBF\xBE", "\xEF\xBF\xBF"};
  std::string out;
  for (std::size_t at = 0; at < printable_text.size(); ++at) {
    const std::string_view rest = printable_text.substr(at);
    if (rest.starts_with(noncharacters[0]) || rest.starts_with(noncharacters[1])) {
      out += "\xEF\xBF\xBD";
      at += 2;
      continue;
    }
    switch (const char c = rest.front()) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

}  // namespace agentstore::formats
