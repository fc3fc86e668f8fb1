#include "cmd/front.hpp"

#include <algorithm>
#include <string_view>

#include "cmd/foreign_words.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::string_view front_flags_with_value[] = {"--store", "--data-dir", "--color", "--tz",
                                                       "--format"};
constexpr std::string_view front_flags[] = {"--json", "--no-pager", "--help", "-h", "--version",
                                            "-V",     "--utc",      "--wide", "-v", "--verbose"};

}  // namespace

Front read_front(const std::vector<std::string>& words) {
  Front front;
  std::size_t& at = front.command_at;
  for (; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (!word.starts_with('-') || word == "-") break;
    if (word == "--") {
      ++at;
      break;
    }
    if (std::ranges::find(front_flags, word) != std::end(front_flags)) continue;
    const std::string flag = word.substr(0, word.find('='));
    const bool valued =
        std::ranges::find(front_flags_with_value, flag) != std::end(front_flags_with_value);
    if (!valued && front.unknown.empty()) front.unknown = flag;
    if (!valued || flag.size() < word.size()) continue;
    if (++at == words.size()) front.without_value = flag;
  }
  at = std::min(at, words.size());
  return front;
}

bool given(std::span<const std::string> words, std::string_view flag) {
  const auto end = std::ranges::find(words, "--");
  return std::find(words.begin(), end, flag) != end;
}

void split_empty_values(std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    if (!words[i].starts_with("--") || !words[i].ends_with('=')) continue;
    if (words[i].find('=') != words[i].size() - 1) continue;
    words[i].pop_back();
    words.insert(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, std::string{});
    ++i;
  }
}

std::string front_flag_hint(const std::string& flag) {
  std::vector<std::string> flags{std::begin(front_flags), std::end(front_flags)};
  flags.insert(flags.end(), std::begin(front_flags_with_value), std::end(front_flags_with_value));
  const std::string near = instead_of_flag(flag, flags);
  return near.empty() ? "a command comes first" : "did you mean " + near + "?";
}

}  // namespace agentstore::cmd
