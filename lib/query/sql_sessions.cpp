#include "query/sql_sessions.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace agentstore::sql {
namespace {

using Column = SessionColumn;

constexpr std::array<ColumnInfo, Column::count> columns{{
    {"id", "TEXT", "the session's id"},
    {"name", "TEXT", "that somebody gave it"},
    {"title", "TEXT", "what its first message or its agent calls it"},
    {"created_at", "TEXT", "when it was made, UTC"},
    {"first_event_at", "TEXT", "its earliest event"},
    {"last_event_at", "TEXT", "its latest event"},
    {"duration_ms", "INTEGER", "from the one to the other"},
    {"events", "INTEGER", "how many"},
    {"agent_id", "TEXT", "its label of this name"},
    {"agent_type", "TEXT", "likewise"},
    {"user_id", "TEXT", "likewise"},
    {"project", "TEXT", "likewise"},
    {"git_branch", "TEXT", "likewise"},
    {"source", "TEXT", "likewise: the tool whose transcript it is"},
    {"parent", "TEXT", "its label parent_session"},
    {"root", "TEXT",
     "the session that it is a sub-agent of, however deep; itself where it is none"},
    {"tokens", "INTEGER", "in and out, each response once"},
    {"tokens_in", "INTEGER", "the cache's included"},
    {"tokens_out", "INTEGER", "the reasoning included"},
    {"cost_total_usd", "NUMERIC", "recorded, else by list prices; NULL where a cost is not known"},
    {"cost_total_usd_text", "TEXT", "the same, every digit"},
    {"cost_known_usd_text", "TEXT", "what of the cost is known, every digit"},
    {"cost_unknown_responses", "INTEGER", "responses of which it is not"},
    {"tokens_unknown", "INTEGER", "responses that do not say, or not legibly, what they used"},
    {"told_tokens", "INTEGER",
     "likewise, of sub-agents of which only this session tells: part of no other number"},
    {"told_cost_known_usd_text", "TEXT", "likewise"},
    {"told_cost_unknown_responses", "INTEGER", "likewise"},
    {"told_tokens_unknown", "INTEGER", "likewise"},
    {"tool_calls", "INTEGER", "events of the kind call"},
    {"tool_errors", "INTEGER", "results that say that they failed"},
    {"errors", "INTEGER", "events of the kind error"},
}};

constexpr std::array<ColumnInfo, LabelColumn::count> label_infos{{
    {"session_id", "TEXT", "whose label it is"},
    {"key", "TEXT", "its name"},
    {"value", "TEXT", "what it says"},
}};

/// One block that was made beforehand.
class MadeRows final : public RowStream {
 public:
  explicit MadeRows(std::unique_ptr<Block> block) : block_{std::move(block)} {}
  std::unique_ptr<Block> next() override { return std::move(block_); }

 private:
  std::unique_ptr<Block> block_;
};

bool is_of_totals(int column) {
  switch (column) {
    case Column::first_event_at:
    case Column::last_event_at:
    case Column::duration_ms:
    case Column::events:
    case Column::tokens:
    case Column::tokens_in:
    case Column::tokens_out:
    case Column::cost_total_usd:
    case Column::cost_total_usd_text:
    case Column::cost_known_usd_text:
    case Column::cost_unknown_responses:
    case Column::tokens_unknown:
    case Column::told_tokens:
    case Column::told_cost_known_usd_text:
    case Column::told_cost_unknown_responses:
    case Column::told_tokens_unknown:
    case Column::tool_calls:
    case Column::tool_errors:
    case Column::errors: return true;
    default: return false;
  }
}

Cell label_cell(Block& block, const Session& session, const char* key) {
  const auto found = session.labels.find(key);
  return found == session.labels.end() ? Cell{} : block.text(found->second);
}

Cell time_cell(Block& block, const std::optional<Timestamp>& at) {
  return at ? block.text(format_rfc3339(*at)) : Cell{};
}

Cell totals_cell(Block& block, const Totals& totals, int column) {
  const auto count = [](std::uint64_t number) {
    return Cell::of(static_cast<std::int64_t>(number));
  };
  switch (column) {
    case Column::first_event_at: return time_cell(block, totals.first_event_at);
    case Column::last_event_at: return time_cell(block, totals.last_event_at);
    case Column::duration_ms: {
      const auto duration = totals.duration_ms();
      return duration ? Cell::of(*duration) : Cell{};
    }
    case Column::events: return count(totals.events);
    case Column::tokens: {
      std::int64_t sum = 0;
      if (__builtin_add_overflow(totals.tokens_in, totals.tokens_out, &sum)) return {};
      return Cell::of(sum);
    }
    case Column::tokens_in: return Cell::of(totals.tokens_in);
    case Column::tokens_out: return Cell::of(totals.tokens_out);
    case Column::tool_calls: return count(totals.tool_calls);
    case Column::tool_errors: return count(totals.tool_errors);
    case Column::errors: return count(totals.errors);
    case Column::cost_unknown_responses: return count(totals.cost_unknown_responses());
    case Column::tokens_unknown:
      return count(totals.unread_usage_count + totals.silent_responses + totals.unfinished_runs());
    case Column::cost_known_usd_text: {
      const auto known = totals.cost_known_usd();
      return known ? block.text(known->to_string()) : Cell{};
    }
    default: break;
  }
  const auto cost = totals.cost_total_usd();
  if (!cost || !*cost) return {};
  return column == Column::cost_total_usd ? amount_cell(**cost) : block.text((*cost)->to_string());
}

/// The session at the top of those that started one another. Of a circle, which nothing started,
/// each is its own.
class Roots {
 public:
  explicit Roots(std::span<const SqlSession> sessions) {
    for (const SqlSession& one : sessions) {
      const auto parent = one.session.labels.find("parent_session");
      if (parent != one.session.labels.end()) parents_.emplace(one.session.id, parent->second);
      known_.insert(one.session.id);
    }
  }

