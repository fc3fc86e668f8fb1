#include "formats/sources/claude_run.hpp"

#include <algorithm>

#include "agentstore/analysis/stats.hpp"
#include "formats/sources/claude_usage.hpp"

namespace agentstore::formats {
namespace {

std::int64_t saturated(std::int64_t one, std::int64_t other) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(one, other, &sum) ? one : sum;
}

void add(Usage& sum, const Usage& more) {
  sum.in = saturated(sum.in, more.in);
  sum.out = saturated(sum.out, more.out);
  sum.cache_read = saturated(sum.cache_read, more.cache_read);
  sum.cache_write = saturated(sum.cache_write, more.cache_write);
  sum.cache_write_1h = saturated(sum.cache_write_1h, more.cache_write_1h);
}

/// The part of `total` that is at most `part`.
Usage at_most(const Usage& total, const Usage& part) {
  return {std::min(total.in, part.in), std::min(total.cache_write, part.cache_write),
          std::min(total.cache_read, part.cache_read), std::min(total.out, part.out),
          std::min(total.cache_write_1h, part.cache_write_1h)};
}

Usage rest_of(const Usage& total, const Usage& part) {
  return {total.in - part.in, total.cache_write - part.cache_write,
          total.cache_read - part.cache_read, total.out - part.out,
          std::max<std::int64_t>(total.cache_write_1h - part.cache_write_1h, 0)};
}

std::optional<Decimal> cost_in(const json::Value& object, std::string_view key) {
  const auto token = json::find(object, key);
  if (!token || json::kind_of(*token) != json::Kind::number) return std::nullopt;
  const auto cost = Decimal::parse(*token);
  return cost ? std::optional{*cost} : std::nullopt;
}

ModelUse read_model_use(const json::Value& object) {
  ModelUse use;
  const auto count = [&](std::string_view key) -> std::int64_t {
    const auto token = json::find(object, key);
    if (!token || *token == "null") return 0;
    const auto number = count_of_token(*token);
    if (number && *number >= 0) return *number;
    if (use.unread.empty()) use.unread = unread_figure(key, *token);
    return 0;
  };
  use.tokens.in = count("inputTokens");
  use.tokens.out = count("outputTokens");
  use.tokens.cache_read = count("cacheReadInputTokens");
  use.tokens.cache_write = count("cacheCreationInputTokens");
  use.searches = count("webSearchRequests");
  use.cost = cost_in(object, "costUSD");
  return use;
}

/// Costs that do not come to the total are mended in the largest of them: the total is what the
/// run states, and the parts are rounded.
void fit_costs(std::map<std::string, ModelUse, std::less<>>& models, const Decimal& total) {
  ModelUse* largest = nullptr;
  Decimal sum;
  for (auto& [model, use] : models) {
    const Decimal cost = use.cost.value_or(Decimal{});
    if (largest == nullptr || cost > largest->cost.value_or(Decimal{})) largest = &use;
    if (const auto more = sum.plus(cost)) sum = *more;
  }
  if (largest == nullptr) return;
  for (auto& [model, use] : models)
    if (!use.cost) use.cost = Decimal{};
  const auto missing = total.minus(sum);
  if (!missing) return;
  if (const auto mended = largest->cost->plus(*missing); mended && *mended >= Decimal{})
    largest->cost = *mended;
}

}  // namespace

void ClaudeRun::respond(std::size_t session, std::string_view model) {
  if (session != session_ && !models_.contains(session)) agents_.push_back(session);
  auto& models = models_[session];
  if (!model.empty()) models.emplace(model);
}

void ClaudeRun::begin_process(std::string_view id) {
  process_ = id;
  total_ = {};
  main_ = {};
}

// A process goes on counting: what it states now is at least what it stated, and the turn.
bool ClaudeRun::is_new_process(const Models& models, const Usage& turn) const {
  if (process_.empty()) return true;
  Usage now;
  for (const auto& [model, use] : models) add(now, use.tokens);
  return now.out < saturated(total_.out, turn.out) ||
         now.all_in() < saturated(total_.all_in(), turn.all_in());
}

