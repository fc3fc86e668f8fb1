#include "base/checksum.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace agentstore {
namespace {

constexpr std::uint64_t prime_1 = 0x9E3779B185EBCA87;
constexpr std::uint64_t prime_2 = 0xC2B2AE3D27D4EB4F;
constexpr std::uint64_t prime_3 = 0x165667B19E3779F9;
constexpr std::uint64_t prime_4 = 0x85EBCA77C2B2AE63;
constexpr std::uint64_t prime_5 = 0x27D4EB2F165667C5;

template <class Number>
std::uint64_t take(std::string_view& bytes) {
  Number number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  if constexpr (std::endian::native == std::endian::big && sizeof number == 8)
    number = __builtin_bswap64(number);
  if constexpr (std::endian::native == std::endian::big && sizeof number == 4)
    number = __builtin_bswap32(number);
  bytes.remove_prefix(sizeof number);
  return number;
}

std::uint64_t round(std::uint64_t lane, std::uint64_t input) {
  return std::rotl(lane + input * prime_2, 31) * prime_1;
}

std::uint64_t stripes(std::string_view& bytes, std::uint64_t seed) {
  std::array lanes{seed + prime_1 + prime_2, seed + prime_2, seed, seed - prime_1};
  while (bytes.size() >= 32)
    for (std::uint64_t& lane : lanes) lane = round(lane, take<std::uint64_t>(bytes));
  std::uint64_t hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) +
                       std::rotl(lanes[3], 18);
  for (const std::uint64_t lane : lanes) hash = (hash ^ round(0, lane)) * prime_1 + prime_4;
  return hash;
}

}  // namespace

std::uint64_t checksum(std::string_view bytes, std::uint64_t seed) {
  const std::uint64_t size = bytes.size();
  std::uint64_t hash = (size >= 32 ? stripes(bytes, seed) : seed + prime_5) + size;
  while (bytes.size() >= 8)
    hash = std::rotl(hash ^ round(0, take<std::uint64_t>(bytes)), 27) * prime_1 + prime_4;
  if (bytes.size() >= 4)
    hash = std::rotl(hash ^ take<std::uint32_t>(bytes) * prime_1, 23) * prime_2 + prime_3;
  while (!bytes.empty()) hash = std::rotl(hash ^ take<std::uint8_t>(bytes) * prime_5, 11) * prime_1;
  hash = (hash ^ (hash >> 33U)) * prime_2;
  hash = (hash ^ (hash >> 29U)) * prime_3;
  return hash ^ (hash >> 32U);
}

}  // namespace agentstore
