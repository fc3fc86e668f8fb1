#include "cmd/input/session_copies.hpp"

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

namespace agentstore::cmd {
namespace {

/// The events of a log one by one, but for the store's own.
class OneByOne {
 public:
  explicit OneByOne(std::unique_ptr<EventReader> reader) : reader_{std::move(reader)} {}

  /// Null at the end; it lives until the next call.
  Result<const EventView*> next() {
    for (;;) {
      while (at_ < batch_.size()) {
        const EventView& event = batch_[at_++];
        if (!event.type.starts_with("agentstore.")) return &event;
      }
      const auto batch = reader_->next();
      if (!batch) return std::unexpected{batch.error()};
      if (batch->empty()) return nullptr;
      batch_ = *batch;
      at_ = 0;
    }
  }

  bool is_sound() const {
    const Verdict verdict = reader_->report().verdict;
    return verdict != Verdict::torn && verdict != Verdict::damaged && verdict != Verdict::lost;
  }

 private:
  std::unique_ptr<EventReader> reader_;
  std::span<const EventView> batch_;
  std::size_t at_ = 0;
};

Result<OneByOne> events_of(const Input& input) {
  auto reader = input.read({.on_corrupt = OnCorrupt::prefix, .raw = true});
  if (!reader) return std::unexpected{reader.error()};
  return OneByOne{std::move(*reader)};
}

bool are_equal_but_for_payloads(const EventView& a, const EventView& b) {
  return a.session_id == b.session_id && a.event_id == b.event_id && a.type == b.type &&
         a.timestamp == b.timestamp && std::string_view{a.metadata} == std::string_view{b.metadata};
}

/// Looks for the log that has all others of a session, and leaves these out.
class Leaving {
 public:
  Leaving(const Inputs& inputs, std::span<const std::string> ids, const CopyOptions& options)
      : inputs_{inputs}, ids_{ids}, options_{options} {}

  Result<void> look_at(std::size_t i) {
    if (ids_[i].empty()) return {};
    const auto [place, is_new] = kept_.emplace(ids_[i], i);
    if (is_new) return {};
    if (is_bad(i) || is_bad(place->second)) {
      left_out_.insert(is_bad(i) ? i : std::exchange(place->second, i));
      return {};
    }
    const auto compared = compare_logs(*inputs_[place->second], *inputs_[i]);
    if (!compared) return std::unexpected{compared.error()};
    if (!compared->first_has_second && !compared->second_has_first) {
      std::size_t kept = place->second;
      std::size_t other = i;
      if (!compared->diverged && compared->second_goes_further) std::swap(kept, other);
      if (!options_.differs(*inputs_[kept], *inputs_[other], *compared)) return {};
      place->second = kept;
      left_out_.insert(other);
      return {};
    }
    const bool is_sound =
        compared->first_has_second ? compared->second_is_sound : compared->first_is_sound;
    if (!is_sound && !options_.prefix_will_do) return {};
    note_.add(ids_[i], place_of_copy(*inputs_[place->second]), place_of_copy(*inputs_[i]));
    left_out_.insert(compared->first_has_second ? i : std::exchange(place->second, i));
    return {};
  }

  const std::set<std::size_t>& left_out() const { return left_out_; }
  const CopiesNote& note() const { return note_; }

 private:
  bool is_bad(std::size_t i) const { return options_.is_bad && options_.is_bad(*inputs_[i]); }

  const Inputs& inputs_;
  const std::span<const std::string> ids_;
  const CopyOptions& options_;
  std::map<std::string, std::size_t, std::less<>> kept_;  // of each session
  std::set<std::size_t> left_out_;
  CopiesNote note_;
};

}  // namespace

Result<LogComparison> compare_logs(const Input& first, const Input& second) {
  auto firsts = events_of(first);
  if (!firsts) return std::unexpected{firsts.error()};
  auto seconds = events_of(second);
  if (!seconds) return std::unexpected{seconds.error()};
  LogComparison compared{.first_has_second = true, .second_has_first = true};
  for (;;) {
    const auto a = firsts->next();
    if (!a) return std::unexpected{a.error()};
    const auto b = seconds->next();
    if (!b) return std::unexpected{b.error()};
    if (*a == nullptr || *b == nullptr) {
      compared.second_has_first = compared.second_has_first && *a == nullptr;
      compared.first_has_second = compared.first_has_second && *b == nullptr;
      compared.second_goes_further = *b != nullptr;
      compared.first_is_sound = firsts->is_sound();
      compared.second_is_sound = seconds->is_sound();
      return compared;
    }
    const bool first_is_gone = (*a)->redacted_by != 0;
    const bool second_is_gone = (*b)->redacted_by != 0;
    const bool equal = are_equal_but_for_payloads(**a, **b) &&
                       (first_is_gone || second_is_gone ||
                        std::string_view{(*a)->payload} == std::string_view{(*b)->payload});
    if (equal && first_is_gone == second_is_gone) {
      compared.any_equal = true;
      continue;
    }
    if (compared.differs_at == 0) compared.differs_at = (*b)->sequence_number;
    compared.first_has_second = compared.first_has_second && equal && !first_is_gone;
    compared.second_has_first = compared.second_has_first && equal && !second_is_gone;
    compared.any_equal = compared.any_equal || equal;
    compared.diverged = !equal;
    if (compared.diverged) return compared;
  }
}

std::string place_of_copy(const Input& input) {
  if (!input.store_name().empty()) return input.store_name();
  return input.folder().empty() ? input.label() : input.folder();
}

Result<Inputs> leave_out_copies(Context& context, Inputs& inputs, std::span<const std::string> ids,
                                const CopyOptions& options) {
  Leaving leaving{inputs, ids, options};
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (auto looked = leaving.look_at(i); !looked) return std::unexpected{looked.error()};
  leaving.note().tell(context);
  Inputs kept;
  Inputs left_out;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    (leaving.left_out().contains(i) ? left_out : kept).push_back(std::move(inputs[i]));
  inputs = std::move(kept);
  return left_out;
}

void CopiesNote::add(const std::string& session_id, const std::string& place,
                     const std::string& other) {
  if (copies_++ == 0) first_ = "session " + session_id + " is in " + place + " and in " + other;
}

void CopiesNote::tell(Context& context) const {
  if (copies_ == 0) return;
  context.note(first_ + (copies_ == 1 ? "" : fmt::format(", as {} more are in two", copies_ - 1)) +
               ": each counts once, as far as it goes");
}

}  // namespace agentstore::cmd
