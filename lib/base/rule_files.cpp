#include "agentstore/internal/rule_files.hpp"

#include "base/sha256.hpp"

namespace agentstore {

RuleFile rule_file(std::string_view path, std::string_view content) {
  const HexText hash = hex_of(sha256({content}));
  return {std::string{path}, std::string{view_of(hash)}};
}

}  // namespace agentstore
