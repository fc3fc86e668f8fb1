// Bytes that a page carries and unfolds on demand: compressed, then in base64. A browser undoes
// both by itself (atob, DecompressionStream), and so does whoever reads the page back.

#pragma once

#include <string>
#include <string_view>

namespace agentstore::formats {

/// gzip (RFC 1952); the same bytes each time.
std::string gzip(std::string_view bytes);

}  // namespace agentstore::formats
