#include "agentstore/internal/base64.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cassert>
#include <cstddef>

namespace agentstore {
namespace {

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

std::string to_base64(std::string_view bytes) {
  assert(bytes.size() <= std::size_t{1} << 30);
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // and a NUL
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), raw(bytes),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.empty()) return "";
  constexpr std::size_t text_bytes_max = std::size_t{1} << 30;
  if (text.size() % 4 != 0 || text.size() > text_bytes_max) return std::nullopt;
  std::string out(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), raw(text),
                                   static_cast<int>(text.size()));
  // It leaves out blanks at the ends, and takes a '=' anywhere for a 0.
  if (size < 0 || static_cast<std::size_t>(size) != out.size()) return std::nullopt;
  const std::size_t digits = std::min(text.find('='), text.size());
  if (text.size() - digits > 2) return std::nullopt;
  out.resize(out.size() - (text.size() - digits));
  // The last group may have bits that stand for nothing.
  const std::size_t last = text.size() - 4;
  if (to_base64(std::string_view{out}.substr(last / 4 * 3)) != text.substr(last))
    return std::nullopt;
  return out;
}

}  // namespace agentstore
