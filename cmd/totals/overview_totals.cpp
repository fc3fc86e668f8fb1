#include "cmd/totals/overview_totals.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>

#include "cmd/totals/totals.hpp"
#include "cmd/version.hpp"
#include "cmd/words/labels.hpp"

namespace agentstore::cmd {
namespace {

/// Parts of several answers, made of the same events.
class ManyParts final : public Part {
 public:
  explicit ManyParts(std::vector<std::unique_ptr<Part>> parts) : parts_{std::move(parts)} {}
  void restart() override {
    for (const auto& part : parts_) part->restart();
  }
  Result<void> take(std::span<const EventView> events) override {
    for (const auto& part : parts_)
      if (auto taken = part->take(events); !taken) return taken;
    return {};
  }
  Part& at(std::size_t i) { return *parts_[i]; }

 private:
  std::vector<std::unique_ptr<Part>> parts_;
};

Parts as_one(const std::vector<Parts>& all) {
  return {.make =
              [all] {
                std::vector<std::unique_ptr<Part>> made;
                for (const Parts& parts : all) made.push_back(parts.make());
                return std::make_unique<ManyParts>(std::move(made));
              },
          .join =
              [all](Part& part) {
                auto& many = dynamic_cast<ManyParts&>(part);
                Joined joined = Joined::taken;
                for (std::size_t i = 0; i < all.size(); ++i)
                  if (all[i].join(many.at(i)) == Joined::enough) joined = Joined::enough;
                return joined;
              },
          .depth = Depth::envelope};
}

/// The ways in which an overview adds up.
enum Way : std::size_t { whole, by_day, by_project, by_model, by_tool, by_session, ways };

class OverviewReader {
 public:
  OverviewReader(Context& context, const Filter& filter, const Prices& prices)
      : context_{context}, filter_{filter} {
    for (const char* const word : {"", "day", "project", "model", "tool", "session"}) {
      auto& grouping = groupings_.emplace_back(Grouping{.by = {}, .zone = context.zone});
      if (*word != '\0') grouping.by.emplace_back(word);
      adders_.emplace_back(grouping, prices);
    }
  }

  void know_agent(const Labels& labels) {
    const auto agent = labels.find("agent_id");
    if (agent == labels.end()) return;
    for (Adder& adder : adders_) adder.agent_is_known(agent->second);
  }

  Result<ReadReport> add(const Input& input) {
    const Labels labels = input.labels();
    std::vector<Parts> all;
    for (Adder& adder : adders_) all.push_back(adder.parts(labels));
    auto report = input.read_parts({.filter = filter_, .seals = Seals::short_logs}, as_one(all));
    if (!report) return report;
    for (std::size_t i = 0; i < ways; ++i)
      if (const auto added = adders_[i].add_to(sums_[i], View::all); !added)
        return std::unexpected{added.error()};
    const std::string id =
        input.session().id.empty() ? adders_[whole].main_session() : input.session().id;
    sessions_.emplace_back(&input, id);
    return report;
  }

  Result<OverviewRead> finish(const Prices& prices) {
    OverviewRead read;
    formats::StatsAnswer& all = read.overview.all;
    for (std::size_t i = 0; i < ways; ++i) {
      const auto uncounted = adders_[i].settle(sums_[i], View::all);
      if (!uncounted) return std::unexpected{uncounted.error()};
      if (i == whole) all.uncounted = *uncounted;
    }
    all.sessions = sessions_.size();
    all.totals = std::move(sums_[whole].totals);
    all.sessions_duration_ms = sums_[whole].in_sessions.duration_ms;
    all.prices = "list prices of " + prices.date();
    read.overview.days = groups_of(by_day);
    read.overview.projects = groups_of(by_project);
    read.overview.models = groups_of(by_model);
    read.overview.tools = groups_of(by_tool);
    add_sessions(read);
    read.overview.generator = program_version();
    return read;
  }

 private:
  std::vector<formats::StatsGroup> groups_of(Way way) {
    std::vector<formats::StatsGroup> groups;
    for (auto& [key, sum] : sums_[way].groups) {
      formats::StatsGroup& group = groups.emplace_back();
      group.keys.push_back({groupings_[way].by.front(), key.front()});
      group.totals = std::move(sum.totals);
      group.in_sessions = std::move(sum.in_sessions);
    }
    return groups;
  }

  void add_sessions(OverviewRead& read) const {
    for (const auto& [input, id] : sessions_) {
      const auto sum = sums_[by_session].groups.find({id});
      if (sum == sums_[by_session].groups.end() && !filter_.takes_all()) continue;
      formats::OverviewSession& one = read.overview.sessions.emplace_back();
      one.id = id;
      one.name = input->session().name;
      one.title = input->title();
      one.project = label_of(input->labels(), "project");
      if (sum != sums_[by_session].groups.end()) one.totals = sum->second.totals;
      read.inputs.push_back(input);
    }
  }

  Context& context_;
  const Filter& filter_;
  std::deque<Grouping> groupings_;
  std::deque<Adder> adders_;
  std::array<Sums, ways> sums_;
  std::vector<std::pair<const Input*, std::string>> sessions_;
};

}  // namespace

Result<OverviewRead> read_overview(Context& context, const Inputs& inputs, const Filter& filter,
                                   const Prices& prices, const OnRead& on_read) {
  OverviewReader reader{context, filter, prices};
  for (const auto& input : inputs) reader.know_agent(input->session().labels);
  std::vector<std::string> unread;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    auto report = reader.add(*inputs[i]);
    if (!report) unread.push_back(inputs[i]->label() + ": " + report.error().message);
    on_read(i, std::move(report));
  }
  auto read = reader.finish(prices);
  if (read) read->overview.unread = std::move(unread);
  return read;
}

std::string selection_text(const Context& context, const FilterOptions& filter) {
  std::string text;
  const auto add = [&](std::string_view name, const std::string& value) {
    text += (text.empty() ? "" : ", ") + std::string{name} + value;
  };
  const auto add_each = [&](std::string_view name, const std::vector<std::string>& values) {
    for (const std::string& value : values) add(name, value);
  };
  if (filter.since) add("since ", *filter.since);
  if (filter.until) add("until ", *filter.until);
  if (filter.before) add("before ", *filter.before);
  if (filter.sequence) add("events ", *filter.sequence);
  add_each("type ", filter.types);
  add_each("without type ", filter.not_types);
  add_each("tool ", filter.tools);
  if (filter.grep) add("matching ", *filter.grep);
  add_each("where ", filter.where);
  add_each("", context.common.labels);
  return text;
}

}  // namespace agentstore::cmd
