// Base64 (RFC 4648, section 4): with padding, on one line.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace agentstore {

/// Four characters for each three bytes. Up to 1 GiB. Pure; any thread.
std::string to_base64(std::string_view bytes);

/// The bytes; nothing where the text is not exactly what to_base64 gives for them. Pure; any
/// thread.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace agentstore
