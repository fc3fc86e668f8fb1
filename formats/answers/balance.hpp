// Balances: what was held at a point in time, and the register of how it came about.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agentstore/decimal.hpp"
#include "agentstore/internal/rule_files.hpp"
#include "agentstore/point.hpp"
#include "agentstore/store.hpp"
#include "formats/text/incomplete.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

using Holdings = std::map<std::string, Decimal, std::less<>>;

/// What one session held.
struct BalanceAnswer {
  Session session;
  std::uint64_t last_sequence_number = 0;
  std::optional<std::uint64_t> events;  ///< how many the session has; absent: not known
  std::optional<Decimal> balance;       ///< of the one asset; absent: there is none, or several
  Holdings by_asset;                    ///< empty: no event moved anything
  Incomplete incomplete = {};
  std::optional<std::string> asset = std::nullopt;  ///< the only one that was asked for
  RuleFiles rules = {};
  std::optional<std::string> error = std::nullopt;  ///< why it is not known, of one among several
};

/// What all sessions held together: those of which it is known.
struct BalanceSum {
  std::vector<BalanceAnswer> sessions;
  std::optional<Decimal> balance;  ///< as in BalanceAnswer
  RuleFiles rules = {};
  Holdings by_asset;
  Incomplete incomplete = {};  ///< of the whole: sessions that could not even be listed
};

/// A row of the register: an event, or the events of one hour or day.
struct RegisterRow {
  std::uint64_t sequence_number = 0;  ///< of its last event
  Timestamp at;                       ///< when it happened
  std::string period;                 ///< the hour or day, as it is shown; empty: of one event
  std::string type;                   ///< of the event
  std::uint64_t events = 1;
  std::string asset;
  Decimal change;
  std::optional<Decimal> balance;  ///< as in BalanceAnswer, at the end of this row
  Decimal asset_balance;           ///< of its asset
  std::string detail;              ///< printable: what it was for
};

/// agentstore/balance/1, on one line.
void write_balance_json(Sink& sink, const BalanceAnswer& answer, const Point& point);
void write_balance_json(Sink& sink, const BalanceSum& sum, const Point& point);

/// "749.95 PFLEA   as of 2026-03-01T00:00:00Z inclusive, up to #5 of 12"; a line an asset where
/// there are several, and "nothing" where there is none.
void write_balance_text(Sink& sink, const BalanceAnswer& answer, const Point& point,
                        const Screen& screen);
/// A table: a row for each session and asset, then the sums.
void write_balance_text(Sink& sink, const BalanceSum& sum, const Screen& screen);

/// The register, row by row, in memory that does not grow. Call row for each, then end.
class BalanceRegister {
 public:
  enum class Format { json, text };

  /// `answer` is what the rows lead to. `periods`: rows are hours or days.
  BalanceRegister(Sink& sink, Format format, const Screen& screen, const BalanceAnswer& answer,
                  const Point& point, bool periods);

  void row(const RegisterRow& row);
  void end();

 private:
  void write_header();
  /// Whether a line has to be as short as can be.
  bool narrow() const { return !screen_.wide && screen_.columns > 0 && screen_.columns < 80; }
  std::string detail_text(const std::string& detail, std::size_t used) const;
  void write_text(const RegisterRow& row);
  void write_json(const RegisterRow& row);

  Sink& sink_;
  Format format_;
  Screen screen_;
  bool periods_;
  bool assets_;  ///< more than one
  bool begun_ = false;
  // Widths grow with what was seen, so that lines stay in columns as far as a stream can know.
  std::size_t number_columns_;
  std::size_t time_columns_ = 19;
  std::size_t type_columns_ = 15;
  std::size_t asset_columns_ = 5;
  std::size_t amount_columns_ = 10;
  std::size_t places_;
};

}  // namespace agentstore::formats
