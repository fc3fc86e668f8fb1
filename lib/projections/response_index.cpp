// Which inputs tell of the same responses: sets that are united by the hashes they share.

#include "agentstore/internal/response_index.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <utility>

#include "agentstore/internal/totals_bytes.hpp"
#include "base/sha256.hpp"
#include "base/zstd_frames.hpp"
#include "projections/response_use.hpp"

namespace agentstore {
namespace {

void add_up(UncountedUse& sum, const UncountedUse& more) {
  sum.copied_events += more.copied_events;
  sum.history_responses += more.history_responses;
  add_count(sum.history_tokens_in, more.history_tokens_in);
  add_count(sum.history_tokens_out, more.history_tokens_out);
  sum.lower_bounds += more.lower_bounds;
}

/// The uses of responses that count, by session, agent and group.
Result<UncountedUse> sum_uses(const Responses& responses, const Prices& prices, CountedUses& uses) {
  std::map<std::tuple<std::string_view, std::string_view, const GroupValues*>, std::size_t> places;
  return responses.settle([&](const CountedResponse& one) -> Result<void> {
    const auto [place, added] =
        places.try_emplace({one.session_id, one.agent, &one.group}, uses.size());
    if (added) uses.push_back({std::string{one.session_id}, std::string{one.agent}, one.group, {}});
    auto counted = uses[place->second].totals.add_use(llm_response, one.at, one.usage, prices);
    if (counted) return counted;
    return fail(counted.error().code, counted.error().message + " at event #" +
                                          std::to_string(one.sequence_number) + " of session " +
                                          std::string{one.session_id});
  });
}

/// Of one input; the cache that they come from holds less.
constexpr std::uint64_t responses_bytes_max = std::uint64_t{1} << 30;

/// Hashes as they are in memory.
void put_hashes(ByteWriter& writer, const std::vector<std::uint64_t>& hashes) {
  writer.put(std::string_view{reinterpret_cast<const char*>(hashes.data()),
                              hashes.size() * sizeof(std::uint64_t)});
}

void take_hashes(ByteReader& reader, std::vector<std::uint64_t>& hashes) {
  std::string_view bytes;
  reader.take(bytes);
  hashes.resize(bytes.size() / sizeof(std::uint64_t));
  if (!hashes.empty())
    std::memcpy(hashes.data(), bytes.data(), hashes.size() * sizeof(std::uint64_t));
}

}  // namespace

void list_fields(auto& way, Any<UncountedUse> auto& use) {
  way.fields(use.copied_events, use.history_responses, use.history_tokens_in,
             use.history_tokens_out, use.lower_bounds);
}

void list_fields(auto& way, Any<CountedUse> auto& use) {
  way.fields(use.session_id, use.agent, use.group, use.totals);
}

const ResponseTies& ResponseBlock::ties() const {
  if (!ties_) ties_ = responses_ ? responses_->ties() : ResponseTies{};
  return *ties_;
}

void ResponseBlock::sum_up(const std::set<std::string, std::less<>>& known_agents,
                           const Prices& prices) {
  if (!responses_) return;
  asked_.clear();
  uses_.reset();
  uncounted_ = {};
  for (const std::string& agent : ties().agents)
    asked_[agent] = {known_agents.contains(agent), ties().told.contains(agent)};
  for (const std::string& agent : known_agents) responses_->agent_is_known(agent);
  CountedUses uses;
  const auto uncounted = sum_uses(*responses_, prices, uses);
  if (!uncounted) return;  // It stays as it is, and is looked at response by response.
  std::ranges::sort(uses, {}, [](const CountedUse& one) {
    return std::tie(one.session_id, one.agent, one.group);
  });
  uses_ = std::move(uses);
  uncounted_ = *uncounted;
  const std::string bytes = responses_->to_bytes();
  digest_ = bytes_of(sha256({bytes}));
  packed_.clear();
  append_frame(packed_, bytes);
  responses_.reset();
}

std::string ResponseBlock::to_bytes() const {
  std::string out;
  ByteWriter writer{out};
  put_hashes(writer, ties().names);
  put_hashes(writer, ties().families);
  writer.fields(ties().run_totals, ties().agents, ties().told);
  writer.put(asked_.size());
  for (const auto& [agent, asked] : asked_) writer.fields(agent, asked.known, asked.told);
  writer.put(uses_.has_value());
  if (uses_) writer.put(*uses_);
  writer.put(uncounted_);
  writer.put(std::string_view{digest_});
  if (!responses_) {
    writer.put(std::string_view{packed_});
    return out;
  }
  std::string packed;
  append_frame(packed, responses_->to_bytes());
  writer.put(packed);
  return out;
}

std::optional<ResponseBlock> ResponseBlock::from_bytes(std::string_view bytes) {
  ResponseBlock block;
  ByteReader reader{bytes};
  ResponseTies& ties = block.ties_.emplace();
  take_hashes(reader, ties.names);
  take_hashes(reader, ties.families);
  reader.fields(ties.run_totals, ties.agents, ties.told);
  std::size_t count = 0;
  for (reader.take(count); reader.sound() && count > 0; --count) {
    std::string agent;
    Asked asked;
    reader.fields(agent, asked.known, asked.told);
    block.asked_.emplace(std::move(agent), asked);
  }
  reader.fields(block.uses_, block.uncounted_, block.digest_, block.packed_);
  if (!reader.at_end()) return std::nullopt;
  return block;
}

std::optional<Responses> ResponseBlock::unpacked() const {
  const auto bytes = content_of_frame(packed_, responses_bytes_max);
  return bytes ? Responses::from_bytes(*bytes) : std::nullopt;
}

Responses ResponseBlock::take_responses() {
  if (!responses_) responses_ = unpacked();
  Responses taken = responses_ ? std::move(*responses_) : Responses{};
  *this = ResponseBlock{};
  return taken;
}

/// Sets of blocks: union-find over a table of hashes.
class ResponseIndex::Clusters {
 public:
  explicit Clusters(std::size_t blocks) : parents_(blocks) {
    std::iota(parents_.begin(), parents_.end(), std::size_t{0});
  }

