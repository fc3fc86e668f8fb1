// In three steps: both histories side by side as far as they are equal, in constant memory; then
// fingerprints of the rest, aligned by whole events; then, between those, by calls and by kinds.

#include "agentstore/analysis/diff.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <optional>
#include <utility>

#include "agentstore/analysis/kinds.hpp"
#include "agentstore/analysis/responses.hpp"
#include "agentstore/filter.hpp"
#include "agentstore/json.hpp"
#include "base/sha256.hpp"
#include "replay/align.hpp"
#include "replay/comparable.hpp"
#include "replay/in_flight.hpp"

namespace agentstore {
namespace {

constexpr std::size_t levels = 3;

// The rest of one side.
struct Side {
  std::vector<std::uint64_t> numbers;
  std::array<std::vector<Fingerprint>, levels> prints;
  std::map<std::uint64_t, Fingerprint> unordered;     ///< by number
  std::map<std::uint64_t, std::string> result_types;  ///< of those that came while others ran

  void add(std::uint64_t number, const Fingerprints& print) {
    numbers.push_back(number);
    prints[0].push_back(print.whole);
    prints[1].push_back(print.call);
    prints[2].push_back(print.kind);
  }
};

class Cursor {
 public:
  explicit Cursor(EventReader& reader) : reader_{reader} {}

  /// To the next event; null at the end.
  Result<const EventView*> next() {
    if (at_ == batch_.size()) {
      const auto batch = reader_.next();
      if (!batch) return std::unexpected(batch.error());
      batch_ = *batch;
      at_ = 0;
      if (batch_.empty()) return nullptr;
    }
    const EventView& event = batch_[at_++];
    if (auto added = totals_.add(event); !added) return std::unexpected(added.error());
    return &event;
  }

  /// Of all events so far. Errors: overflow.
  Result<Totals> totals() const { return totals_.sum(); }

 private:
  EventReader& reader_;
  CountedTotals totals_;
  std::span<const EventView> batch_;
  std::size_t at_ = 0;
};

// What stands for an event that may come at another place.
class Movable {
 public:
  explicit Movable(const std::vector<std::string>& types) : types_{types} {}

  // Of one of the types, its content; of a result that came while other calls were in flight, the
  // call that it answers, too. Give it every event, in order.
  void take(const EventView& event, const Fingerprints& prints, Side& side, bool differs) {
    const EventKind kind = kind_of_type(event.type);
    if (kind == EventKind::message) in_flight_.message();
    if (kind == EventKind::call) in_flight_.open(event, prints.call);
    const auto call = kind == EventKind::result ? in_flight_.close(event) : std::nullopt;
    if (!differs) return;
    if (std::ranges::any_of(types_, [&](const std::string& pattern) {
          return matches_pattern(pattern, event.type);
        })) {
      side.unordered.emplace(event.sequence_number, prints.whole);
    } else if (call && call->shared) {
      side.unordered.emplace(event.sequence_number, print_of(*call, prints.whole));
      side.result_types.emplace(event.sequence_number, event.type);
    }
  }

 private:
  static Fingerprint print_of(const InFlight::Call& call, const Fingerprint& result) {
    const auto bytes = [](const Fingerprint& print) {
      return std::string{reinterpret_cast<const char*>(print.data()), sizeof print};
    };
    const Hash hash = sha256({bytes(call.print), std::to_string(call.ordinal), bytes(result)});
    Fingerprint print;
    std::memcpy(print.data(), hash.data(), sizeof print);
    return print;
  }

  const std::vector<std::string>& types_;
  InFlight in_flight_;
};

class Differ {
 public:
  Differ(EventReader& a, EventReader& b, const DiffOptions& options, Comparable comparable)
      : a_{a},
        b_{b},
        options_{options},
        comparable_{std::move(comparable)},
        movable_a_{options.unordered},
        movable_b_{options.unordered} {}

  Result<Diff> run() {
    if (auto read = read_prefix(); !read) return std::unexpected(read.error());
    if (auto read = read_rest(a_, side_a_, movable_a_, diff_.unaligned_a); !read)
      return std::unexpected(read.error());
    if (auto read = read_rest(b_, side_b_, movable_b_, diff_.unaligned_b); !read)
      return std::unexpected(read.error());
    auto totals_a = a_.totals();
    if (!totals_a) return std::unexpected(totals_a.error());
    auto totals_b = b_.totals();
    if (!totals_b) return std::unexpected(totals_b.error());
    diff_.totals_a = std::move(*totals_a);
    diff_.totals_b = std::move(*totals_b);
    diff_.equal = diff_.common_prefix;
    refine(0, 0, side_a_.numbers.size(), 0, side_b_.numbers.size());
    match_unordered();
    return std::move(diff_);
  }

 private:
  Result<void> read_prefix() {
    for (;;) {
      const auto a = a_.next();
      if (!a) return std::unexpected(a.error());
      const auto b = b_.next();
      if (!b) return std::unexpected(b.error());
      if (*a == nullptr && *b == nullptr) return {};
      const bool both = *a != nullptr && *b != nullptr;
      const Fingerprints print_a = *a == nullptr ? Fingerprints{} : comparable_.fingerprints(**a);
      const Fingerprints print_b = *b == nullptr ? Fingerprints{} : comparable_.fingerprints(**b);
      const bool equal = both && print_a.whole == print_b.whole;
      if (*a != nullptr) movable_a_.take(**a, print_a, side_a_, !equal);
      if (*b != nullptr) movable_b_.take(**b, print_b, side_b_, !equal);
      if (equal) {
        ++diff_.common_prefix;
        continue;
      }
      if (*a != nullptr) side_a_.add((*a)->sequence_number, print_a);
      if (*b != nullptr) side_b_.add((*b)->sequence_number, print_b);
      return {};
    }
  }

