#include "formats/page/page_kind.hpp"

namespace agentstore::formats {

std::string_view page_kind_name(PageKind kind) {
  switch (kind) {
    case PageKind::whole: return "whole";
    case PageKind::extract: return "extract";
    case PageKind::masked: return "masked";
    case PageKind::overview: return "overview";
  }
  return "whole";
}

std::string page_mark_of(PageKind kind, std::string_view fingerprint) {
  return std::string{page_mark} + std::string{page_kind_name(kind)} + " " +
         std::string{fingerprint} + "\">";
}

}  // namespace agentstore::formats
