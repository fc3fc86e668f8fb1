#include "formats/text/rules.hpp"

#include "agentstore/json.hpp"

namespace agentstore::formats {
namespace {

std::string file_json(const std::optional<RuleFile>& rules) {
  if (!rules) return "null";
  return R"({"file":)" + json::quote(rules->file) + R"(,"sha256":")" + rules->sha256 + "\"}";
}

}  // namespace

std::string rules_json(const RuleFiles& rules) {
  if (rules.empty()) return "null";
  return R"({"ledger":)" + file_json(rules.ledger) + R"(,"upcasts":)" + file_json(rules.upcasts) +
         '}';
}

std::string rules_text(const RuleFiles& rules) {
  std::string text;
  for (const auto& file : {rules.ledger, rules.upcasts})
    if (file) text += (text.empty() ? "" : " and ") + file->file + " (sha256 " + file->sha256 + ')';
  return text;
}

}  // namespace agentstore::formats