  Result<void> read_rest(Cursor& cursor, Side& side, Movable& movable, std::uint64_t& unaligned) {
    for (;;) {
      const auto event = cursor.next();
      if (!event) return std::unexpected(event.error());
      if (*event == nullptr) return {};
      if (side.numbers.size() >= options_.aligned_max) {
        ++unaligned;
        continue;
      }
      const Fingerprints prints = comparable_.fingerprints(**event);
      movable.take(**event, prints, side, true);
      side.add((*event)->sequence_number, prints);
    }
  }

  // Of the events that differ and may come at any place, those of a that b has elsewhere.
  void match_unordered() {
    if (side_a_.unordered.empty() || side_b_.unordered.empty()) return;
    std::multimap<Fingerprint, DiffStep*> elsewhere;
    for (DiffStep& step : diff_.steps)
      if (const auto found = side_b_.unordered.find(step.b); found != side_b_.unordered.end())
        elsewhere.emplace(found->second, &step);
    for (DiffStep& step : diff_.steps) {
      const auto own = side_a_.unordered.find(step.a);
      if (own == side_a_.unordered.end()) continue;
      const auto other = elsewhere.find(own->second);
      if (other == elsewhere.end()) continue;
      if (const auto type = side_a_.result_types.find(step.a); type != side_a_.result_types.end())
        diff_.moved_types.insert(type->second);
      step.a = 0;
      other->second->b = 0;
      elsewhere.erase(other);
      ++diff_.equal;
    }
    std::erase(diff_.steps, DiffStep{});
  }

  // A stretch in which nothing matched so far.
  void refine(std::size_t level, std::size_t from_a, std::size_t to_a, std::size_t from_b,
              std::size_t to_b) {
    if (level == levels || from_a == to_a || from_b == to_b) {
      for (; from_a < to_a; ++from_a) diff_.steps.push_back({side_a_.numbers[from_a], 0});
      for (; from_b < to_b; ++from_b) diff_.steps.push_back({0, side_b_.numbers[from_b]});
      return;
    }
    Alignment found =
        align(std::span{side_a_.prints[level]}.subspan(from_a, to_a - from_a),
              std::span{side_b_.prints[level]}.subspan(from_b, to_b - from_b), options_.cost_max);
    diff_.cut_off = diff_.cut_off || !found.shortest;
    found.matches.push_back({to_a - from_a, to_b - from_b, 0});
    std::size_t at_a = from_a;
    std::size_t at_b = from_b;
    for (const Match& match : found.matches) {
      refine(level + 1, at_a, from_a + match.at_a, at_b, from_b + match.at_b);
      at_a = from_a + match.at_a + match.size;
      at_b = from_b + match.at_b + match.size;
      if (level == 0) diff_.equal += match.size;
      for (std::size_t i = match.size; level != 0 && i > 0; --i)
        diff_.steps.push_back({side_a_.numbers[at_a - i], side_b_.numbers[at_b - i]});
    }
  }

  Diff diff_;
  Cursor a_;
  Cursor b_;
  const DiffOptions& options_;
  Comparable comparable_;
  Movable movable_a_;
  Movable movable_b_;
  Side side_a_;
  Side side_b_;
};

class Changes {
 public:
  Changes(const Comparable& comparable, const UseChange& use)
      : comparable_{comparable}, use_{use} {}

  // Members of two objects under `parent`, in the order of the first.
  void add_members(std::string_view a, std::string_view b, const std::string& parent) {
    if (!going_) return;
    for_each_changed_field(a, b, [&](const FieldPair& pair) {
      return add(parent + pair.pointer, pair.first.value_or(std::string_view{}),
                 pair.second.value_or(std::string_view{}));
    });
  }

  // False once enough was given.
  bool add(const std::string& pointer, std::string_view a, std::string_view b) {
    if (!going_ || !comparable_.counts(pointer)) return going_;
    const auto normal = [&](std::string_view value) {
      return value.empty() ? std::string{} : comparable_.normal(value, pointer);
    };
    if (normal(a) != normal(b)) going_ = use_({pointer, a, b});
    return going_;
  }

 private:
  const Comparable& comparable_;
  const UseChange& use_;
  bool going_ = true;
};

bool is_object(std::string_view value) {
  return json::kind_of(value) == json::Kind::object;
}

}  // namespace

Result<Diff> diff(EventReader& a, EventReader& b, const DiffOptions& options) {
  auto comparable = Comparable::make(options.ignored);
  if (!comparable) return std::unexpected(comparable.error());
  return Differ{a, b, options, std::move(*comparable)}.run();
}

void for_each_change(const EventView& a, const EventView& b, const DiffOptions& options,
                     const UseChange& use) {
  const auto comparable = Comparable::make(options.ignored);
  if (!comparable) return;
  Changes changes{*comparable, use};
  if (a.type != b.type) {
    const std::string type_a = json::quote(a.type);
    const std::string type_b = json::quote(b.type);
    changes.add("/type", type_a, type_b);
  }
  const auto metadata = [](const EventView& event, std::string_view name) {
    return json::find(event.metadata, name).value_or(std::string_view{});
  };
  for (const std::string name : {"model", "tool_name"})
    changes.add("/metadata/" + name, metadata(a, name), metadata(b, name));
  if (is_object(a.payload) && is_object(b.payload))
    changes.add_members(a.payload, b.payload, "/payload");
  else changes.add("/payload", a.payload, b.payload);
}

void for_each_change(std::string_view a, std::string_view b, const DiffOptions& options,
                     const UseChange& use) {
  const auto comparable = Comparable::make(options.ignored);
  if (comparable) Changes{*comparable, use}.add_members(a, b, "");
}

}  // namespace agentstore
