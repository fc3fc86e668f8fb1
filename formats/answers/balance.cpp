#include "formats/answers/balance.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "formats/text/difference.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/paint.hpp"
#include "formats/text/rules.hpp"
#include "formats/text/table.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

std::string holdings_json(const Holdings& holdings) {
  return object_json(holdings, [](const auto& held) {
    return json::quote(held.first) + ':' + held.second.to_string();
  });
}

std::string amount_json(const std::optional<Decimal>& amount) {
  return amount ? amount->to_string() : "null";
}

std::string held_json(const std::optional<Decimal>& balance, const Holdings& by_asset) {
  return fmt::format("\"balance\":{},\"by_asset\":{}", amount_json(balance),
                     holdings_json(by_asset));
}

std::string session_json(const BalanceAnswer& answer) {
  if (answer.error) {
    return fmt::format(
        "{{\"session_id\":{},\"last_sequence_number\":null,\"incomplete\":null,\"balance\":null,"
        "\"by_asset\":null,\"error\":{}}}",
        json::quote(answer.session.id), json::quote(*answer.error));
  }
  return fmt::format(
      "{{\"session_id\":{},\"last_sequence_number\":{},\"incomplete\":{},{},\"error\":null}}",
      json::quote(answer.session.id), answer.last_sequence_number,
      incomplete_json(answer.incomplete), held_json(answer.balance, answer.by_asset));
}

// All members but the closing brace.
std::string answer_json(const BalanceAnswer& answer, const Point& point) {
  return fmt::format(
      "{{\"schema\":\"agentstore/balance/1\",\"session_id\":{},\"at\":{},\"before\":{},"
      "\"last_sequence_number\":{},\"incomplete\":{},\"rules\":{},{}",
      json::quote(answer.session.id), time_json(point.at), time_json(point.before),
      answer.last_sequence_number, incomplete_json(answer.incomplete), rules_json(answer.rules),
      held_json(answer.balance, answer.by_asset));
}

std::size_t places_in(const Holdings& holdings) {
  std::size_t places = 0;
  for (const auto& [asset, amount] : holdings)
    places = std::max(places, places_of(amount.to_string()));
  return places;
}

std::string amount_text(const Decimal& amount, std::size_t places) {
  return separated(with_places(amount.to_string(), places));
}

std::string signed_text(const Decimal& amount, std::size_t places) {
  const std::string text = amount_text(amount, places);
  return amount.is_negative() || amount.is_zero() ? text : '+' + text;
}

/// A name that is empty is shown as such.
std::string asset_name(const std::string& asset) {
  return asset.empty() ? "\"\"" : asset;
}

std::string point_text(const BalanceAnswer& answer, const Point& point) {
  std::string text;
  if (point.at) text = "as of " + format_rfc3339_short(*point.at) + " inclusive, ";
  if (point.before) text = "before " + format_rfc3339_short(*point.before) + ", ";
  text += fmt::format("up to #{}", answer.last_sequence_number);
  if (answer.events) text += " of " + thousands(*answer.events);
  return text;
}

Paint paint_of(const Decimal& amount) {
  return amount.is_negative() ? Paint::red : Paint::none;
}

std::string right(const std::string& text, std::size_t columns) {
  return std::string(columns - std::min(columns, display_width(text)), ' ') + text;
}

std::string left(const std::string& text, std::size_t columns) {
  return text + std::string(columns - std::min(columns, display_width(text)), ' ');
}

}  // namespace

void write_balance_json(Sink& sink, const BalanceAnswer& answer, const Point& point) {
  sink.write(answer_json(answer, point) + "}\n");
}

void write_balance_json(Sink& sink, const BalanceSum& sum, const Point& point) {
  sink.write(
      fmt::format("{{\"schema\":\"agentstore/balance/1\",\"session_id\":null,\"at\":{},"
                  "\"before\":{},\"last_sequence_number\":null,\"incomplete\":{},\"rules\":{},{},"
                  "\"sessions\":[",
                  time_json(point.at), time_json(point.before),
                  sum.incomplete.empty() ? "null" : incomplete_json(sum.incomplete),
                  rules_json(sum.rules), held_json(sum.balance, sum.by_asset)));
  const char* separator = "";
  for (const BalanceAnswer& answer : sum.sessions) {
    sink.write(separator + session_json(answer));
    separator = ",";
  }
  sink.write("]}\n");
}

void write_balance_text(Sink& sink, const BalanceAnswer& answer, const Point& point,
                        const Screen& screen) {
  const std::size_t places = places_in(answer.by_asset);
  std::size_t columns = 0;
  for (const auto& [asset, amount] : answer.by_asset)
    columns = std::max(columns, amount_text(amount, places).size());
  const bool single = answer.by_asset.size() <= 1;
  std::string lines;
  for (const auto& [asset, amount] : answer.by_asset) {
    lines += painted(right(amount_text(amount, places), columns), paint_of(amount), screen.color);
    lines += ' ' + printable(asset_name(asset)) + (single ? "   " : "\n");
  }
  if (answer.by_asset.empty())
    lines = answer.asset ? "nothing of " + printable(asset_name(*answer.asset)) + "   "
                         : "nothing: no ledger event   ";
  sink.write(lines + painted(point_text(answer, point), Paint::dim, screen.color) + "\n");
}

