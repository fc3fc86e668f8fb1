#include "agentstore/analysis/turn_difference.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "replay/comparable.hpp"

namespace agentstore {
namespace {

constexpr std::array<std::string_view, turn_verdicts> names{"same", "reworded", "changed",
                                                            "tool_calls_changed", "error"};

}  // namespace

std::string_view turn_verdict_name(TurnVerdict verdict) {
  return names[static_cast<std::size_t>(verdict)];
}

struct TurnComparer::Impl {
  Comparable comparable;
  bool by_words;

  std::string print_of(const TurnCall& call) const {
    std::string print = std::to_string(call.tool.size()) + ':' + call.tool;
    if (!call.arguments.empty()) print += comparable.normal(call.arguments, "/payload/args");
    print += '\n';
    if (call.result) print += comparable.normal(*call.result, "/payload");
    return print;
  }

  std::vector<std::string> prints_of(const std::vector<TurnCall>& calls) const {
    std::vector<std::string> prints;
    prints.reserve(calls.size());
    for (const TurnCall& call : calls) prints.push_back(print_of(call));
    return prints;
  }

  // Where the group that the call at `at` is of ends.
  static std::size_t group_end(const std::vector<TurnCall>& calls, std::size_t at) {
    std::size_t end = at + 1;
    while (end < calls.size() && calls[end].group == calls[at].group) ++end;
    return end;
  }

  // Stretch by stretch, each of which ends where no group of either side goes on.
  bool same_calls(const Turn& a, const Turn& b) const {
    if (a.calls.size() != b.calls.size()) return false;
    std::vector<std::string> prints_a = prints_of(a.calls);
    std::vector<std::string> prints_b = prints_of(b.calls);
    for (std::size_t at = 0; at < prints_a.size();) {
      std::size_t end = at + 1;
      for (std::size_t i = at; i < end; ++i)
        end = std::max({end, group_end(a.calls, i), group_end(b.calls, i)});
      const auto sort = [&](std::vector<std::string>& prints) {
        std::sort(prints.begin() + static_cast<std::ptrdiff_t>(at),
                  prints.begin() + static_cast<std::ptrdiff_t>(end));
      };
      sort(prints_a);
      sort(prints_b);
      at = end;
    }
    return prints_a == prints_b;
  }

  bool same_text(const std::string& a, const std::string& b) const {
    return same_but_for_space(a, b) || (by_words && same_words(a, b));
  }
};

TurnComparer::TurnComparer(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
TurnComparer::TurnComparer(TurnComparer&&) noexcept = default;
TurnComparer& TurnComparer::operator=(TurnComparer&&) noexcept = default;
TurnComparer::~TurnComparer() = default;

Result<TurnComparer> TurnComparer::make(const TurnRules& rules) {
  auto comparable = Comparable::make(rules.ignored);
  if (!comparable) return std::unexpected(comparable.error());
  return TurnComparer{std::make_unique<Impl>(std::move(*comparable), rules.by_words)};
}

TurnVerdict TurnComparer::compare(const Turn& recorded, const Turn& answer) const {
  if (!answer.error.empty()) return TurnVerdict::error;
  if (!impl_->same_calls(recorded, answer)) return TurnVerdict::tool_calls_changed;
  if (impl_->same_text(recorded.answer, answer.answer)) return TurnVerdict::same;
  return is_reworded(recorded.answer, answer.answer) ? TurnVerdict::reworded : TurnVerdict::changed;
}

CallDifference TurnComparer::calls(const Turn& recorded, const Turn& answer) const {
  const std::vector<std::string> before = impl_->prints_of(recorded.calls);
  std::vector<std::string> after = impl_->prints_of(answer.calls);
  std::vector<bool> met(after.size());
  CallDifference difference;
  for (std::size_t i = 0; i < before.size(); ++i) {
    std::size_t at = 0;
    while (at < after.size() && (met[at] || after[at] != before[i])) ++at;
    if (at < after.size()) met[at] = true;
    else difference.missing.push_back(i);
  }
  for (std::size_t at = 0; at < after.size(); ++at)
    if (!met[at]) difference.added.push_back(at);
  return difference;
}

}  // namespace agentstore
