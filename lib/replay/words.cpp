#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "agentstore/analysis/turn_difference.hpp"
#include "agentstore/json.hpp"
#include "replay/align.hpp"

namespace agentstore {
namespace {

constexpr std::size_t cost_max = 1024;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::vector<std::string> words_in(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_word(text[end])) ++end;
    if (end > at) {
      std::string& word = words.emplace_back(text.substr(at, end - at));
      for (char& c : word)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    at = std::max(end, at + 1);
  }
  return words;
}

// Sorted: how often each occurs counts, where does not.
std::vector<std::string> numbers_in(std::string_view text) {
  std::vector<std::string> numbers;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_digit(text[at])) {
      ++at;
      continue;
    }
    const bool negative = at > 0 && text[at - 1] == '-' && (at == 1 || !is_word(text[at - 2]));
    std::size_t end = at;
    const auto goes_on = [&] {
      return is_digit(text[end]) || ((text[end] == '.' || text[end] == ',') &&
                                     end + 1 < text.size() && is_digit(text[end + 1]));
    };
    while (end < text.size() && goes_on()) ++end;
    numbers.push_back((negative ? "-" : "") + std::string{text.substr(at, end - at)});
    at = end;
  }
  std::ranges::sort(numbers);
  return numbers;
}

std::vector<std::string_view> split_at_space(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && !json::is_space(text[end])) ++end;
    if (end > at) parts.push_back(text.substr(at, end - at));
    at = std::max(end, at + 1);
  }
  return parts;
}

class Changes {
 public:
  Changes(std::string_view from, std::string_view to)
      : from_{split_at_space(from)}, to_{split_at_space(to)} {}

  std::vector<WordChange> run() {
    Alignment found = align(prints_of(from_), prints_of(to_), cost_max);
    found.matches.push_back({from_.size(), to_.size(), 0});
    std::size_t at_from = 0;
    std::size_t at_to = 0;
    for (const Match& match : found.matches) {
      while (at_from < match.at_a) add(WordChange::Kind::removed, from_[at_from++]);
      while (at_to < match.at_b) add(WordChange::Kind::added, to_[at_to++]);
      for (std::size_t i = 0; i < match.size; ++i, ++at_from, ++at_to)
        add(WordChange::Kind::both, from_[at_from]);
    }
    return std::move(changes_);
  }

 private:
  std::vector<Fingerprint> prints_of(const std::vector<std::string_view>& parts) {
    std::vector<Fingerprint> prints;
    prints.reserve(parts.size());
    for (const std::string_view part : parts)
      prints.push_back({numbers_.emplace(part, numbers_.size()).first->second, 0});
    return prints;
  }

  void add(WordChange::Kind kind, std::string_view part) {
    if (changes_.empty() || changes_.back().kind != kind) changes_.push_back({kind, {}});
    std::string& text = changes_.back().text;
    if (!text.empty()) text += ' ';
    text += part;
  }

  std::vector<std::string_view> from_;
  std::vector<std::string_view> to_;
  std::map<std::string_view, std::uint64_t> numbers_;
  std::vector<WordChange> changes_;
};

}  // namespace

std::vector<WordChange> word_changes(std::string_view from, std::string_view to) {
  return Changes{from, to}.run();
}

bool is_reworded(std::string_view from, std::string_view to, double share) {
  if (numbers_in(from) != numbers_in(to)) return false;
  const auto set_of = [](std::string_view text) {
    auto words = words_in(text);
    return std::set<std::string>{words.begin(), words.end()};
  };
  const std::set<std::string> a = set_of(from);
  const std::set<std::string> b = set_of(to);
  const auto common = static_cast<double>(
      std::ranges::count_if(a, [&](const std::string& word) { return b.contains(word); }));
  const double all = static_cast<double>(a.size() + b.size()) - common;
  return all == 0 || common >= share * all;
}

bool same_words(std::string_view a, std::string_view b) {
  return words_in(a) == words_in(b);
}

bool same_but_for_space(std::string_view a, std::string_view b) {
  return split_at_space(a) == split_at_space(b);
}

}  // namespace agentstore
