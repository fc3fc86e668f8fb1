// An event as agents write them: a model's answer, about 600 bytes as a line.

#pragma once

#include <string>

#include "agentstore/event.hpp"

namespace agentstore::perf {

inline Draft typical_event() {
  const std::string text(260, 'x');
  return {.type = "llm_response",
          .payload = R"({"content":")" + text + R"(","finish_reason":"stop"})",
          .metadata = R"({"model":"m-1","tokens_in":812,"tokens_out":145})"};
}

}  // namespace agentstore::perf
