// The escaper: whatever comes in, what goes out is UTF-8 that cannot move a cursor, hide, reorder
// its surroundings or speak to a CI runner. The ranges here are written down a second time on
// purpose.

#include <cstdint>

#include "agentstore/json.hpp"
#include "formats/text/escape.hpp"
#include "fuzz/require.hpp"

namespace agentstore::fuzz {
namespace {

/// Decodes strictly by RFC 3629; -1 where it is no UTF-8.
std::int32_t take_code_point(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t size = lead < 0x80   ? 1
                           : lead < 0xC2 ? 0
                           : lead < 0xE0 ? 2
                           : lead < 0xF0 ? 3
                           : lead < 0xF5 ? 4
                                         : 0;
  if (size == 0 || text.size() < size) return -1;
  std::int32_t point = size == 1 ? lead : lead & (0x7F >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return -1;
    point = point << 6 | (next & 0x3F);
  }
  if ((size == 3 && point < 0x800) || (size == 4 && (point < 0x10000 || point > 0x10FFFF)))
    return -1;
  if (point >= 0xD800 && point < 0xE000) return -1;
  text.remove_prefix(size);
  return point;
}

bool dangerous(std::int32_t point) {
  return point < 0x20 || (point >= 0x7F && point <= 0x9F) ||     // C0, DEL, C1
         (point >= 0x200B && point <= 0x200F) ||                 // zero width, marks
         (point >= 0x202A && point <= 0x202E) ||                 // bidi
         (point >= 0x2066 && point <= 0x2069) ||                 // isolates
         point == 0x2028 || point == 0x2029 ||                   // separators
         point == 0x061C || point == 0xFEFF || point == 0xAD ||  // mark, BOM, soft hyphen
         (point >= 0xE0000 && point <= 0xE007F);                 // tags
}

void check_safe(std::string_view text, bool newlines) {
  require(text.find("##vso[") == text.npos && text.find("##[") == text.npos, "no runner's command");
  while (!text.empty()) {
    if (newlines && text.front() == '\n') {
      text.remove_prefix(1);
      continue;
    }
    const std::int32_t point = take_code_point(text);
    require(point >= 0, "what is printed is UTF-8");
    require(!dangerous(point), "what is printed is harmless");
  }
}

}  // namespace
}  // namespace agentstore::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace agentstore;
  if (size == 0) return 0;
  const std::size_t columns = data[0] % 64;
  const std::string_view text = fuzz::text_of(data, size).substr(1);
  const std::string whole = formats::printable(text);
  fuzz::check_safe(whole, false);
  const std::string cut = formats::printable_cut(text, columns);
  fuzz::check_safe(cut, false);
  fuzz::require(formats::display_width(cut) <= columns, "what is cut fits");
  // Somebody's own "\u{1b}" is cut like letters by the one, like an escape by the other.
  fuzz::require(text.find('\\') != text.npos || cut == formats::cut(whole, columns),
                "cut as it is read, or afterwards");
  const std::string token = json::quote(text);
  std::string read;
  read.resize_and_overwrite(formats::printable_bytes_max(token, columns),
                            [&](char* into, std::size_t) {
                              return formats::write_printable_string(into, token, columns).bytes;
                            });
  fuzz::require(read == formats::printable_cut(json::text_of(token), columns),
                "shown from JSON, or read before");
  // Any text is a JSON text once it is quoted.
  const std::string json = formats::printable_json(json::quote(text));
  fuzz::check_safe(json, true);
  fuzz::require(!json::check(json, json::rules_to_store), "printable JSON is JSON");
  fuzz::require(json::text_of(json) == json::text_of(json::quote(text)), "and the same value");
  return 0;
}
