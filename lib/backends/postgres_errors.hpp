// What an error of PostgreSQL means for who asked.

#pragma once

#include <string_view>

#include "agentstore/result.hpp"

namespace agentstore {

struct PostgresMeaning {
  Code code;
  const char* hint;  ///< what to do; empty: nothing is known
};

/// Of an SQLSTATE.
PostgresMeaning meaning_of_state(std::string_view state);
/// Of a connection that was refused, of which libpq tells no SQLSTATE, by what was said.
PostgresMeaning meaning_of_refusal(std::string_view said);

}  // namespace agentstore
