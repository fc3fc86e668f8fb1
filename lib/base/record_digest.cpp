#include "agentstore/internal/record_digest.hpp"

#include <array>
#include <cstdint>
#include <cstdio>

namespace agentstore {

// FNV-1a from two starts.
std::string record_digest(std::string_view record) {
  std::uint64_t one = 0xcbf29ce484222325ULL;
  std::uint64_t other = 0x9ae16a3b2f90404fULL;
  for (const char c : record) {
    one = (one ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    other = (other ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL + (other >> 29U);
  }
  std::array<char, 40> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx%016llx",
                static_cast<unsigned long long>(one), static_cast<unsigned long long>(other));
  return digits.data();
}

}  // namespace agentstore
