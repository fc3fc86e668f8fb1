#include "query/sql_events.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/analysis/kinds.hpp"
#include "agentstore/analysis/prices.hpp"
#include "agentstore/analysis/stats.hpp"
#include "agentstore/internal/by_text.hpp"
#include "agentstore/json.hpp"
#include "query/sql_pipe.hpp"

namespace agentstore::sql {
namespace {

using Column = EventColumn;

constexpr std::array<ColumnInfo, Column::count> columns{{
    {"session_id", "TEXT", "whose event it is"},
    {"seq", "INTEGER", "its number in the session, from 1"},
    {"type", "TEXT", "as the log has it"},
    {"kind", "TEXT",
     "message, answer, request, call, result, plan, decision, error, state, redaction, entry, "
     "other"},
    {"timestamp", "TEXT", "when it happened, UTC, always nine digits of a second"},
    {"ms", "INTEGER", "the same in milliseconds since 1970"},
    {"gap_ms", "INTEGER", "milliseconds since the session's event before it"},
    {"event_id", "TEXT", "its id; NULL in logs that have none"},
    {"payload", "TEXT", "JSON; NULL where it was redacted"},
    {"metadata", "TEXT", "JSON"},
    {"text", "TEXT", "what was said, or came out"},
    {"tool_name", "TEXT", "of a call or a result"},
    {"tool_args", "TEXT", "of a call: a JSON object"},
    {"file", "TEXT", "that a call names"},
    {"command", "TEXT", "that a call runs"},
    {"failed", "INTEGER", "of a result: 1 if it says that it failed, 0 if not; 1 of an error"},
    {"model", "TEXT", "that answered"},
    {"tokens_in", "INTEGER", "of llm_request and llm_response, the cache's included"},
    {"tokens_out", "INTEGER", "the same, the reasoning included"},
    {"tokens_cache_read", "INTEGER", "of those in"},
    {"tokens_cache_write", "INTEGER", "of those in"},
    {"tokens_reasoning", "INTEGER", "of those out"},
    {"token_count", "INTEGER", "the whole number that the payload has under this name"},
    {"duration_ms", "INTEGER", "as the metadata says it"},
    {"cost_usd", "NUMERIC", "of a response, as recorded"},
    {"cost_usd_text", "TEXT", "the same, every digit"},
    {"cost_computed_usd", "NUMERIC", "by list prices, where none was recorded"},
    {"cost_computed_usd_text", "TEXT", "the same, every digit"},
    {"causation_id", "TEXT", "the event that led to it"},
    {"correlation_id", "TEXT", "what it belongs to"},
    {"call_id", "TEXT", "of a call and its result"},
    {"recorded_at", "TEXT", "when it was written; NULL in logs that do not say"},
    {"batch", "TEXT", "[place, size] of the write that it came with, JSON"},
    {"hash", "TEXT", "its seal"},
}};

constexpr std::size_t texts_max = 4096;  // of a column that recur
constexpr std::size_t logs_inline_max = 8;

bool is_usage(int column) {
  return (column >= Column::model && column <= Column::tokens_reasoning) ||
         (column >= Column::cost_usd && column <= Column::cost_computed_usd_text);
}

/// How much of an event has to be looked at.
Depth depth_of(const Scan& scan) {
  Depth depth = Depth::ends;
  for (const int column : scan.columns) {
    switch (column) {
      case row_key:
      case Column::session_id:
      case Column::seq:
      case Column::type:
      case Column::kind:
      case Column::hash:
      case Column::recorded_at:
      case Column::batch: break;
      case Column::text:
      case Column::tool_args:
      case Column::file:
      case Column::command:
      case Column::payload: return Depth::whole;
      default: depth = Depth::envelope;
    }
  }
  return depth;
}

/// Whether a transcript's events without their texts have all that is wanted.
bool figures_suffice(const Scan& scan) {
  return std::ranges::all_of(scan.columns, [](int column) {
    switch (column) {
      case row_key:
      case Column::session_id:
      case Column::seq:
      case Column::type:
      case Column::kind:
      case Column::timestamp:
      case Column::ms:
      case Column::gap_ms: return true;
      default: return is_usage(column);
    }
  });
}

/// Whether a column of an event of this kind may come out of its payload.
bool is_of_payload(int column, const EventView& event) {
  const EventKind kind = kind_of_type(event.type);
  const bool of_tool = kind == EventKind::call || kind == EventKind::result;
  switch (column) {
    case Column::payload:
    case Column::text:
    case Column::token_count: return true;
    case Column::tool_name:
    case Column::call_id: return of_tool;
    case Column::tool_args:
    case Column::file:
    case Column::command: return kind == EventKind::call;
    case Column::failed: return kind == EventKind::result;
    default: return false;
  }
}

/// Events as rows. What recurs is interned: a thread's part remembers what it has seen.
class EventRows final : public Part {
 public:
  EventRows(SqlSource& source, std::size_t log, const Scan& scan, Interner& intern,
            const std::atomic<bool>& stopped)
      : source_{source}, log_{log}, scan_{scan}, intern_{intern}, stopped_{stopped} {
    for (const int column : scan.columns) usage_wanted_ = usage_wanted_ || is_usage(column);
  }

