#include "base/json_string.hpp"

#include "base/json_blocks.hpp"

namespace agentstore::json {
namespace {

#if defined(__SSE2__)
constexpr std::ptrdiff_t digits_bytes = 4;  // what is_escape reads ahead

// Whether each of those bits of a block stands behind a backslash as it may. Most blocks have none,
// one or two, which take no branch.
bool are_escapes(const char* block, std::uint64_t bits) {
  constexpr std::uint64_t last = std::uint64_t{1} << 63U;
  bool good = true;
  const auto look_at_next = [&] {
    good &= (bits == 0) | is_escape(block + __builtin_ctzll(bits | last));
    bits &= bits - 1;
  };
  do {
    look_at_next();
    look_at_next();
  } while (bits != 0);
  return good;
}
#endif

}  // namespace

const char* skip_checked(const char* at, const char* end) {
#if defined(__SSE2__)
  Escapes escapes;
  for (; end - at >= block_bytes + digits_bytes; at += block_bytes) {
    const Block block{at};
    const std::uint64_t escaped = escapes.next(block.equal('\\'));
    const std::uint64_t quotes = block.equal('"') & ~escaped;
    const std::uint64_t inside = (quotes - 1) & ~quotes;
    if (block.has_control() || !are_escapes(at, escaped & inside)) return nullptr;
    if (quotes != 0) return at + __builtin_ctzll(quotes) + 1;
  }
  at -= escapes.carried();
#endif
  for (;;) {
    at = skip_plain<HighBytes::let_through>(at, end);
    if (at == end) return nullptr;
    if (*at == '"') return at + 1;
    if (*at != '\\' || !is_escape(at + 1, end)) return nullptr;
    at += at[1] == 'u' ? 6 : 2;
  }
}

}  // namespace agentstore::json