void write_balance_text(Sink& sink, const BalanceSum& sum, const Screen& screen) {
  std::size_t places = places_in(sum.by_asset);
  for (const BalanceAnswer& answer : sum.sessions)
    places = std::max(places, places_in(answer.by_asset));
  Table table{{{.name = "SESSION", .role = Role::id},
               {.name = "NAME"},
               {.name = "UP TO", .role = Role::number, .secondary = 1},
               {.name = "BALANCE", .role = Role::number},
               {.name = "ASSET", .role = Role::key}}};
  for (const BalanceAnswer& answer : sum.sessions) {
    if (answer.error) table.row({answer.session.id, answer.session.name, "", "not known", ""});
    for (const auto& [asset, amount] : answer.by_asset) {
      table.row({answer.session.id, answer.session.name,
                 fmt::format("#{}", answer.last_sequence_number), amount_text(amount, places),
                 asset_name(asset)});
    }
  }
  for (const auto& [asset, amount] : sum.by_asset) {
    table.row({"total", "", "", amount_text(amount, places), asset_name(asset)}, {.total = true});
  }
  table.write(sink, screen);
}

BalanceRegister::BalanceRegister(Sink& sink, Format format, const Screen& screen,
                                 const BalanceAnswer& answer, const Point& point, bool periods)
    : sink_{sink},
      format_{format},
      screen_{screen},
      periods_{periods},
      assets_{answer.by_asset.size() > 1},
      number_columns_{std::to_string(answer.last_sequence_number).size()},
      places_{places_in(answer.by_asset)} {
  if (format_ == Format::json) sink_.write(answer_json(answer, point) + ",\"rows\":[");
  if (!narrow()) return;
  const bool very_narrow = screen_.columns < 70 && !periods_;
  time_columns_ = very_narrow ? 10 : 16;  // a day, or a time without the seconds
  if (very_narrow) type_columns_ = 13;
}

void BalanceRegister::row(const RegisterRow& row) {
  if (format_ == Format::json) write_json(row);
  else write_text(row);
  begun_ = true;
}

void BalanceRegister::end() {
  if (format_ == Format::json) sink_.write("]}\n");
}

void BalanceRegister::write_header() {
  std::string line = right("#", number_columns_) + "  " + left("TIME", time_columns_) + "  ";
  line += periods_ ? right("EVENTS", 7) : left("TYPE", type_columns_);
  line += "  " + right("CHANGE", amount_columns_) + "  " + right("BALANCE", amount_columns_);
  sink_.write(line + (assets_ ? "  ASSET\n" : "\n"));
}

// As much of it as a line has room for, after so many columns.
std::string BalanceRegister::detail_text(const std::string& detail, std::size_t used) const {
  constexpr std::size_t gap_columns = 3;
  constexpr std::size_t detail_columns_min = 8;
  if (screen_.columns == 0 || screen_.wide) return "   " + detail;
  const std::size_t room = screen_.columns - std::min(screen_.columns, used + gap_columns);
  return room < detail_columns_min ? "" : "   " + cut(detail, room);
}

void BalanceRegister::write_text(const RegisterRow& row) {
  const Decimal& held = row.asset_balance;
  places_ = std::max({places_, places_of(row.change.to_string()), places_of(held.to_string())});
  const std::string change = signed_text(row.change, places_);
  const std::string balance = amount_text(held, places_);
  amount_columns_ = std::max({amount_columns_, change.size(), balance.size()});
  const std::string type = narrow() ? printable_cut(row.type, type_columns_) : printable(row.type);
  const std::string asset = printable(asset_name(row.asset));
  type_columns_ = std::max(type_columns_, display_width(type));
  asset_columns_ = std::max(asset_columns_, display_width(asset));
  if (!begun_) write_header();

  const std::string time = periods_ ? row.period : time_text(row.at, screen_.clock);
  std::string line =
      right(std::to_string(row.sequence_number), number_columns_) + "  " +
      painted(left(time.substr(0, time_columns_), time_columns_), Paint::dim, screen_.color) + "  ";
  line += periods_ ? right(thousands(row.events), 7) : left(type, type_columns_);
  line += "  " + right(change, amount_columns_) + "  " +
          painted(right(balance, amount_columns_), paint_of(held), screen_.color);
  std::size_t used = number_columns_ + time_columns_ + 2 * amount_columns_ + 8;
  used += periods_ ? 7 : type_columns_;
  if (assets_) {
    line += "  " + left(asset, asset_columns_);
    used += 2 + asset_columns_;
  }
  if (!row.detail.empty()) line += detail_text(row.detail, used);
  line.erase(line.find_last_not_of(' ') + 1);
  sink_.write(line + "\n");
}

void BalanceRegister::write_json(const RegisterRow& row) {
  const std::string time = periods_ ? json::quote(row.period) : time_json(row.at);
  const std::string kind = periods_ ? fmt::format("\"events\":{}", row.events)
                                    : fmt::format("\"type\":{}", json::quote(row.type));
  sink_.write(fmt::format(
      "{}{{\"sequence_number\":{},\"{}\":{},{},\"asset\":{},\"change\":{},\"balance\":{},"
      "\"asset_balance\":{}}}",
      begun_ ? "," : "", row.sequence_number, periods_ ? "period" : "timestamp", time, kind,
      json::quote(row.asset), row.change.to_string(), amount_json(row.balance),
      row.asset_balance.to_string()));
}

}  // namespace agentstore::formats
