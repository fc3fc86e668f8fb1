#include "formats/text/paint.hpp"

namespace agentstore::formats {
namespace {

std::string_view code_of(Paint paint) {
  switch (paint) {
    case Paint::dim: return "\x1b[2m";
    case Paint::bold: return "\x1b[1m";
    case Paint::red: return "\x1b[31m";
    case Paint::green: return "\x1b[32m";
    case Paint::yellow: return "\x1b[33m";
    case Paint::cyan: return "\x1b[36m";
    case Paint::match: return "\x1b[1;31m";
    case Paint::none: break;
  }
  return {};
}

}  // namespace

std::string painted(std::string_view printable_text, Paint paint, bool color) {
  if (!color || paint == Paint::none || printable_text.empty()) return std::string{printable_text};
  return std::string{code_of(paint)}.append(printable_text).append("\x1b[0m");
}

}  // namespace agentstore::formats
