#include "agentstore/internal/nearest.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace agentstore {
namespace {

constexpr std::size_t word_bytes_max = 128;

/// What people call fields first; of several the first that is among the candidates.
constexpr std::pair<std::string_view, std::string_view> names_elsewhere[] = {
    {"cost", "cost_total_usd"}, {"price", "cost_total_usd"},
    {"usd", "cost_total_usd"},  {"tokens", "tokens_in"},
    {"tokens", "tokens_out"},   {"tool", "tool_name"},
    {"tool", "tool_calls"},     {"tools", "tool_calls"},
    {"calls", "tool_calls"},    {"name", "tool_name"},
    {"args", "tool_args"},      {"arguments", "tool_args"},
    {"input", "tool_args"},     {"duration", "duration_ms"},
    {"time", "timestamp"},      {"at", "timestamp"},
    {"error", "failed"},        {"error", "errors"},
    {"failed", "tool_errors"},  {"failures", "tool_errors"},
    {"content", "text"},        {"message", "text"},
    {"path", "file"},           {"id", "event_id"},
    {"session", "session_id"},  {"number", "seq"},
    {"event_count", "events"},
};

/// Insertions, deletions, replacements and swaps of neighbours (Damerau and Levenshtein).
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> before_last(right.size() + 1);
  std::vector<std::size_t> last(right.size() + 1);
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= left.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      row[j] = std::min(
          {last[j] + 1, row[j - 1] + 1, last[j - 1] + (left[i - 1] == right[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[right.size()];
}

/// Whether somebody stopped in the middle of the candidate: a letter alone says too little.
bool is_begun_by(std::string_view candidate, std::string_view word) {
  return word.find_first_not_of('-') + 2 <= word.size() && candidate.starts_with(word);
}

/// The shortest that begins with the word; of several the first.
std::string begun_by(std::string_view word, std::span<const std::string> candidates) {
  std::string_view best;
  for (const std::string& candidate : candidates)
    if (is_begun_by(candidate, word) && candidate != word)
      if (best.empty() || candidate.size() < best.size()) best = candidate;
  return std::string{best};
}

}  // namespace

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
  if (word.empty() || word.size() > word_bytes_max) return {};
  if (std::string begun = begun_by(word, candidates); !begun.empty()) return begun;
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.empty() || candidate.size() > word_bytes_max) continue;
    if (std::max(candidate.size(), word.size()) - std::min(candidate.size(), word.size()) >=
        best_distance)
      continue;
    const std::size_t found = distance(word, candidate);
    if (found >= best_distance || found >= std::max(word.size(), candidate.size())) continue;
    best_distance = found;
    best = candidate;
  }
  return best;
}

std::string nearest_field_name(std::string_view word, std::span<const std::string> candidates) {
  for (const auto& [elsewhere, ours] : names_elsewhere)
    if (elsewhere == word && std::ranges::find(candidates, ours) != candidates.end())
      return std::string{ours};
  return nearest(word, candidates);
}

}  // namespace agentstore