  /// Unites the blocks that have a hash in common; `hashes_of` gives those of a block, or null.
  template <class HashesOf>
  void unite(HashesOf hashes_of) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < parents_.size(); ++i)
      if (const auto* hashes = hashes_of(i)) count += hashes->size();
    slots_.assign(std::bit_ceil(2 * count + 1), {});
    for (std::size_t i = 0; i < parents_.size(); ++i)
      if (const auto* hashes = hashes_of(i))
        for (const std::uint64_t hash : *hashes) unite(hash, i);
  }

  std::vector<std::vector<std::size_t>> all() {
    std::vector<std::vector<std::size_t>> clusters(parents_.size());
    for (std::size_t i = 0; i < parents_.size(); ++i) clusters[root_of(i)].push_back(i);
    std::erase_if(clusters, [](const auto& one) { return one.empty(); });
    return clusters;
  }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::size_t block_and_one = 0;  // 0: free
  };

  void unite(std::uint64_t hash, std::size_t block) {
    for (std::size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      Slot& slot = slots_[at];
      if (slot.block_and_one == 0) {
        slot = {hash, block + 1};
        return;
      }
      if (slot.hash != hash) continue;
      parents_[root_of(block)] = root_of(slot.block_and_one - 1);
      return;
    }
  }
  std::size_t root_of(std::size_t block) {
    while (parents_[block] != block) block = parents_[block] = parents_[parents_[block]];
    return block;
  }

  std::vector<std::size_t> parents_;
  std::vector<Slot> slots_;
};

void ResponseIndex::add(ResponseBlock block) {
  if (keeps_records_) return merged_.merge(block.take_responses());
  if (block.empty()) return;
  told_agents_.insert(block.ties().told.begin(), block.ties().told.end());
  blocks_.push_back(std::move(block));
}

bool ResponseIndex::stands_alone(const ResponseBlock& block) const {
  return block.uses_ && std::ranges::all_of(block.asked_, [&](const auto& one) {
           const auto& [agent, asked] = one;
           return asked.known == known_agents_.contains(agent) &&
                  asked.told == told_agents_.contains(agent);
         });
}

