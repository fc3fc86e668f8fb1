#include "formats/error.hpp"

#include <fmt/format.h>

#include "agentstore/json.hpp"
#include "formats/escape.hpp"

namespace agentstore::formats {

void write_error_json(Sink& sink, const ErrorAnswer& error) {
  const std::string hint = error.hint.empty() ? "null" : printable_json(json::quote(error.hint));
  sink.write(fmt::format(
      "{{\"error\":{{\"code\":{},\"kind\":{},\"message\":{},\"hint\":{},\"retryable\":{}}}}}\n",
      error.code, json::quote(error.kind), printable_json(json::quote(error.message)), hint,
      error.retryable));
}

}  // namespace agentstore::formats