  std::string_view of(std::string_view id) const {
    std::string_view root = id;
    for (std::size_t steps = 0; steps <= parents_.size(); ++steps) {
      const auto parent = parents_.find(root);
      if (parent == parents_.end() || !known_.contains(parent->second)) return root;
      root = parent->second;
    }
    return id;
  }

 private:
  std::map<std::string_view, std::string_view> parents_;
  std::set<std::string_view> known_;
};

Cell cell(Block& block, const SqlSession& one, int column) {
  const auto text = [&](const std::string& value) {
    return value.empty() ? Cell{} : block.text(value);
  };
  switch (column) {
    case Column::id: return block.text(one.session.id);
    case Column::name: return text(one.session.name);
    case Column::title: return text(one.title);
    case Column::created_at: return block.text(format_rfc3339(one.session.created_at));
    case Column::agent_id: return label_cell(block, one.session, "agent_id");
    case Column::agent_type: return label_cell(block, one.session, "agent_type");
    case Column::user_id: return label_cell(block, one.session, "user_id");
    case Column::project: return label_cell(block, one.session, "project");
    case Column::git_branch: return label_cell(block, one.session, "git_branch");
    case Column::source: return label_cell(block, one.session, "source");
    case Column::parent: return label_cell(block, one.session, "parent_session");
    default: break;
  }
  if (!one.totals) return {};
  const auto told = [&](int of_session) { return totals_cell(block, one.told_agents, of_session); };
  switch (column) {
    case Column::told_tokens: return told(Column::tokens);
    case Column::told_cost_known_usd_text: return told(Column::cost_known_usd_text);
    case Column::told_cost_unknown_responses: return told(Column::cost_unknown_responses);
    case Column::told_tokens_unknown: return told(Column::tokens_unknown);
    default: return totals_cell(block, *one.totals, column);
  }
}

bool is_wanted(const Scan& scan, const SqlSession& one) {
  return !scan.ids || scan.ids->contains(one.session.id);
}

/// The planner counts on this order.
std::vector<const SqlSession*> by_id(std::span<const SqlSession> sessions) {
  std::vector<const SqlSession*> sorted;
  sorted.reserve(sessions.size());
  for (const SqlSession& one : sessions) sorted.push_back(&one);
  const auto id = [](const SqlSession* one) -> const std::string& { return one->session.id; };
  if (!std::ranges::is_sorted(sorted, {}, id)) std::ranges::stable_sort(sorted, {}, id);
  return sorted;
}

}  // namespace

std::span<const ColumnInfo> session_columns() {
  return columns;
}

std::span<const ColumnInfo> label_columns() {
  return label_infos;
}

Result<std::unique_ptr<RowStream>> scan_sessions(SqlSource& source, const Scan& scan) {
  const SqlSessionNeeds needs{.titles = scan.slot(Column::title) >= 0,
                              .totals = std::ranges::any_of(scan.columns, is_of_totals)};
  const auto sessions = source.sessions(needs);
  if (!sessions) return std::unexpected{sessions.error()};
  const bool wants_roots = scan.slot(Column::root) >= 0;
  const Roots roots{wants_roots ? *sessions : std::span<const SqlSession>{}};
  auto block = std::make_unique<Block>(scan.columns.size());
  std::int64_t key = 0;
  for (const SqlSession* const session : by_id(*sessions)) {
    const SqlSession& one = *session;
    ++key;
    if (!is_wanted(scan, one)) continue;
    Cell* const row = block->add_row();
    for (std::size_t i = 0; i < scan.columns.size(); ++i)
      row[i] = scan.columns[i] == row_key        ? Cell::of(key)
               : scan.columns[i] == Column::root ? block->text(roots.of(one.session.id))
                                                 : cell(*block, one, scan.columns[i]);
  }
  return std::make_unique<MadeRows>(std::move(block));
}

Result<std::unique_ptr<RowStream>> scan_labels(SqlSource& source, const Scan& scan) {
  const auto sessions = source.sessions({});
  if (!sessions) return std::unexpected{sessions.error()};
  auto block = std::make_unique<Block>(scan.columns.size());
  std::int64_t number = 0;
  for (const SqlSession* const session : by_id(*sessions)) {
    const SqlSession& one = *session;
    for (const auto& [key, value] : one.session.labels) {
      ++number;
      if (!is_wanted(scan, one)) continue;
      Cell* const row = block->add_row();
      for (std::size_t i = 0; i < scan.columns.size(); ++i)
        row[i] = scan.columns[i] == row_key
                     ? Cell::of(number)
                     : block->text(scan.columns[i] == LabelColumn::key     ? key
                                   : scan.columns[i] == LabelColumn::value ? value
                                                                           : one.session.id);
    }
  }
  return std::make_unique<MadeRows>(std::move(block));
}

}  // namespace agentstore::sql
