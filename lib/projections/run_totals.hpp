// What a headless run states that it used in all, beside what its responses are known to have used
// from elsewhere: a transcript of the same run. The total stands; it counts as far as the responses
// leave something of it.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "agentstore/analysis/responses.hpp"

namespace agentstore {

/// The session that a sub-agent's session ("agent-A.S", "sidechain.S") belongs to; else itself.
std::string_view family_of(std::string_view session_id);

class RunTotals {
 public:
  /// A total that counts. `model`: a string token; empty: of all models.
  void add_total(std::string_view session_id, std::string_view model, const ResponseUse& use);
  /// A response that counts; after the totals. Those of sessions without a total are passed over.
  void add_response(std::string_view session_id, std::string_view model, const ResponseUse& use);

  /// Whether a response's cost is a part of a total's.
  bool covers(std::string_view session_id, std::string_view model) const;
  /// What of a total is not told by responses, and was not given before.
  ResponseUse rest_of(std::string_view session_id, std::string_view model, const ResponseUse& use);

 private:
  struct Balance {
    ResponseUse total;
    ResponseUse told;    ///< by responses
    ResponseUse left;    ///< of that, what no total was reduced by
    bool priced = true;  ///< each of the totals has a cost
  };
  using Key = std::pair<std::string, std::string>;

  const Balance* find(std::string_view session_id, std::string_view model) const;
  static bool has_all(const Balance& balance);

  std::map<Key, Balance> balances_;
};

}  // namespace agentstore
