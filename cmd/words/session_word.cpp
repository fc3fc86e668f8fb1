#include "cmd/words/session_word.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace agentstore::cmd {

SessionWord parse_session_word(std::string_view word) {
  const std::size_t at = word.rfind('@');
  if (at == word.npos || at == 0 || at + 1 == word.size()) return {word};
  const std::string_view digits = word.substr(at + 1);
  if (digits.find_first_not_of("0123456789") != digits.npos) return {word};
  std::uint64_t number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (read.ec != std::errc{}) number = std::numeric_limits<std::uint64_t>::max();
  return {word.substr(0, at), number};
}

bool is_path(std::string_view session) {
  constexpr std::string_view endings[] = {".jsonl", ".jsonl.gz", ".jsonl.zst", ".html"};
  return session == "-" || session.find('/') != session.npos ||
         std::ranges::any_of(endings,
                             [&](std::string_view ending) { return session.ends_with(ending); });
}

}  // namespace agentstore::cmd
