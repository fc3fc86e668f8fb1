#include "cmd/gates/unmatched.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string_view>

#include "agentstore/analysis/kinds.hpp"
#include "agentstore/internal/by_text.hpp"
#include "agentstore/internal/nearest.hpp"
#include "agentstore/parts.hpp"

namespace agentstore::cmd {
namespace {

// What any log may come to have: that it has none of it is an answer, not a slip.
bool is_known(const std::string& pattern) {
  const auto fits = [&](std::string_view type) { return matches_pattern(pattern, type); };
  return pattern.starts_with("agentstore.") ||
         std::ranges::any_of(known_types(), fits, &KnownType::type);
}

using Types = std::set<std::string, std::less<>>;

class TypesPart final : public Part {
 public:
  void restart() override { types.clear(); }
  Result<void> take(std::span<const EventView> events) override {
    for (const EventView& event : events)
      if (!types.contains(event.type)) types.emplace(event.type);
    return {};
  }
  Types types;
};

/// What the sessions hold, as far as they can be read.
struct Held {
  Types types;
  std::uint64_t last_sequence_number = 0;
};

Held look_at(std::span<const Input* const> sessions) {
  Held held;
  const Parts parts{.make = [] { return std::make_unique<TypesPart>(); },
                    .join =
                        [&](Part& part) {
                          held.types.merge(dynamic_cast<TypesPart&>(part).types);
                          return Joined::taken;
                        },
                    .depth = Depth::ends};
  for (const Input* const session : sessions) {
    const auto report = session->read_parts({.on_corrupt = OnCorrupt::prefix}, parts);
    if (report)
      held.last_sequence_number = std::max(held.last_sequence_number, report->last_sequence_number);
  }
  return held;
}

bool fits_one(const std::string& pattern, const auto& types) {
  return std::ranges::any_of(types,
                             [&](const auto& type) { return matches_pattern(pattern, type); });
}

}  // namespace

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
  const std::string near = nearest(word, known);
  return near.empty() ? near : "did you mean " + in_quotes(near) + "?";
}

bool any_event_of_another_type(std::span<const Input* const> sessions, Filter filter) {
  if (filter.types.empty() && filter.not_types.empty()) return false;
  filter.types.clear();
  filter.not_types.clear();
  return std::ranges::any_of(sessions, [&](const Input* session) {
    const auto reader = session->read({.filter = filter, .on_corrupt = OnCorrupt::prefix});
    const auto batch = reader ? (*reader)->next() : std::span<const EventView>{};
    return batch && !batch->empty();
  });
}

void tell_unmatched(Gate& gate, Context& context, std::span<const Input* const> sessions,
                    const Filter& filter, std::span<const std::string> matched) {
  const auto in_doubt = [&](const std::string& pattern) {
    return !fits_one(pattern, matched) && !is_known(pattern);
  };
  const bool range_in_doubt = matched.empty() && filter.from_seq > 1;
  if (!range_in_doubt && !std::ranges::any_of(filter.types, in_doubt) &&
      std::ranges::all_of(filter.not_types, is_known))
    return;
  const Held held = look_at(sessions);
  if (range_in_doubt && filter.from_seq > held.last_sequence_number)
    gate.unmatched(fmt::format("there is no event #{}: the last is #{}", filter.from_seq,
                               held.last_sequence_number),
                   {});
  const std::vector<std::string> types{held.types.begin(), held.types.end()};
  // What was mistyped may be of the vocabulary, and none of it here.
  std::vector<std::string> nameable = types;
  for (const KnownType& known : known_types()) nameable.emplace_back(known.type);
  const auto meant = [&](const std::string& pattern) {
    std::string hint = did_you_mean(pattern, types);
    return hint.empty() ? did_you_mean(pattern, nameable) : hint;
  };
  const auto said = [](const std::string& pattern) {
    return "no event is of type " + in_quotes(pattern);
  };
  for (const std::string& pattern : filter.types)
    if (in_doubt(pattern) && !fits_one(pattern, types))
      gate.unmatched(said(pattern), meant(pattern));
  for (const std::string& pattern : filter.not_types) {
    if (is_known(pattern) || fits_one(pattern, types)) continue;
    const std::string hint = meant(pattern);
    context.note(said(pattern) + (hint.empty() ? hint : "; " + hint));
  }
}

}  // namespace agentstore::cmd
