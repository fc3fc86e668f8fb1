// Responses as bytes and back, and what ties them to others.

#include <algorithm>
#include <numeric>
#include <utility>

#include "agentstore/analysis/responses.hpp"
#include "agentstore/internal/bytes.hpp"
#include "base/checksum.hpp"
#include "projections/run_totals.hpp"

namespace agentstore {
namespace {

constexpr std::uint64_t seed_of_sessions = 1;
constexpr std::uint64_t seed_of_families = 2;

/// Where each value of `from` stands once they are sorted by `key`.
template <class Values, class Key>
std::vector<std::uint32_t> sorted_order(const Values& from, Key key) {
  std::vector<std::uint32_t> order(from.size());
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  std::ranges::sort(order, {}, [&](std::uint32_t i) -> const auto& { return key(from[i]); });
  return order;
}

std::vector<std::uint32_t> places_in(const std::vector<std::uint32_t>& order) {
  std::vector<std::uint32_t> places(order.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) places[order[i]] = i;
  return places;
}

}  // namespace

void list_fields(auto& way, Any<ResponseUse> auto& use) {
  way.fields(use.tokens_in, use.tokens_out, use.tokens_cache_read, use.tokens_cache_write,
             use.tokens_cache_write_1h, use.tokens_reasoning, use.cost_usd, use.overflows);
}

struct ResponseFields {
  static void of_claim(auto& way, auto& claim) {
    way.fields(claim.teller, claim.group, claim.at, claim.sequence_number, claim.events,
               claim.history, claim.sum, claim.model);
  }
  static void of_entry(auto& way, auto& entry) {
    way.fields(entry.largest, entry.terms, entry.terms_rank, entry.agent, entry.call, entry.summary,
               entry.run_total, entry.partial);
  }
};

ResponseTies Responses::ties() const {
  ResponseTies ties;
  if (nothing_told()) return ties;
  ties.names.reserve(entry_index_.size() + tellers_.size());
  for (const auto& [name, entry] : entry_index_) ties.names.push_back(checksum(name));
  for (const Teller& teller : tellers_) {
    ties.names.push_back(checksum(teller.session_id, seed_of_sessions));
    ties.families.push_back(checksum(family_of(teller.session_id), seed_of_families));
  }
  for (const Entry& entry : entries_) {
    if (!entry.live) continue;
    ties.run_totals = ties.run_totals || entry.run_total;
    if (!entry.agent.empty()) ties.agents.insert(entry.agent);
    if (!entry.call.empty()) ties.agents.insert(entry.call);
  }
  ties.told = told_agents_;
  std::ranges::sort(ties.names);
  std::ranges::sort(ties.families);
  return ties;
}

std::string Responses::to_bytes() const {
  const auto tellers =
      sorted_order(tellers_, [](const Teller& one) -> const auto& { return one.session_id; });
  const auto groups = sorted_order(groups_, [](const auto& one) -> const auto& { return one; });
  const auto teller_places = places_in(tellers);
  const auto group_places = places_in(groups);
  std::vector<std::vector<std::string>> names(entries_.size());
  for (const auto& [name, entry] : entry_index_) names[root_of(entry)].push_back(name);
  for (auto& of_entry : names) std::ranges::sort(of_entry);
  std::string out;
  ByteWriter writer{out};
  writer.put(tellers.size());
  for (const std::uint32_t i : tellers)
    writer.fields(tellers_[i].session_id, tellers_[i].first, tellers_[i].last);
  writer.put(groups.size());
  for (const std::uint32_t i : groups) writer.put(groups_[i]);
  writer.put(live_);
  for (const std::uint32_t i :
       sorted_order(names, [](const auto& one) -> const auto& { return one; })) {
    const Entry& entry = entries_[i];
    if (!entry.live) continue;
    writer.put(names[i]);
    ResponseFields::of_entry(writer, entry);
    std::vector<Claim> claims = entry.claims;
    for (Claim& claim : claims) {
      claim.teller = teller_places[claim.teller];
      claim.group = group_places[claim.group];
    }
    std::ranges::sort(claims, {}, &Claim::teller);
    writer.put(claims.size());
    for (const Claim& claim : claims) ResponseFields::of_claim(writer, claim);
  }
  std::map<std::pair<std::uint32_t, std::string>, ResponseUse> totals;
  for (const auto& [key, use] : running_totals_)
    totals.emplace(std::pair{teller_places[key.first], key.second}, use);
  writer.fields(totals, known_agents_, told_agents_);
  return out;
}

std::optional<Responses> Responses::from_bytes(std::string_view bytes) {
  Responses read;
  ByteReader reader{bytes};
  std::size_t count = 0;
  for (reader.take(count); reader.sound() && count > 0; --count) {
    Teller& teller = read.tellers_.emplace_back();
    reader.fields(teller.session_id, teller.first, teller.last);
    read.teller_index_.emplace(teller.session_id, read.tellers_.size() - 1);
  }
  for (reader.take(count); reader.sound() && count > 0; --count) {
    reader.take(read.groups_.emplace_back());
    read.group_index_.emplace(read.groups_.back(), read.groups_.size() - 1);
  }
  bool fits = true;
  for (reader.take(count); reader.sound() && count > 0; --count) {
    const auto number = static_cast<std::uint32_t>(read.entries_.size());
    std::vector<std::string> names;
    reader.take(names);
    for (std::string& name : names) read.entry_index_.emplace(std::move(name), number);
    Entry& entry = read.entries_.emplace_back();
    ResponseFields::of_entry(reader, entry);
    entry.live = true;
    read.parents_.push_back(number);
    std::size_t claims = 0;
    for (reader.take(claims); reader.sound() && claims > 0; --claims) {
      Claim& claim = entry.claims.emplace_back();
      ResponseFields::of_claim(reader, claim);
      fits = fits && claim.teller < read.tellers_.size() && claim.group < read.groups_.size();
    }
    fits = fits && !entry.claims.empty() && !names.empty();
  }
  read.live_ = read.entries_.size();
  reader.fields(read.running_totals_, read.known_agents_, read.told_agents_);
  for (const auto& [key, use] : read.running_totals_)
    fits = fits && key.first < read.tellers_.size();
  if (!reader.at_end() || !fits) return std::nullopt;
  return read;
}

}  // namespace agentstore