std::vector<RunShare> ClaudeRun::end_turn(const json::Value& result, std::string_view id) {
  const json::Value usage = json::find(result, "usage").value_or("null");
  const Usage turn = read_claude_usage(usage);
  Models models;
  const json::Value told = json::find(result, "modelUsage").value_or("null");
  for (json::Walk each{told}; each.next();)
    if (!each.key().empty()) models[json::text_of(each.key())] = read_model_use(each.value());
  const bool by_model = !models.empty();
  if (by_model ? is_new_process(models, turn) : process_.empty()) begin_process(id);
  add(main_, turn);
  // Before there was modelUsage, the turns of the main loop were all that was told.
  if (!by_model) {
    const auto& used = models_[session_];
    ModelUse& use = models[used.size() == 1 ? *used.begin() : std::string{}];
    use.tokens = main_;
    use.unread = unread_in_claude_usage(json::kind_of(usage) == json::Kind::object ? usage : "");
  }
  total_ = {};
  for (const auto& [model, use] : models) add(total_, use.tokens);
  auto total = cost_in(result, "total_cost_usd");
  for (const std::string_view of_older_versions : {"total_cost", "cost_usd"})
    if (!total) total = cost_in(result, of_older_versions);
  if (total) fit_costs(models, *total);
  return shares(models);
}

std::vector<std::size_t> ClaudeRun::agents_with(std::string_view model) const {
  std::vector<std::size_t> found;
  // The stream's messages may name a model without what its context is called by: opus[1m].
  const auto same = [&](const std::string& used) {
    return used == model || model.substr(0, model.find('[')) == used;
  };
  for (const std::size_t agent : agents_)
    if (std::ranges::any_of(models_.at(agent), same)) found.push_back(agent);
  return found;
}

std::vector<RunShare> ClaudeRun::shares(const Models& models) const {
  std::vector<RunShare> all;
  for (const auto& [model, use] : models) share_model(model, use, all);
  return all;
}

void ClaudeRun::share_model(const std::string& model, const ModelUse& use,
                            std::vector<RunShare>& into) const {
  RunShare own{.session = session_, .model = model, .use = use};
  const auto agents = agents_with(model);
  if (agents.empty()) {
    if (own.use.tokens.cache_write_1h == 0)
      own.use.tokens.cache_write_1h = std::min(main_.cache_write_1h, use.tokens.cache_write);
    into.push_back(std::move(own));
    return;
  }
  const auto mine = models_.find(session_);
  const bool shared = mine != models_.end() &&
                      (mine->second.contains(model) ||
                       mine->second.contains(std::string_view{model}.substr(0, model.find('['))));
  own.use.tokens = shared ? at_most(use.tokens, main_) : Usage{};
  RunShare theirs{.session = agents.front(),
                  .model = model,
                  .use = {},
                  .of_agents = true,
                  .shared_by = agents.size()};
  theirs.use.tokens = rest_of(use.tokens, own.use.tokens);
  into.push_back(std::move(own));
  into.push_back(std::move(theirs));
}

void add_run_use(EventMetadata& metadata, const RunShare& share) {
  const Usage& tokens = share.use.tokens;
  const auto unless_zero = [](std::int64_t number) {
    return number == 0 ? std::nullopt : std::optional{number};
  };
  metadata.model = share.model;
  metadata.tokens_in = tokens.all_in();
  metadata.tokens_out = tokens.out;
  metadata.tokens_cache_read = unless_zero(tokens.cache_read);
  metadata.tokens_cache_write = unless_zero(tokens.cache_write);
  metadata.tokens_cache_write_1h = unless_zero(tokens.cache_write_1h);
  if (share.use.cost) metadata.cost_usd = share.use.cost->to_string();
  if (share.use.searches > 0)
    metadata.add_extra("web_searches", std::to_string(share.use.searches));
  // Its cost is a part of what the run states with its own session.
  if (share.of_agents) metadata.cost_usd = "0";
  if (share.shared_by > 1) metadata.add_extra("shared_by", std::to_string(share.shared_by));
  metadata.add_extra(unread_member, share.use.unread);
}

}  // namespace agentstore::formats
