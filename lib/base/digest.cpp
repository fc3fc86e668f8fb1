#include "agentstore/internal/digest.hpp"

#include "base/sha256.hpp"

namespace agentstore {

std::string sha256_of(std::string_view bytes) {
  return std::string{bytes_of(sha256({bytes}))};
}

std::string sha256_hex_of(std::string_view bytes) {
  return std::string{view_of(hex_of(sha256({bytes})))};
}

}  // namespace agentstore
