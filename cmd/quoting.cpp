#include "cmd/quoting.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t word_bytes_max = 4096;  // a path, an id: PATH_MAX of Linux

}  // namespace

std::string cut_bytes(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string{text};
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string{text.substr(0, end)} + "…";
}

std::string in_quotes(std::string_view word) {
  return "\"" + cut_bytes(word, word_bytes_max) + "\"";
}

std::string shell_word(std::string_view word) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:=,@+";
  if (!word.empty() && word.find_first_not_of(plain) == word.npos) return std::string{word};
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'') quoted += "'\\''";
    else quoted += c;
  }
  return quoted + "'";
}

}  // namespace agentstore::cmd