  void restart() override { block = std::make_unique<Block>(scan_.columns.size()); }

  Result<void> take(std::span<const EventView> events) override {
    if (stopped_) return fail(Code::closed, "the answer is not wanted any more");
    block->reserve(block->rows() + events.size());
    for (const EventView& event : events) {
      if (scan_.ids && !scan_.ids->contains(event.session_id)) continue;
      add(event);
    }
    return {};
  }

  std::unique_ptr<Block> block;

 private:
  void add(const EventView& event) {
    Cell* const row = block->add_row();
    Usage usage;
    const bool llm = usage_wanted_ && is_llm_event(event.type);
    if (llm) usage = usage_of(event);
    for (std::size_t i = 0; i < scan_.columns.size(); ++i) {
      const int column = scan_.columns[i];
      row[i] = is_usage(column) ? usage_cell(event, column, usage, llm) : cell(event, column);
    }
    if (event.redacted_by != 0) tell_redacted(event, row);
  }

  /// Whether a payload could have filled what is NULL in its row.
  void tell_redacted(const EventView& event, const Cell* row) {
    for (std::size_t i = 0; i < scan_.columns.size(); ++i)
      if (row[i].kind == Cell::Kind::null && is_of_payload(scan_.columns[i], event))
        return source_.lacks_payload(log_, event.session_id, event.sequence_number);
  }

  Cell fixed(ByText<std::string_view>& seen, std::string_view text) {
    if (const auto* const known = seen.find(text)) return Cell::fixed_text(*known);
    if (seen.size() >= texts_max) return block->text(text);
    return Cell::fixed_text(seen.add(text, intern_(text)));
  }

  Cell text_or_null(std::string_view text) { return text.empty() ? Cell{} : block->text(text); }

  Cell json_text(const std::optional<std::string>& part) {
    return part ? block->text(json::kind_of(*part) == json::Kind::string ? json::text_of(*part)
                                                                         : *part)
                : Cell{};
  }

  Cell member(const json::Value& object, std::string_view name) {
    const auto text = json::find_text(object, name);
    return text ? block->text(*text) : Cell{};
  }

  static Cell number(std::optional<std::int64_t> value) {
    return value ? Cell::of(*value) : Cell{};
  }

  Cell cell(const EventView& event, int column) {
    switch (column) {
      case row_key: return key_of_event(log_, event.session_id, event.sequence_number);
      case Column::session_id: return fixed(sessions_, event.session_id);
      case Column::seq: return Cell::of(static_cast<std::int64_t>(event.sequence_number));
      case Column::type: return fixed(types_, event.type);
      case Column::kind: return Cell::fixed_text(kind_of(event.type));
      case Column::timestamp: return block->text(format_rfc3339(event.timestamp));
      case Column::gap_ms:  // Told when the parts are joined.
      case Column::ms: return Cell::of(ms_of(event.timestamp));
      case Column::event_id: return text_or_null(event.event_id);
      case Column::payload: return event.redacted_by != 0 ? Cell{} : block->text(event.payload);
      case Column::metadata: return block->text(event.metadata);
      case Column::tool_name: {
        const auto name = tool_name_of(event);
        return name ? fixed(tools_, *name) : Cell{};
      }
      case Column::text: return json_text(event_part(event, "text"));
      case Column::tool_args: return json_text(event_part(event, "tool_args"));
      case Column::file: return json_text(event_part(event, "file"));
      case Column::command: return json_text(event_part(event, "command"));
      case Column::failed: return failed(event);
      case Column::token_count: return number(json::find_integer(event.payload, "token_count"));
      case Column::duration_ms: return number(json::find_integer(event.metadata, "duration_ms"));
      case Column::causation_id: return member(event.metadata, "causation_id");
      case Column::correlation_id: return member(event.metadata, "correlation_id");
      case Column::call_id: return text_or_null(call_id_of(event));
      case Column::recorded_at:
        return event.hash.empty() ? Cell{} : member(event.line, "recorded_at");
      case Column::batch: {
        if (event.hash.empty()) return {};
        const auto batch = json::find(event.line, "batch");
        return batch ? block->text(*batch) : Cell{};
      }
      case Column::hash: return text_or_null(event.hash);
      default: return {};
    }
  }

