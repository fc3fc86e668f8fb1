#include "cmd/words/session_order.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>
#include <tuple>

#include "agentstore/internal/nearest.hpp"
#include "cmd/quoting.hpp"
#include "cmd/words/labels.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::array<std::string_view, 11> columns{
    "", "id", "name", "events", "created", "last", "project", "tokens", "out", "cost", "errors"};

Error unknown_column(const std::string& column) {
  const std::vector<std::string> known{columns.begin() + 1, columns.end()};
  // A prefix is meant for sure; else the nearest.
  std::string near;
  for (const std::string& one : known)
    if (near.empty() && !column.empty() && one.starts_with(column)) near = one;
  if (near.empty()) near = nearest(column, known);
  std::string all;
  for (const std::string& one : known) all += (all.empty() ? "" : ", ") + one;
  return {Code::invalid, "--sort: there is no column " + in_quotes(column),
          near.empty() ? "it is one of " + all : "did you mean " + in_quotes(near) + "?"};
}

std::string project_of(const Session& session) {
  return label_of(session.labels, "project");
}

}  // namespace

Result<SessionOrder> SessionOrder::parse(const std::optional<std::string>& text) {
  SessionOrder order;
  if (!text) return order;
  const std::size_t colon = text->find(':');
  const std::string column = text->substr(0, colon);
  const auto* const found = std::find(columns.begin() + 1, columns.end(), column);
  if (found == columns.end()) return std::unexpected{unknown_column(column)};
  order.column_ = static_cast<Column>(found - columns.begin());
  if (colon == text->npos) return order;
  const std::string way = text->substr(colon + 1);
  if (way != "asc" && way != "desc")
    return fail(Code::invalid, "--sort: " + in_quotes(way) + " is no order", "write asc or desc");
  order.descending_ = way == "desc";
  return order;
}

bool SessionOrder::is_before(const Session& a, const Session& b) const {
  switch (column_) {
    case id: return a.id < b.id;
    case events: return a.event_count < b.event_count;
    case created: return a.created_at < b.created_at;
    case last: return a.updated_at < b.updated_at;
    case project: return project_of(a) < project_of(b);
    default: return false;
  }
}

// What is not known is less than anything that is.
bool SessionOrder::is_before(const std::optional<Totals>& a, const std::optional<Totals>& b) const {
  if (!a || !b) return b.has_value() && !a;
  const auto cost_of = [](const Totals& totals) {
    const bool known = totals.cost_usd || totals.cost_computed_usd;
    return std::tuple{known, totals.cost_known_usd().value_or(Decimal{})};
  };
  switch (column_) {
    case tokens: return a->tokens_in < b->tokens_in;
    case out: return a->tokens_out < b->tokens_out;
    case cost: return cost_of(*a) < cost_of(*b);
    default: return a->errors < b->errors;
  }
}

std::vector<std::size_t> SessionOrder::of(std::span<const Session* const> sessions,
                                          std::span<const std::string> titles,
                                          std::span<const std::optional<Totals>> totals) const {
  std::vector<std::size_t> order(sessions.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (!given()) return order;
  const auto shown_name = [&](std::size_t at) -> const std::string& {
    return sessions[at]->name.empty() ? titles[at] : sessions[at]->name;
  };
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    if (descending_) std::swap(a, b);
    if (column_ == name) return shown_name(a) < shown_name(b);
    return needs_figures() ? is_before(totals[a], totals[b])
                           : is_before(*sessions[a], *sessions[b]);
  });
  return order;
}

}  // namespace agentstore::cmd