/// Of what they tell, the prices, and what is known of the agents that they ask for; empty: it
/// cannot be told.
std::string ResponseIndex::key_of(const std::vector<ResponseBlock*>& blocks) const {
  std::vector<std::string_view> digests;
  std::set<std::string_view> agents;
  for (const ResponseBlock* const block : blocks) {
    if (block->digest_.empty()) return {};
    digests.push_back(block->digest_);
    agents.insert(block->ties().agents.begin(), block->ties().agents.end());
  }
  std::ranges::sort(digests);
  std::string key;
  ByteWriter writer{key};
  writer.put(prices_.fingerprint());
  for (const std::string_view digest : digests) writer.put(digest);
  for (const std::string_view agent : agents)
    writer.fields(agent, known_agents_.contains(agent), told_agents_.contains(agent));
  return "settled " + std::string{bytes_of(sha256({key}))};
}

std::optional<ResponseIndex::Settled> ResponseIndex::find_settled(const std::string& key) const {
  const auto bytes = key.empty() || !kept_.find ? std::nullopt : kept_.find(key);
  if (!bytes) return std::nullopt;
  Settled settled;
  ByteReader reader{*bytes};
  reader.fields(settled.uses, settled.uncounted);
  return reader.at_end() ? std::optional{std::move(settled)} : std::nullopt;
}

Result<ResponseIndex::Settled> ResponseIndex::settle_together(
    const std::vector<ResponseBlock*>& blocks) {
  const std::string key = key_of(blocks);
  if (auto known = find_settled(key)) return std::move(*known);
  // Those of one are not copied; what it learns of agents it may as well know.
  Responses joined;
  const bool one = blocks.size() == 1 && blocks.front()->responses_;
  Responses& all = one ? *blocks.front()->responses_ : joined;
  for (ResponseBlock* const block : blocks) {
    if (one) break;
    auto read = block->responses_ ? block->responses_ : block->unpacked();
    if (read && joined.nothing_seen()) joined = std::move(*read);
    else if (read) joined.merge(std::move(*read));
  }
  for (const std::string& agent : known_agents_) all.agent_is_known(agent);
  for (const std::string& agent : told_agents_) all.agent_is_told(agent);
  Settled settled;
  const auto uncounted = sum_uses(all, prices_, settled.uses);
  if (!uncounted) return std::unexpected{uncounted.error()};
  settled.uncounted = *uncounted;
  if (key.empty() || !kept_.keep) return settled;
  std::string bytes;
  ByteWriter{bytes}.fields(settled.uses, settled.uncounted);
  kept_.keep(key, bytes);
  return settled;
}

Result<UncountedUse> ResponseIndex::settle(const Count& count) {
  UncountedUse uncounted;
  if (keeps_records_) {
    for (const std::string& agent : known_agents_) merged_.agent_is_known(agent);
    CountedUses uses;
    auto settled = sum_uses(merged_, prices_, uses);
    if (!settled) return settled;
    for (const CountedUse& use : uses)
      if (auto counted = count(use); !counted) return std::unexpected{counted.error()};
    return settled;
  }
  std::set<std::uint64_t> with_totals;
  for (const ResponseBlock& block : blocks_)
    if (block.ties().run_totals)
      with_totals.insert(block.ties().families.begin(), block.ties().families.end());
  Clusters clusters{blocks_.size()};
  clusters.unite([&](std::size_t i) { return &blocks_[i].ties().names; });
  if (!with_totals.empty())
    clusters.unite([&](std::size_t i) {
      const auto& families = blocks_[i].ties().families;
      const bool concerned = std::ranges::any_of(
          families, [&](std::uint64_t one) { return with_totals.contains(one); });
      return concerned ? &families : nullptr;
    });
  for (const auto& cluster : clusters.all()) {
    ResponseBlock& first = blocks_[cluster.front()];
    if (cluster.size() == 1 && stands_alone(first)) {
      add_up(uncounted, first.uncounted_);
      for (const CountedUse& use : *first.uses_)
        if (auto counted = count(use); !counted) return std::unexpected{counted.error()};
      continue;
    }
    std::vector<ResponseBlock*> together;
    for (const std::size_t i : cluster) together.push_back(&blocks_[i]);
    const auto settled = settle_together(together);
    if (!settled) return std::unexpected{settled.error()};
    add_up(uncounted, settled->uncounted);
    for (const CountedUse& use : settled->uses)
      if (auto counted = count(use); !counted) return std::unexpected{counted.error()};
  }
  return uncounted;
}

}  // namespace agentstore
