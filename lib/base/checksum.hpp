// A checksum for what we keep for ourselves: against accidents, not against an attacker.

#pragma once

#include <cstdint>
#include <string_view>

namespace agentstore {

/// XXH64 (Yann Collet; github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md), some 10 GB/s.
std::uint64_t checksum(std::string_view bytes, std::uint64_t seed = 0);

}  // namespace agentstore
