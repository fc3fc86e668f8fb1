#include "formats/stats.hpp"

#include <algorithm>
#include <map>

#include "agentstore/json.hpp"
#include "agentstore/nearest.hpp"
#include "cmd/assertions.hpp"
#include "cmd/commands.hpp"
#include "cmd/copied_responses.hpp"
#include "cmd/drafts.hpp"
#include "cmd/filters.hpp"
#include "cmd/select.hpp"
#include "cmd/sub_agents.hpp"
#include "formats/prices.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t price_bytes_max = std::size_t{1} << 20;

using Key = std::vector<std::optional<std::string>>;

/// Sums, and the sums of each group.
struct Sums {
  Totals totals;
  std::map<Key, Totals> groups;

  Result<void> merge(const Sums& other) {
    if (auto merged = totals.merge(other.totals); !merged) return merged;
    for (const auto& [key, part] : other.groups)
      if (auto merged = groups[key].merge(part); !merged) return merged;
    return {};
  }
};

std::optional<std::string> tool_of(const EventView& event) {
  if (auto name = json::find_text(event.metadata, "tool_name"); name && !name->empty()) return name;
  if (!is_tool_event(event.type) || json::kind_of(event.payload) != json::Kind::object)
    return std::nullopt;
  for (const char* const key : {"tool", "name"})
    if (auto name = json::find_text(event.payload, key); name && !name->empty()) return name;
  return std::nullopt;
}

std::optional<std::string> model_of(const EventView& event) {
  auto model = json::find_text(event.metadata, "model");
  return model && model->empty() ? std::nullopt : model;
}

std::string day_of(const EventView& event, const Zone& zone) {
  Timestamp at = event.timestamp;
  at.seconds += zone.offset_s(at.seconds);
  return format_rfc3339(at).substr(0, 10);
}

Key key_of(const EventView& event, const std::vector<std::string>& by, const Zone& zone) {
  Key key;
  for (const std::string& word : by) {
    if (word == "type") key.emplace_back(event.type);
    else if (word == "tool") key.push_back(tool_of(event));
    else if (word == "model") key.push_back(model_of(event));
    else if (word == "day") key.emplace_back(day_of(event, zone));
    else key.emplace_back(event.session_id);
  }
  return key;
}

/// "a1" of the session "agent-a1.PARENT" of a file; else the session itself.
std::string agent_of(const std::string& session_id) {
  if (!session_id.starts_with("agent-")) return session_id;
  return session_id.substr(6, session_id.find('.') - 6);
}

/// The sums of one session: all of it, or none where it is damaged. Its own part goes into `sums`
/// when it was read; of a transcript, other sessions in the file are its sub-agents'.
Result<Sums> add_up(EventReader& reader, const std::vector<std::string>& by, const Zone& zone,
                    SubAgents& sub_agents, CopiedResponses& copied) {
  Sums sums;
  std::string main_id;
  std::map<std::string, Totals> others;
  while (true) {
    const auto batch = reader.next();
    if (!batch) return std::unexpected{batch.error()};
    if (batch->empty()) break;
    for (const EventView& event : *batch) {
      if (main_id.empty()) main_id = event.session_id;
      if (event.session_id != main_id) {
        if (auto added = others[std::string{event.session_id}].add(event); !added)
          return std::unexpected{added.error()};
        continue;
      }
      if (auto seen = sub_agents.see(event); !seen) return std::unexpected{seen.error()};
      EventView counted = event;
      if (copied.is_copy(event)) counted.metadata = "{}";
      if (auto added = sums.totals.add(counted); !added) return std::unexpected{added.error()};
      if (by.empty()) continue;
      if (auto added = sums.groups[key_of(event, by, zone)].add(counted); !added)
        return std::unexpected{added.error()};
    }
  }
  for (const auto& [id, totals] : others)
    if (auto added = sub_agents.add_session(agent_of(id), totals); !added)
      return std::unexpected{added.error()};
  return sums;
}

