#include "formats/text/error.hpp"

#include <fmt/format.h>

#include "agentstore/json.hpp"
#include "formats/text/escape.hpp"

namespace agentstore::formats {

void write_error_json(Sink& sink, const ErrorAnswer& error) {
  const std::string hint = error.hint.empty() ? "null" : printable_json(json::quote(error.hint));
  sink.write(fmt::format(
      "{{\"error\":{{\"code\":{},\"kind\":{},\"message\":{},\"hint\":{},\"retryable\":{}}}}}\n",
      error.code, json::quote(error.kind), printable_json(json::quote(error.message)), hint,
      error.retryable));
}

void write_remark_json(Sink& sink, std::string_view kind, std::string_view message) {
  sink.write(fmt::format("{{{}:{{\"message\":{}}}}}\n", json::quote(kind),
                         printable_json(json::quote(message))));
}

}  // namespace agentstore::formats
