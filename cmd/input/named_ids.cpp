#include "cmd/input/named_ids.hpp"

#include <algorithm>
#include <cstddef>

#include "cmd/input/byte_input.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{256} << 10;
/// More than a key with its id takes.
constexpr std::size_t overlap_bytes = 512;

}  // namespace

NamedIds::NamedIds()
    : keys_{BytePattern::of("sessionId", false), BytePattern::of("session_id", false)} {}

Result<void> NamedIds::add(const std::string& path) {
  auto input = ByteInput::open(path);
  if (!input) return std::unexpected{input.error()};
  std::string bytes;
  for (;;) {
    const std::size_t kept = std::min(bytes.size(), overlap_bytes);
    bytes.erase(0, bytes.size() - kept);
    Result<std::size_t> got = 0;
    bytes.resize_and_overwrite(kept + chunk_bytes, [&](char* into, std::size_t) {
      got = input->read(into + kept, chunk_bytes);
      return kept + got.value_or(0);
    });
    if (!got) return std::unexpected{got.error()};
    if (*got == 0) return {};
    take(bytes);
  }
}

void NamedIds::take(std::string_view bytes) {
  for (const BytePattern& key : keys_)
    for (auto found = key.find(bytes); found; found = key.find(bytes, found.at + 1)) {
      const std::string_view rest = bytes.substr(found.at + key.size());
      const std::size_t open = rest.find_first_not_of("\": ");
      const std::size_t close = open == rest.npos ? open : rest.find('"', open);
      if (close == rest.npos) continue;
      const std::string_view id = rest.substr(open, close - open);
      if (id == last_) continue;
      last_ = id;
      ids_.insert(last_);
    }
}

bool names_one(const std::string& path, const NamedIds::Ids& ids) {
  NamedIds named;
  if (!named.add(path)) return true;
  return std::ranges::any_of(named.ids(), [&](const std::string& id) { return ids.contains(id); });
}

std::string raw_session_id(std::string_view id) {
  return std::string{id.substr(id.rfind('.') + 1)};
}

}  // namespace agentstore::cmd
