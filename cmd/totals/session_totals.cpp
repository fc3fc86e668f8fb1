#include "cmd/totals/session_totals.hpp"

#include <utility>

#include "agentstore/analysis/prices.hpp"
#include "cmd/totals/totals.hpp"

namespace agentstore::cmd {
namespace {

class Summing {
 public:
  Summing(std::span<const Input* const> inputs, const SessionTotalsOptions& options)
      : inputs_{inputs}, options_{options} {}

  SessionTotals run() {
    totals_.of_inputs.resize(inputs_.size());
    for (std::size_t i = 0; i < inputs_.size(); ++i) add(i);
    totals_.of_files = adder_.sessions_of_files();
    if (options_.others && adder_.tells_of_responses()) read_others();
    adder_.keep_settled(options_.settled);
    settle();
    return std::move(totals_);
  }

 private:
  void add(std::size_t i) {
    const Input& input = *inputs_[i];
    SessionTotals::OfInput& own = totals_.of_inputs[i];
    own.session_id = input.session().id;
    if (is_superseded(input.session())) return add_alone(i);
    Sums sums;
    auto report = read(input, sums);
    if (report) {
      if (own.session_id.empty()) own.session_id = adder_.main_session();
      own.totals = std::move(sums.totals);
    } else if (options_.up_to_damage) {
      return add_alone(i);
    }
    place_.insert_or_assign(own.session_id, i);
    options_.on_read(i, std::move(report));
  }

  /// Adds all of it, or nothing.
  Result<ReadReport> read(const Input& input, Sums& sums) {
    auto report = input.read_parts(options_.read, adder_.parts(), adder_.needs());
    if (!report) return report;
    if (const auto added = adder_.add_to(sums, View::all); !added)
      return std::unexpected{added.error()};
    const Labels labels =
        input.session().id.empty() ? input.labels() : Labels{input.session().labels};
    if (const auto agent = labels.find("agent_id"); agent != labels.end())
      adder_.agent_is_known(agent->second);
    return report;
  }

  void add_alone(std::size_t i) {
    const auto reader = inputs_[i]->read(options_.read);
    if (!reader) return options_.on_read(i, std::unexpected{reader.error()});
    CountedTotals alone;
    const auto read =
        for_each_event(**reader, [&](const EventView& event) { return alone.add(event); });
    const auto sum = alone.sum();
    const bool counts = read || (options_.up_to_damage && read.error().code != Code::overflow);
    if (sum && counts) totals_.of_inputs[i].totals = *sum;
    if (!read) return options_.on_read(i, std::unexpected{read.error()});
    if (!sum) return options_.on_read(i, std::unexpected{sum.error()});
    options_.on_read(i, (*reader)->report());
  }

  void read_others() {
    for (const auto& one : options_.others()) {
      if (place_.contains(one->session().id) || is_superseded(one->session())) continue;
      Sums ignored;
      (void)read(*one, ignored);
    }
  }

  Totals* totals_of(std::string_view session_id) {
    if (const auto own = totals_.of_files.find(session_id); own != totals_.of_files.end())
      return &own->second;
    const auto found = place_.find(session_id);
    if (found == place_.end()) return nullptr;
    auto& totals = totals_.of_inputs[found->second].totals;
    return totals ? &*totals : nullptr;
  }

  void forget(std::string_view session_id) {
    if (const auto own = totals_.of_files.find(session_id); own != totals_.of_files.end())
      totals_.of_files.erase(own);
    else totals_.of_inputs[place_.find(session_id)->second].totals.reset();
  }

  void settle() {
    // A sum that overflows is forgotten, and the others go on.
    (void)adder_.settle_uses([&](const CountedUse& use) -> Result<void> {
      Totals* const sum = totals_of(use.session_id);
      if (sum == nullptr) return {};
      Totals& into = use.agent.empty() ? *sum : totals_.told_agents[use.session_id];
      if (!into.merge(use.totals)) forget(use.session_id);
      return {};
    });
  }

  std::span<const Input* const> inputs_;
  const SessionTotalsOptions& options_;
  const Grouping no_groups_;
  Adder adder_{no_groups_};
  SessionTotals totals_;
  std::map<std::string, std::size_t, std::less<>> place_;  // of an input, by session id
};

}  // namespace

std::map<std::string, Totals, std::less<>> SessionTotals::by_id() const {
  std::map<std::string, Totals, std::less<>> all;
  for (const OfInput& one : of_inputs)
    if (one.totals) all.insert_or_assign(one.session_id, *one.totals);
  for (const auto& [id, own] : of_files) all.insert_or_assign(id, own);
  return all;
}

SessionTotals totals_of_sessions(std::span<const Input* const> inputs,
                                 const SessionTotalsOptions& options) {
  return Summing{inputs, options}.run();
}

}  // namespace agentstore::cmd