  Cell failed(const EventView& event) {
    const EventKind kind = kind_of_type(event.type);
    if (kind != EventKind::result && kind != EventKind::error) return {};
    const auto part = event_part(event, "failed");
    return part ? Cell::of(std::int64_t{*part == "true" ? 1 : 0}) : Cell{};
  }

  Cell usage_cell(const EventView& event, int column, const Usage& usage, bool llm) {
    if (column == Column::model) return model(event, usage, llm);
    if (!llm) return {};
    switch (column) {
      case Column::tokens_in: return number(usage.tokens_in);
      case Column::tokens_out: return number(usage.tokens_out);
      case Column::tokens_cache_read: return number(usage.tokens_cache_read);
      case Column::tokens_cache_write: return number(usage.tokens_cache_write);
      case Column::tokens_reasoning: return number(usage.tokens_reasoning);
      case Column::cost_usd:
      case Column::cost_usd_text: return cost(usage, column == Column::cost_usd_text);
      default: return computed(event, usage, column == Column::cost_computed_usd_text);
    }
  }

  Cell model(const EventView& event, const Usage& usage, bool llm) {
    std::string_view name = usage.model;
    if (!llm && event.metadata.size() > 2)
      if (const auto found = json::find(event.metadata, "model");
          found && json::kind_of(*found) == json::Kind::string)
        name = *found;
    if (name.size() <= 2) return {};
    // By its token: most have no escape to resolve.
    if (const auto* const known = models_.find(name)) return Cell::fixed_text(*known);
    const std::string text = json::text_of(name);
    if (models_.size() >= texts_max) return block->text(text);
    return Cell::fixed_text(models_.add(name, intern_(text)));
  }

  Cell cost(const Usage& usage, bool as_text) {
    if (usage.cost.empty()) return {};
    const auto amount = Decimal::parse(usage.cost);
    if (as_text) return block->text(amount ? amount->to_string() : std::string{usage.cost});
    if (amount) return amount_cell(*amount);
    Cell cell;
    cell.kind = Cell::Kind::inexact;
    return cell;
  }

  Cell computed(const EventView& event, const Usage& usage, bool as_text) {
    if (event.type != llm_response || !usage.cost.empty() || !usage.has_tokens()) return {};
    const ResponseCost cost = Prices::standard().cost_of(usage, event.timestamp);
    if (!cost.usd) return {};
    return as_text ? block->text(cost.usd->to_string()) : amount_cell(*cost.usd);
  }

  std::string_view kind_of(std::string_view type) {
    if (const auto* const known = kinds_.find(type)) return *known;
    const std::string_view name = kind_name(kind_of_type(type));
    if (kinds_.size() < texts_max) kinds_.add(type, name);
    return name;
  }

  SqlSource& source_;
  const std::size_t log_;
  const Scan& scan_;
  Interner& intern_;
  const std::atomic<bool>& stopped_;
  bool usage_wanted_ = false;
  ByText<std::string_view> sessions_;
  ByText<std::string_view> types_;
  ByText<std::string_view> kinds_;
  ByText<std::string_view> tools_;
  ByText<std::string_view> models_;
};

/// Turns the times that stand under gap_ms into the gaps between them.
class Gaps {
 public:
  Gaps(int slot, int session_slot) : slot_{slot}, session_slot_{session_slot} {}

  void settle(Block& block) {
    if (slot_ < 0) return;
    for (std::size_t i = 0; i < block.rows(); ++i) {
      Cell* const row = block.row(i);
      const std::int64_t now = row[slot_].integer;
      const auto [last, first] = last_.emplace(row[session_slot_].view(), now);
      row[slot_] = first ? Cell{} : Cell::of(now - last->second);
      last->second = now;
    }
  }

