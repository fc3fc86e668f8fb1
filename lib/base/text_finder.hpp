// Many texts looked for at once, in one pass over the bytes.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace agentstore {

class TextFinder {
 public:
  /// Shorter texts cannot be looked for.
  static constexpr std::size_t text_bytes_min = 8;

  /// False: it is too short. `tag` is given back where it is found.
  bool add(std::string text, std::size_t tag);
  bool empty() const { return texts_.empty(); }
  /// Gives the tag of each text that stands in `bytes`, as often as it does, until `use` says
  /// false.
  void find(std::string_view bytes, const std::function<bool(std::size_t tag)>& use) const;

 private:
  struct Text {
    std::string text;
    std::size_t tag;
  };
  static constexpr std::size_t filter_bits = 16;
  static std::size_t slot_of(std::uint64_t start) {
    return static_cast<std::size_t>((start * 0x9E3779B97F4A7C15ULL) >> (64 - filter_bits));
  }

  std::unordered_map<std::uint64_t, std::vector<Text>> texts_;  // by their first eight bytes
  std::vector<char> may_start_ = std::vector<char>(std::size_t{1} << filter_bits);
};

}  // namespace agentstore