/// What --by asks for: its words may be given together, with commas.
Result<std::vector<std::string>> read_by(const std::vector<std::string>& words) {
  static const std::vector<std::string> known{"type", "tool", "model", "day", "session"};
  std::vector<std::string> by;
  for (std::string_view rest : words)
    while (true) {
      const std::size_t comma = rest.find(',');
      const std::string word{rest.substr(0, comma)};
      if (std::ranges::find(known, word) == known.end()) {
        const std::string near = nearest(word, known);
        return fail(Code::invalid, "--by cannot be " + in_quotes(word),
                    near.empty() ? "it is one or more of type, tool, model, day, session"
                                 : "did you mean " + in_quotes(near) + "?");
      }
      if (std::ranges::find(by, word) == by.end()) by.push_back(word);
      if (comma == rest.npos) break;
      rest.remove_prefix(comma + 1);
    }
  return by;
}

/// Reads every session that can be read; the others are named. The exit status of it all.
class Sessions {
 public:
  Sessions(Context& context, const StatsOptions& options, const Filter& filter,
           const std::vector<std::string>& by, OnCorrupt on_corrupt)
      : context_{context},
        options_{options},
        filter_{filter},
        by_{by},
        on_corrupt_{on_corrupt},
        selector_{context} {}

  int add_all(formats::StatsAnswer& answer, Sums& sums) {
    std::vector<Chosen> chosen;
    if (options_.sessions.empty()) {
      auto all = selector_.all();
      if (!all) return context_.refuse(all.error());
      chosen = std::move(*all);
    }
    int status = Status::fine;
    for (const std::string& word : options_.sessions) {
      auto one = selector_.choose(word);
      if (one) chosen.push_back(std::move(*one));
      else if (const int refused = context_.refuse(one.error()); status == Status::fine)
        status = refused;
    }
    for (const Chosen& one : chosen) {
      if (const int added = add(one, answer, sums); status == Status::fine) status = added;
      if (const auto agent = one.session.labels.find("agent_id"); agent != one.session.labels.end())
        sub_agents_.is_known(agent->second);
    }
    answer.copied_events = copied_.events();
    if (options_.sessions.size() == 1 && chosen.size() == 1)
      if (const int added = add_children(chosen.front()); status == Status::fine) status = added;
    if (auto summed = sub_agents_.sum(); summed) answer.sub_agents = std::move(*summed);
    else if (const int refused = context_.refuse(summed.error()); status == Status::fine)
      status = refused;
    sums.totals.other_events_with_tokens -=
        std::min(sums.totals.other_events_with_tokens, sub_agents_.events());
    if (options_.sessions.size() != 1 || chosen.size() != 1) return status;
    answer.session = chosen.front().session;
    if (!chosen.front().path.empty()) answer.session->id = first_id_;
    return status;
  }

 private:
  /// The sessions of the sub-agents that a session started.
  int add_children(const Chosen& parent) {
    if (!parent.path.empty() && parent.session.id.empty()) return Status::fine;
    const auto all = selector_.all();
    if (!all) return context_.refuse(all.error());
    for (const Chosen& child : *all) {
      const auto label = child.session.labels.find("parent_session");
      if (label == child.session.labels.end() || label->second != parent.session.id ||
          child.session.id == parent.session.id)
        continue;
      auto reader = selector_.read(child, {.filter = filter_, .on_corrupt = on_corrupt_});
      if (!reader) return context_.refuse(reader.error());
      SubAgents nested;
      CopiedResponses apart;
      auto part = add_up(**reader, {}, context_.zone, nested, apart);
      if (!part) return context_.refuse(with_advice(part.error(), child));
      const auto agent = child.session.labels.find("agent_id");
      const std::string& id =
          agent == child.session.labels.end() ? child.session.id : agent->second;
      if (auto added = sub_agents_.add_session(id, part->totals); !added)
        return context_.refuse(added.error());
    }
    return Status::fine;
  }

