#include "query/sql_entries.hpp"

#include <array>
#include <map>
#include <string>
#include <utility>

#include "projections/amount.hpp"
#include "query/sql_events.hpp"
#include "query/sql_pipe.hpp"

namespace agentstore::sql {
namespace {

constexpr std::array<ColumnInfo, EntryColumn::count> columns{{
    {"session_id", "TEXT", "whose money it is"},
    {"seq", "INTEGER", "the event that moved it"},
    {"timestamp", "TEXT", "when"},
    {"ms", "INTEGER", "the same in milliseconds since 1970"},
    {"type", "TEXT", "the event's"},
    {"asset", "TEXT", "what was moved"},
    {"amount", "NUMERIC", "by how much, with its sign"},
    {"amount_text", "TEXT", "the same, every digit"},
    {"balance", "NUMERIC", "of the asset in the session, after it"},
    {"balance_text", "TEXT", "the same, every digit"},
}};

/// What one event did.
struct Entry {
  std::string session_id;
  std::uint64_t sequence_number = 0;
  Timestamp at;
  std::string type;
  LedgerChange change;
};

class Entries final : public Part {
 public:
  Entries(const Ledger& ledger, const Scan& scan) : ledger_{ledger}, scan_{scan} {}

  void restart() override {
    entries.clear();
    notes = {};
    too_large.clear();
  }

  Result<void> take(std::span<const EventView> events) override {
    for (const EventView& event : events) {
      if (scan_.ids && !scan_.ids->contains(event.session_id)) continue;
      auto change = change_of(ledger_, event, notes);
      if (!change)
        too_large.push_back(
            {FoldNote::Kind::incomplete, event.sequence_number, change.error().message});
      else if (*change)
        entries.push_back({std::string{event.session_id}, event.sequence_number, event.timestamp,
                           std::string{event.type}, std::move(**change)});
    }
    return {};
  }

  std::vector<Entry> entries;
  Notes notes;
  std::vector<FoldNote> too_large;

 private:
  const Ledger& ledger_;
  const Scan& scan_;
};

class EntryStream final : public PipedRows {
 public:
  EntryStream(SqlSource& source, Interner& intern, Scan scan)
      : source_{source}, intern_{intern}, scan_{std::move(scan)}, logs_{logs_of(source_, scan_)} {
    start(worth_a_thread(source_, logs_));
  }
  ~EntryStream() override { stop(); }

 private:
  using Held = std::map<std::pair<std::string, std::string>, Decimal>;

  bool read_next() override {
    if (at_ == logs_.size()) return false;
    const std::size_t log = logs_[at_++];
    const auto ledger = source_.ledger(log);
    if (!ledger) {
      source_.noticed(log,
                      std::array{FoldNote{FoldNote::Kind::incomplete, 0, ledger.error().message}});
      return true;
    }
    Held held;
    const Parts parts{.make = [&] { return std::make_unique<Entries>(*ledger, scan_); },
                      .join =
                          [&](Part& part) {
                            return join(dynamic_cast<Entries&>(part), log, held) ? Joined::taken
                                                                                 : Joined::enough;
                          }};
    ReadOptions options{.seals = Seals::short_logs};
    for (const auto& [type, rule] : ledger->types) options.filter.types.push_back(type);
    if (ledger->built_in) options.filter.types.emplace_back("UnknownTransaction");
    if (!options.filter.types.empty()) source_.read(log, std::move(options), parts, false);
    return true;
  }

  bool join(Entries& part, std::size_t log, Held& held) {
    auto block = std::make_unique<Block>(scan_.columns.size());
    for (Entry& entry : part.entries) {
      Decimal& balance = held[{entry.session_id, entry.change.asset}];
      const auto sum = balance.plus(entry.change.amount);
      if (!sum) {
        part.too_large.push_back(
            {FoldNote::Kind::incomplete, entry.sequence_number, sum.error().message});
        continue;
      }
      balance = *sum;
      add(*block, log, entry, balance);
    }
    if (!part.notes.all().empty()) source_.noticed(log, part.notes.all());
    if (!part.too_large.empty()) source_.noticed(log, part.too_large);
    return give(std::move(block));
  }

  void add(Block& block, std::size_t log, const Entry& entry, const Decimal& balance) {
    Cell* const row = block.add_row();
    for (std::size_t i = 0; i < scan_.columns.size(); ++i)
      row[i] = scan_.columns[i] == row_key
                   ? key_of_event(log, entry.session_id, entry.sequence_number)
                   : cell(block, entry, balance, scan_.columns[i]);
  }

  Cell cell(Block& block, const Entry& entry, const Decimal& balance, int column) {
    switch (column) {
      case EntryColumn::session_id: return Cell::fixed_text(intern_(entry.session_id));
      case EntryColumn::seq: return Cell::of(static_cast<std::int64_t>(entry.sequence_number));
      case EntryColumn::timestamp: return block.text(format_rfc3339(entry.at));
      case EntryColumn::ms: return Cell::of(ms_of(entry.at));
      case EntryColumn::type: return Cell::fixed_text(intern_(entry.type));
      case EntryColumn::asset: return block.text(entry.change.asset);
      case EntryColumn::amount: return amount_cell(entry.change.amount);
      case EntryColumn::amount_text: return block.text(entry.change.amount.to_string());
      case EntryColumn::balance: return amount_cell(balance);
      default: return block.text(balance.to_string());
    }
  }

  SqlSource& source_;
  Interner& intern_;
  const Scan scan_;
  const std::vector<std::size_t> logs_;
  std::size_t at_ = 0;
};

}  // namespace

std::span<const ColumnInfo> entry_columns() {
  return columns;
}

std::unique_ptr<RowStream> scan_entries(SqlSource& source, Interner& intern, Scan scan) {
  return std::make_unique<EntryStream>(source, intern, std::move(scan));
}

}  // namespace agentstore::sql
