// Digests, for what names content by its hash.

#pragma once

#include <string>
#include <string_view>

namespace agentstore {

/// The SHA-256 of the bytes: 32 raw bytes. Pure; any thread.
std::string sha256_of(std::string_view bytes);

/// The same as 64 hex digits in small letters.
std::string sha256_hex_of(std::string_view bytes);

}  // namespace agentstore