  int add(const Chosen& one, formats::StatsAnswer& answer, Sums& sums) {
    Filter filter = filter_;
    if (first_id_.empty() && !one.path.empty())
      filter.predicate = [this](const EventView& event) {
        if (first_id_.empty()) first_id_ = event.session_id;
        return !filter_.predicate || filter_.predicate(event);
      };
    auto reader = selector_.read(one, {.filter = std::move(filter), .on_corrupt = on_corrupt_});
    if (!reader) return context_.refuse(reader.error());
    auto part = add_up(**reader, by_, context_.zone, sub_agents_, copied_);
    if (!part) return context_.refuse(with_advice(part.error(), one));
    if (auto merged = sums.merge(*part); !merged) return context_.refuse(merged.error());
    ++answer.sessions;
    return tell_report(context_, (*reader)->report(), on_corrupt_);
  }

  Context& context_;
  const StatsOptions& options_;
  const Filter& filter_;
  const std::vector<std::string>& by_;
  const OnCorrupt on_corrupt_;
  Selector selector_;
  SubAgents sub_agents_;
  CopiedResponses copied_;
  std::string first_id_;
};

/// The table that was asked for. Errors: those of reading it.
Result<formats::Prices> prices_of(const StatsOptions& options) {
  if (!options.prices || options.prices->empty()) return formats::Prices::standard();
  const auto text = read_whole_file(*options.prices, price_bytes_max);
  if (!text) return std::unexpected{text.error()};
  auto prices = formats::Prices::parse(*text);
  if (!prices) prices.error().message = in_quotes(*options.prices) + ": " + prices.error().message;
  return prices;
}

Result<void> apply(const formats::Prices& prices, const StatsOptions& options,
                   formats::StatsAnswer& answer) {
  if (auto done = prices.apply(answer.totals); !done) return done;
  for (formats::StatsGroup& group : answer.groups)
    if (auto done = prices.apply(group.totals); !done) return done;
  answer.prices = options.prices ? *options.prices
                                 : "list prices of " + prices.date() +
                                       " (`agentstore stats --prices` shows them)";
  return answer.sub_agents ? prices.apply(answer.sub_agents->totals) : Result<void>{};
}

int show(Context& context, const formats::Prices& prices) {
  context.start_pager();
  if (context.common.json) formats::write_prices_json(context.out, prices);
  else formats::write_prices_text(context.out, prices, context.screen());
  return context.finish(Status::fine);
}

}  // namespace

int run(Context& context, const StatsOptions& options) {
  const auto prices = prices_of(options);
  if (!prices) return context.refuse(prices.error());
  if (options.prices && options.prices->empty()) return show(context, *prices);
  if (options.all && !options.sessions.empty())
    return context.refuse(Code::invalid, "--all and a session are given", "give one of them");
  const auto by = read_by(options.by);
  if (!by) return context.refuse(by.error());
  Where where;
  const auto filter = make_filter(options.filter, context.zone, where);
  if (!filter) return context.refuse(filter.error());
  const auto on_corrupt = parse_on_corrupt(options.on_corrupt);
  if (!on_corrupt) return context.refuse(on_corrupt.error());
  auto assertions = Assertions::parse(options.assertions, "--assert");
  if (!assertions) return context.refuse(assertions.error());

  formats::StatsAnswer answer;
  Sums sums;
  int status = Sessions{context, options, *filter, *by, *on_corrupt}.add_all(answer, sums);
  status = where.tell(context, status);
  // Nothing could be read: there is no answer, not even a zero.
  if (status != Status::fine && answer.sessions == 0) return status;
  answer.totals = std::move(sums.totals);
  for (auto& [key, totals] : sums.groups) {
    formats::StatsGroup& group = answer.groups.emplace_back();
    for (std::size_t i = 0; i < by->size(); ++i) group.keys.push_back({(*by)[i], key[i]});
    group.totals = std::move(totals);
  }
  if (auto done = apply(*prices, options, answer); !done) return context.refuse(done.error());
  formats::StringSink json;
  formats::write_stats_json(json, answer);
  const auto failures = assertions->failures(fields_of(json.text));
  if (!failures) return context.refuse(failures.error());
  context.start_pager();
  if (context.common.json) context.out.write(json.text);
  else formats::write_stats_text(context.out, answer, context.screen());
  return context.finish(tell_failures(context, *failures, status));
}

}  // namespace agentstore::cmd
