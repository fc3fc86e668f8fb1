#include "query/sql_calls.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <string>
#include <utility>

#include "agentstore/analysis/kinds.hpp"
#include "query/sql_events.hpp"
#include "query/sql_pipe.hpp"

namespace agentstore::sql {
namespace {

constexpr std::array<ColumnInfo, CallColumn::count> columns{{
    {"session_id", "TEXT", "whose call it is"},
    {"call_seq", "INTEGER", "the event that calls; NULL: only a result is there"},
    {"result_seq", "INTEGER", "the event with the result; NULL: there is none"},
    {"tool_name", "TEXT", "the tool"},
    {"tool_args", "TEXT", "a JSON object"},
    {"file", "TEXT", "that the call names"},
    {"command", "TEXT", "that the call runs"},
    {"result", "TEXT", "what came out"},
    {"failed", "INTEGER", "1 if the result says that it failed, 0 if not"},
    {"duration_ms", "INTEGER", "as the result says it, else from the call to the result"},
    {"called_at", "TEXT", "when"},
    {"call_id", "TEXT", "as both have it"},
}};

/// What is read of events to pair them; what of them a row may show comes after that.
enum Read : int { kind, session, seq, event_id, causation_id, call_id, tool_name, needed };
constexpr std::array<int, Read::needed> always{EventColumn::kind,         EventColumn::session_id,
                                               EventColumn::seq,          EventColumn::event_id,
                                               EventColumn::causation_id, EventColumn::call_id,
                                               EventColumn::tool_name};

struct Shown {
  int column;    // of tool_calls
  int of_event;  // EventColumn
  bool of_result;
};
constexpr std::array<Shown, 8> shown{{
    {CallColumn::tool_args, EventColumn::tool_args, false},
    {CallColumn::file, EventColumn::file, false},
    {CallColumn::command, EventColumn::command, false},
    {CallColumn::called_at, EventColumn::timestamp, false},
    {CallColumn::result, EventColumn::text, true},
    {CallColumn::failed, EventColumn::failed, true},
    {CallColumn::duration_ms, EventColumn::duration_ms, true},
    {CallColumn::duration_ms, EventColumn::ms, true},
}};

Scan events_scan(const Scan& scan) {
  Scan events;
  events.ids = scan.ids;
  events.columns.assign(always.begin(), always.end());
  for (const Shown& one : shown)
    if (scan.slot(one.column) >= 0) events.columns.push_back(one.of_event);
  for (const char* const wanted : {"call", "result"})
    for (std::string& type : types_of_kind(wanted)) events.filter.types.push_back(std::move(type));
  return events;
}

/// Pairs the events of one log; the blocks that they stand in are kept until its end.
class Pairs {
 public:
  Pairs(std::size_t log, const Scan& scan, const Scan& events)
      : log_{log}, scan_{scan}, events_{events} {}

  void add(std::shared_ptr<const Block> block) {
    for (std::size_t i = 0; i < block->rows(); ++i) {
      const Cell* const row = block->row(i);
      if (row[Read::kind].view() == "call") open(row);
      else close(row);
    }
    blocks_.push_back(std::move(block));
  }

  std::unique_ptr<Block> rows() {
    std::ranges::stable_sort(pairs_, {}, [](const Pair& pair) {
      return (pair.call != nullptr ? pair.call : pair.result)[Read::seq].integer;
    });
    auto out = std::make_unique<Block>(scan_.columns.size());
    out->reserve(pairs_.size());
    for (const Pair& pair : pairs_) {
      Cell* const row = out->add_row();
      for (std::size_t i = 0; i < scan_.columns.size(); ++i)
        row[i] = copied(*out, cell(pair, scan_.columns[i]));
    }
    return out;
  }

 private:
  struct Pair {
    const Cell* call = nullptr;
    const Cell* result = nullptr;
  };
  using Calls = std::deque<std::size_t>;  // places of pairs, in the order of the log
  struct Open {
    std::map<std::string, std::size_t, std::less<>> by_event;
    std::map<std::string, Calls, std::less<>> by_call;
    std::map<std::string, Calls, std::less<>> by_tool;
  };

  void open(const Cell* row) {
    Open& session = open_[std::string{row[Read::session].view()}];
    const std::size_t place = pairs_.size();
    pairs_.push_back({row, nullptr});
    if (row[Read::event_id].is_text())
      session.by_event.insert_or_assign(std::string{row[Read::event_id].view()}, place);
    if (row[Read::call_id].is_text())
      session.by_call[std::string{row[Read::call_id].view()}].push_back(place);
    session.by_tool[tool_of(row)].push_back(place);
  }

  void close(const Cell* row) {
    Open& session = open_[std::string{row[Read::session].view()}];
    const auto place = call_of(session, row);
    if (place) pairs_[*place].result = row;
    else pairs_.push_back({nullptr, row});
  }

