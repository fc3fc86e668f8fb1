#include "agentstore/analysis/responses.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <tuple>
#include <utility>

#include "agentstore/analysis/prices.hpp"
#include "agentstore/json.hpp"
#include "projections/response_use.hpp"
#include "projections/run_totals.hpp"

namespace agentstore {
namespace {

bool may_change_price(std::string_view extra) {
  constexpr std::array words{R"("speed")", R"("service_tier")", R"("inference_geo")",
                             R"("web_searches")", R"("unread")"};
  return std::ranges::any_of(words, [&](const char* word) { return extra.contains(word); });
}

}  // namespace

std::uint32_t Responses::teller_of(std::string_view session_id, Timestamp at) {
  if (last_teller_ >= tellers_.size() || tellers_[last_teller_].session_id != session_id) {
    const auto [found, added] = teller_index_.try_emplace(
        std::string{session_id}, static_cast<std::uint32_t>(tellers_.size()));
    if (added) tellers_.push_back({std::string{session_id}, at, at});
    last_teller_ = found->second;
  }
  Teller& teller = tellers_[last_teller_];
  teller.first = std::min(teller.first, at);
  teller.last = std::max(teller.last, at);
  return last_teller_;
}

void Responses::see(const EventView& event) {
  teller_of(event.session_id, event.timestamp);
}

void Responses::see_running_total(const EventView& event, const Usage& usage) {
  if (!is_llm_event(event.type) || !usage.extra.contains(R"("record_type":"token_count")")) return;
  const std::uint32_t teller = teller_of(event.session_id, event.timestamp);
  add_up(running_totals_[{teller, std::string{usage.model}}], agentstore::use_of(usage));
}

std::uint32_t Responses::group_of(GroupValues group) {
  const auto [found, added] =
      group_index_.try_emplace(group, static_cast<std::uint32_t>(groups_.size()));
  if (added) groups_.push_back(std::move(group));
  return found->second;
}

std::uint32_t Responses::root_of(std::uint32_t entry) const {
  while (parents_[entry] != entry) entry = parents_[entry];
  return entry;
}

std::uint32_t Responses::entry_of(const std::string& identity, const std::string& alias) {
  std::optional<std::uint32_t> known;
  for (const std::string* name : {&identity, &alias}) {
    if (name->empty()) continue;
    const auto found = entry_index_.find(*name);
    if (found == entry_index_.end()) continue;
    const std::uint32_t root = root_of(found->second);
    if (known && *known != root) {
      parents_[root] = *known;
      --live_;
      unite(*known, std::exchange(entries_[root], {}));
    } else {
      known = root;
    }
  }
  if (!known) {
    known = static_cast<std::uint32_t>(entries_.size());
    entries_.emplace_back().live = true;
    parents_.push_back(*known);
    ++live_;
  }
  for (const std::string* name : {&identity, &alias})
    if (!name->empty()) entry_index_.try_emplace(*name, *known);
  return *known;
}

void Responses::claim(Entry& entry, Claim told) const {
  const auto same = std::ranges::find(entry.claims, told.teller, &Claim::teller);
  if (same == entry.claims.end()) return entry.claims.push_back(std::move(told));
  if (told.sum) {
    if (!same->sum) same->sum.emplace();
    add_up(*same->sum, *told.sum);
  }
  told.sum = same->sum;
  told.events += same->events;
  if (!is_before(told, *same)) {
    same->events = told.events;
    return;
  }
  *same = std::move(told);
}

// Within a session by what is told, not by number: files may have been read in any order.
bool Responses::is_before(const Claim& a, const Claim& b) const {
  const auto order = [&](const Claim& claim) {
    const Teller& teller = tellers_[claim.teller];
    return std::tie(claim.history, claim.at, teller.first, teller.last, teller.session_id,
                    groups_[claim.group], claim.model);
  };
  if (order(a) != order(b)) return order(a) < order(b);
  return a.sequence_number < b.sequence_number;
}

void Responses::take(ResponseTelling telling, const EventView& event, const Usage& usage,
                     GroupValues group) {
  const ResponseUse& use = telling.use;
  Entry& entry = entries_[entry_of(telling.identity, telling.alias)];
  Claim told{.teller = teller_of(event.session_id, event.timestamp),
             .group = group_of(std::move(group)),
             .at = event.timestamp,
             .sequence_number = event.sequence_number,
             .events = is_llm_event(event.type) ? std::uint64_t{1} : 0,
             .history = telling.history,
             .sum = std::nullopt,
             .model = std::string{usage.model}};
  if (telling.differences) told.sum = use;
  else raise(entry.largest, use);
  // Told by the agent itself, too.
  if (entry.claims.empty()) entry.agent = telling.agent;
  else if (telling.agent.empty()) entry.agent.clear();
  entry.summary = telling.summary;
  if (!telling.summary && !telling.agent.empty()) told_agents_.insert(telling.agent);
  if (telling.summary) entry.call = telling.call;
  entry.run_total = telling.run_total;
  entry.partial = entry.partial && telling.partial;
  const std::pair rank{use.tokens_out.value_or(0), use.tokens_in.value_or(0)};
  if (may_change_price(usage.extra) &&
      std::pair{rank, std::string_view{usage.extra}} >
          std::pair{entry.terms_rank, std::string_view{entry.terms}}) {
    entry.terms = usage.extra;
    entry.terms_rank = rank;
  }
  if (keeps_records_)
    entry.records.push_back({told.teller, event.sequence_number, event.timestamp, use,
                             telling.history, telling.differences});
  claim(entry, std::move(told));
}

void Responses::unite(std::uint32_t into, Entry lost) {
  Entry& entry = entries_[into];
  raise(entry.largest, lost.largest);
  entry.partial = entry.partial && lost.partial;
  if (lost.agent.empty()) entry.agent.clear();
  if (std::tie(lost.terms_rank, lost.terms) > std::tie(entry.terms_rank, entry.terms)) {
    entry.terms = std::move(lost.terms);
    entry.terms_rank = lost.terms_rank;
  }
  for (Claim& one : lost.claims) claim(entry, std::move(one));
  entry.records.insert(entry.records.end(), lost.records.begin(), lost.records.end());
}

void Responses::merge(Responses&& other) {
  std::vector<std::uint32_t> tellers;
  for (const Teller& teller : other.tellers_) {
    tellers.push_back(teller_of(teller.session_id, teller.first));
    teller_of(teller.session_id, teller.last);
  }
  for (const auto& [key, use] : other.running_totals_)
    add_up(running_totals_[{tellers[key.first], key.second}], use);
  std::vector<std::uint32_t> groups;
  for (GroupValues& group : other.groups_) groups.push_back(group_of(std::move(group)));
  std::vector<std::vector<std::string>> names(other.entries_.size());
  for (auto& [name, entry] : other.entry_index_) names[other.root_of(entry)].push_back(name);
  for (std::uint32_t i = 0; i < other.entries_.size(); ++i) {
    Entry& theirs = other.entries_[i];
    if (!theirs.live) continue;
    for (Claim& claim : theirs.claims) {
      claim.teller = tellers[claim.teller];
      claim.group = groups[claim.group];
    }
    for (Record& record : theirs.records) record.teller = tellers[record.teller];
    std::uint32_t entry = entry_of(names[i].front(), {});
    for (const std::string& name : names[i]) entry = entry_of(names[i].front(), name);
    if (entries_[entry].claims.empty()) entries_[entry] = std::move(theirs);
    else unite(entry, std::move(theirs));
  }
  known_agents_.merge(other.known_agents_);
  told_agents_.merge(other.told_agents_);
  other = Responses{other.keeps_records_};
}

const Responses::Claim& Responses::owner_of(const Entry& entry) const {
  return *std::ranges::min_element(entry.claims,
                                   [&](const Claim& a, const Claim& b) { return is_before(a, b); });
}

ResponseUse Responses::use_of(const Entry& entry) {
  ResponseUse use = entry.largest;
  for (const Claim& claim : entry.claims)
    if (claim.sum) raise(use, *claim.sum);
  return use;
}

void Responses::note_uncounted(const Entry& entry, const Claim& owner,
                               UncountedUse& uncounted) const {
  if (owner.history) {
    const ResponseUse use = use_of(entry);
    ++uncounted.history_responses;
    add_count(uncounted.history_tokens_in, use.tokens_in.value_or(0));
    add_count(uncounted.history_tokens_out, use.tokens_out.value_or(0));
    return;
  }
  for (const Claim& claim : entry.claims)
    if (claim.teller != owner.teller) uncounted.copied_events += claim.events;
}

bool Responses::told_better(const Entry& entry) const {
  return !entry.agent.empty() && (known_agents_.contains(entry.agent) ||
                                  (entry.summary && (told_agents_.contains(entry.agent) ||
                                                     known_agents_.contains(entry.call))));
}

std::vector<const Responses::Entry*> Responses::counting(UncountedUse& uncounted) const {
  std::vector<const Entry*> counts;
  for (const Entry& entry : entries_) {
    if (!entry.live || told_better(entry)) continue;
    const Claim& owner = owner_of(entry);
    note_uncounted(entry, owner, uncounted);
    const ResponseUse use = use_of(entry);
    const bool nothing_told = !use.has_tokens() && !use.cost_usd;
    if (owner.history || (nothing_told && !entry.terms.contains(R"("unread")"))) continue;
    const std::string& session_id = tellers_[owner.teller].session_id;
    const bool of_agent = !entry.agent.empty() || family_of(session_id) != session_id;
    if (entry.partial && of_agent && !entry.summary) ++uncounted.lower_bounds;
    counts.push_back(&entry);
  }
  // Totals come behind what they are totals of, and always in the same order.
  const auto responses =
      std::ranges::stable_partition(counts, [](const Entry* entry) { return !entry->run_total; });
  std::ranges::sort(responses, [&](const Entry* a, const Entry* b) {
    return is_before(owner_of(*a), owner_of(*b));
  });
  return counts;
}

RunTotals Responses::run_totals(const std::vector<const Entry*>& counts) const {
  RunTotals runs;
  if (counts.empty() || !counts.back()->run_total) return runs;
  for (const Entry* entry : counts)
    if (entry->run_total)
      runs.add_total(tellers_[owner_of(*entry).teller].session_id, owner_of(*entry).model,
                     use_of(*entry));
  for (const auto& [key, use] : running_totals_)
    runs.add_response(tellers_[key.first].session_id, key.second, use);
  for (const Entry* entry : counts)
    if (!entry->run_total)
      runs.add_response(tellers_[owner_of(*entry).teller].session_id, owner_of(*entry).model,
                        use_of(*entry));
  return runs;
}

Result<UncountedUse> Responses::settle(
    const std::function<Result<void>(const CountedResponse&)>& count) const {
  UncountedUse uncounted;
  const auto counts = counting(uncounted);
  RunTotals runs = run_totals(counts);
  for (const Entry* entry : counts) {
    const Claim& owner = owner_of(*entry);
    const std::string& session_id = tellers_[owner.teller].session_id;
    ResponseUse use = use_of(*entry);
    if (use.overflows)
      return fail(Code::overflow, "the sum of what a response used overflows at event #" +
                                      std::to_string(owner.sequence_number) + " of session " +
                                      session_id);
    if (entry->run_total) use = runs.rest_of(session_id, owner.model, use);
    else if (runs.covers(session_id, owner.model)) use.cost_usd = Decimal{};
    if (entry->run_total && !use.has_tokens() && !use.cost_usd && entry->terms.empty()) continue;
    const std::string cost = use.cost_usd ? use.cost_usd->to_string() : std::string{};
    CountedResponse counted{.session_id = session_id,
                            .sequence_number = owner.sequence_number,
                            .at = owner.at,
                            .group = groups_[owner.group],
                            .agent = entry->agent,
                            .usage = usage_of(use, cost)};
    counted.usage.model = owner.model;
    counted.usage.extra = entry->terms;
    if (auto done = count(counted); !done) return std::unexpected(done.error());
  }
  return uncounted;
}

// Each figure counts once: in the first record that told its largest value.
void Responses::explain(const Entry& entry, bool counts, std::vector<UncountedRecord>& out) const {
  const Claim& owner = owner_of(entry);
  std::vector<Record> records = entry.records;
  std::ranges::sort(records, {}, [&](const Record& record) {
    const Teller& teller = tellers_[record.teller];
    return std::tuple{record.teller != owner.teller, record.at, teller.first, teller.session_id,
                      record.sequence_number};
  });
  const ResponseUse use = use_of(entry);
  std::int64_t left_in = counts ? use.tokens_in.value_or(0) : 0;
  std::int64_t left_out = counts ? use.tokens_out.value_or(0) : 0;
  const auto rest = [&](const Record& record, std::int64_t told, std::int64_t whole,
                        std::int64_t& left) {
    const bool takes = record.differences ? record.teller == owner.teller : told == whole;
    if (!takes || left == 0) return told;
    const std::int64_t counted = std::min(told, left);
    left -= counted;
    return told - counted;
  };
  const Record* counted_in = nullptr;
  const Record* counted_out = nullptr;
  for (const Record& record : records) {
    const std::int64_t told_in = record.use.tokens_in.value_or(0);
    const std::int64_t told_out = record.use.tokens_out.value_or(0);
    UncountedRecord one;
    one.session_id = tellers_[record.teller].session_id;
    one.sequence_number = record.sequence_number;
    one.tokens_in = rest(record, told_in, use.tokens_in.value_or(0), left_in);
    one.tokens_out = rest(record, told_out, use.tokens_out.value_or(0), left_out);
    if (counted_in == nullptr && one.tokens_in < told_in) counted_in = &record;
    if (counted_out == nullptr && one.tokens_out < told_out) counted_out = &record;
    if (one.tokens_in == 0 && one.tokens_out == 0) continue;
    using Why = UncountedRecord::Why;
    const bool smaller =
        told_out < use.tokens_out.value_or(0) || told_in < use.tokens_in.value_or(0);
    one.why = owner.history                    ? Why::history
              : !counts                        ? Why::sub_agent
              : record.history                 ? Why::history
              : record.teller != owner.teller  ? Why::copy
              : smaller && !record.differences ? Why::placeholder
                                               : Why::repetition;
    out.push_back(std::move(one));
  }
  for (UncountedRecord& one : out) {
    const Record* counted = one.tokens_in > 0 ? counted_in : counted_out;
    if (counted == nullptr) continue;
    one.of_session = tellers_[counted->teller].session_id;
    one.of_sequence_number = counted->sequence_number;
  }
}

std::vector<UncountedRecord> Responses::uncounted_records() const {
  std::vector<UncountedRecord> all;
  for (const Entry& entry : entries_) {
    if (!entry.live) continue;
    const bool better = told_better(entry);
    std::vector<UncountedRecord> of_entry;
    explain(entry, !better && !owner_of(entry).history, of_entry);
    for (UncountedRecord& one : of_entry) {
      if (better) one.of_session = "agent-" + entry.agent;
      all.push_back(std::move(one));
    }
  }
  std::ranges::sort(all, {}, [](const UncountedRecord& one) {
    return std::tuple{one.session_id, one.sequence_number};
  });
  return all;
}

Result<void> CountedTotals::add(const EventView& event) {
  Usage usage = usage_of(event);
  responses_.see(event);
  if (is_llm_event(event.type)) {
    if (auto telling = telling_of(event, usage)) {
      usage.identified = true;
      responses_.take(std::move(*telling), event, usage);
    } else {
      responses_.see_running_total(event, usage);
    }
  }
  return totals_.add(event, usage);
}

Result<void> CountedTotals::merge(CountedTotals&& other) {
  responses_.merge(std::move(other.responses_));
  return totals_.merge(other.totals_);
}

Result<Totals> CountedTotals::sum() const {
  Totals sum = totals_;
  const auto settled = responses_.settle([&](const CountedResponse& response) {
    return sum.add_use(llm_response, response.at, response.usage, Prices::standard());
  });
  if (!settled) return std::unexpected(settled.error());
  return sum;
}

}  // namespace agentstore