 private:
  int slot_;
  int session_slot_;
  std::map<std::string, std::int64_t, std::less<>> last_;  // times, by session
};

class EventStream final : public PipedRows {
 public:
  EventStream(SqlSource& source, Interner& intern, Scan scan)
      : source_{source}, intern_{intern}, scan_{std::move(scan)}, logs_{logs_of(source_, scan_)} {
    // A gap is one between the events of the log, whichever of them are wanted.
    if (scan_.slot(Column::gap_ms) >= 0) {
      scan_.filter = {};
      if (scan_.slot(Column::session_id) < 0) scan_.columns.push_back(Column::session_id);
    }
    start(worth_a_thread(source_, logs_));
  }
  ~EventStream() override { stop(); }

 private:
  bool read_next() override {
    if (at_ == logs_.size()) return false;
    read_events(source_, logs_[at_++], intern_, scan_, stopped(),
                [this](std::unique_ptr<Block> block) { return give(std::move(block)); });
    return true;
  }

  SqlSource& source_;
  Interner& intern_;
  Scan scan_;
  const std::vector<std::size_t> logs_;
  std::size_t at_ = 0;
};

}  // namespace

std::span<const ColumnInfo> event_columns() {
  return columns;
}

std::int64_t ms_of(Timestamp at) {
  return at.seconds * 1000 + at.nanoseconds / 1'000'000;
}

std::vector<std::string> types_of_kind(std::string_view kind) {
  std::vector<std::string> types;
  for (const KnownType& one : known_types())
    if (kind_name(one.kind) == kind) types.emplace_back(one.type);
  return types;
}

std::string call_id_of(const EventView& event) {
  const EventKind kind = kind_of_type(event.type);
  if (kind != EventKind::call && kind != EventKind::result) return {};
  for (const std::string_view name : {"tool_call_id", "tool_use_id", "call_id", "id"})
    if (auto id = json::find_id(event.payload, name)) return *id;
  if (const auto extra = json::find(event.metadata, "extra"))
    for (const std::string_view name : {"tool_call_id", "tool_use_id", "call_id"})
      if (auto id = json::find_id(*extra, name)) return *id;
  return {};
}

std::vector<std::size_t> logs_of(SqlSource& source, const Scan& scan) {
  std::vector<std::size_t> chosen;
  const auto logs = source.logs();
  const auto choose = [&](const auto& some) {
    for (const SqlLog& one : some) chosen.push_back(static_cast<std::size_t>(&one - logs.data()));
  };
  if (!scan.ids) {
    choose(logs);
    return chosen;
  }
  // In the order of their ids, of which those that are not known are empty.
  choose(std::ranges::equal_range(logs, std::string_view{}, {}, &SqlLog::session_id));
  for (const std::string& id : *scan.ids)
    if (!id.empty()) choose(std::ranges::equal_range(logs, id, {}, &SqlLog::session_id));
  return chosen;
}

bool worth_a_thread(SqlSource& source, std::span<const std::size_t> logs) {
  const auto all = source.logs();
  return logs.size() > logs_inline_max ||
         std::ranges::any_of(logs, [&](std::size_t log) { return all[log].large; });
}

void read_events(SqlSource& source, std::size_t log, Interner& intern, const Scan& scan,
                 const std::atomic<bool>& stopped,
                 const std::function<bool(std::unique_ptr<Block>)>& give) {
  Scan here = scan;
  const SqlLog& about = source.logs()[log];
  if (!about.several && !about.session_id.empty()) here.ids.reset();
  Gaps gaps{here.slot(Column::gap_ms), here.slot(Column::session_id)};
  const Parts parts{
      .make = [&] { return std::make_unique<EventRows>(source, log, here, intern, stopped); },
      .join =
          [&](Part& part) {
            auto& rows = dynamic_cast<EventRows&>(part);
            gaps.settle(*rows.block);
            return give(std::move(rows.block)) ? Joined::taken : Joined::enough;
          },
      .depth = depth_of(here)};
  ReadOptions options{.filter = here.filter, .seals = Seals::short_logs};
  source.read(log, std::move(options), parts, figures_suffice(here));
}

std::unique_ptr<RowStream> scan_events(SqlSource& source, Interner& intern, Scan scan) {
  return std::make_unique<EventStream>(source, intern, std::move(scan));
}

}  // namespace agentstore::sql
