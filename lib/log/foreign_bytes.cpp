#include "log/foreign_bytes.hpp"

namespace agentstore::log {
namespace {

struct Magic {
  std::string_view bytes;
  const char* words;
};

constexpr Magic magics[] = {
    {byte_order_mark, "a byte order mark (BOM) stands before it: an editor put it there"},
    {"\xFF\xFE", "it is UTF-16 text, and a log is UTF-8"},
    {"\xFE\xFF", "it is UTF-16 text, and a log is UTF-8"},
    {{"{\0\"\0", 4}, "it is UTF-16 text, and a log is UTF-8"},
    {{"\0{\0\"", 4}, "it is UTF-16 text, and a log is UTF-8"},
    {"\x1F\x8B", "it is compressed (gzip)"},
    {"\x28\xB5\x2F\xFD", "it is compressed (Zstandard, .zst)"},
};

}  // namespace

const char* foreign_start(std::string_view start) {
  for (const Magic& magic : magics) {
    if (start.starts_with(magic.bytes)) return magic.words;
  }
  return nullptr;
}

}  // namespace agentstore::log