  std::optional<std::size_t> call_of(Open& session, const Cell* row) {
    if (row[Read::causation_id].is_text()) {
      const auto found = session.by_event.find(row[Read::causation_id].view());
      if (found != session.by_event.end() && pairs_[found->second].result == nullptr)
        return found->second;
    }
    const bool has_id = row[Read::call_id].is_text();
    if (has_id)
      if (const auto found = oldest(session.by_call, row[Read::call_id].view(), false))
        return found;
    if (row[Read::tool_name].is_text()) return oldest(session.by_tool, tool_of(row), has_id);
    // It does not say whose result it is: that of the call that has waited longest.
    std::optional<std::size_t> first;
    for (const auto& one : session.by_tool)
      if (const auto found = oldest(session.by_tool, one.first, has_id))
        first = std::min(first.value_or(*found), *found);
    return first;
  }

  /// The first of these calls that has no result. A result with an id belongs to no call with
  /// another one: then those that have one are passed over.
  std::optional<std::size_t> oldest(std::map<std::string, Calls, std::less<>>& all,
                                    std::string_view key, bool without_id) {
    const auto found = all.find(key);
    if (found == all.end()) return std::nullopt;
    Calls& calls = found->second;
    while (!calls.empty() && pairs_[calls.front()].result != nullptr) calls.pop_front();
    for (const std::size_t place : calls)
      if (pairs_[place].result == nullptr &&
          !(without_id && pairs_[place].call[Read::call_id].is_text()))
        return place;
    return std::nullopt;
  }

  static std::string tool_of(const Cell* row) {
    return row[Read::tool_name].is_text() ? std::string{row[Read::tool_name].view()} : "";
  }

  Cell cell(const Pair& pair, int column) const {
    const Cell* const either = pair.call != nullptr ? pair.call : pair.result;
    switch (column) {
      case row_key:
        return key_of_event(log_, either[Read::session].view(),
                            static_cast<std::uint64_t>(either[Read::seq].integer));
      case CallColumn::session_id: return either[Read::session];
      case CallColumn::call_seq: return pair.call != nullptr ? pair.call[Read::seq] : Cell{};
      case CallColumn::result_seq: return pair.result != nullptr ? pair.result[Read::seq] : Cell{};
      case CallColumn::tool_name: return either[Read::tool_name];
      case CallColumn::call_id: return either[Read::call_id];
      case CallColumn::duration_ms: return duration(pair);
      default: break;
    }
    const auto* const found = std::ranges::find(shown, column, &Shown::column);
    const Cell* const of = found->of_result ? pair.result : pair.call;
    return of != nullptr ? of[events_.slot(found->of_event)] : Cell{};
  }

  Cell duration(const Pair& pair) const {
    if (pair.result == nullptr) return {};
    const Cell told = pair.result[events_.slot(EventColumn::duration_ms)];
    if (told.kind != Cell::Kind::null || pair.call == nullptr) return told;
    const int at = events_.slot(EventColumn::ms);
    return Cell::of(pair.result[at].integer - pair.call[at].integer);
  }

  static Cell copied(Block& block, const Cell& cell) {
    return cell.kind == Cell::Kind::text ? block.text(cell.view()) : cell;
  }

  const std::size_t log_;
  const Scan& scan_;
  const Scan& events_;
  std::vector<std::shared_ptr<const Block>> blocks_;
  std::vector<Pair> pairs_;
  std::map<std::string, Open, std::less<>> open_;
};

class CallStream final : public PipedRows {
 public:
  CallStream(SqlSource& source, Interner& intern, Scan scan)
      : source_{source},
        intern_{intern},
        scan_{std::move(scan)},
        events_{events_scan(scan_)},
        logs_{logs_of(source_, scan_)} {
    start(worth_a_thread(source_, logs_));
  }
  ~CallStream() override { stop(); }

 private:
  bool read_next() override {
    if (at_ == logs_.size()) return false;
    const std::size_t log = logs_[at_++];
    Pairs pairs{log, scan_, events_};
    read_events(source_, log, intern_, events_, stopped(), [&](std::unique_ptr<Block> block) {
      if (block->rows() > 0) pairs.add(std::move(block));
      return !stopped();
    });
    (void)give(pairs.rows());
    return true;
  }

  SqlSource& source_;
  Interner& intern_;
  const Scan scan_;
  const Scan events_;
  const std::vector<std::size_t> logs_;
  std::size_t at_ = 0;
};

}  // namespace

std::span<const ColumnInfo> call_columns() {
  return columns;
}

std::unique_ptr<RowStream> scan_calls(SqlSource& source, Interner& intern, Scan scan) {
  return std::make_unique<CallStream>(source, intern, std::move(scan));
}

}  // namespace agentstore::sql
