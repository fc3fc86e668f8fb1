// The rules that shaped an answer.

#pragma once

#include <string>

#include "agentstore/internal/rule_files.hpp"

namespace agentstore::formats {

/// {"ledger":{"file":…,"sha256":…},"upcasts":null}; null where there are none.
std::string rules_json(const RuleFiles& rules);

/// "st/ledger.json (sha256 9f3c…)", of both where there are two; not escaped.
std::string rules_text(const RuleFiles& rules);

}  // namespace agentstore::formats
