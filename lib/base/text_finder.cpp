#include "base/text_finder.hpp"

#include <cstring>
#include <utility>

namespace agentstore {
namespace {

std::uint64_t start_of(const char* bytes) {
  std::uint64_t start = 0;
  std::memcpy(&start, bytes, sizeof start);
  return start;
}

}  // namespace

bool TextFinder::add(std::string text, std::size_t tag) {
  if (text.size() < text_bytes_min) return false;
  const std::uint64_t start = start_of(text.data());
  may_start_[slot_of(start)] = 1;
  texts_[start].push_back({std::move(text), tag});
  return true;
}

void TextFinder::find(std::string_view bytes,
                      const std::function<bool(std::size_t tag)>& use) const {
  for (std::size_t at = 0; at + text_bytes_min <= bytes.size(); ++at) {
    const std::uint64_t start = start_of(bytes.data() + at);
    if (may_start_[slot_of(start)] == 0) continue;
    const auto found = texts_.find(start);
    if (found == texts_.end()) continue;
    for (const Text& text : found->second)
      if (bytes.substr(at).starts_with(text.text) && !use(text.tag)) return;
  }
}

}  // namespace agentstore
