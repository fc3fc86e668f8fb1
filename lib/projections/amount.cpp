#include "projections/amount.hpp"

#include <algorithm>
#include <utility>

namespace agentstore {
namespace {

constexpr std::size_t shown_bytes_max = 40;
constexpr std::string_view unknown_transaction = "UnknownTransaction";

// `null` is nothing, too.
std::optional<std::string_view> first_of(const EventView& event,
                                         std::span<const std::string> pointers) {
  for (const std::string& pointer : pointers) {
    const auto value = json::find_pointer(event.payload, pointer);
    if (value && json::kind_of(*value) != json::Kind::null) return value;
  }
  return std::nullopt;
}

std::string members_text(std::span<const std::string> pointers) {
  std::string text;
  for (const std::string& pointer : pointers) text += (text.empty() ? "" : " or ") + pointer;
  return text;
}

std::string shown(std::string_view value) {
  if (value.size() <= shown_bytes_max) return std::string{value};
  return std::string{value.substr(0, shown_bytes_max)} + "...";
}

// A JSON number without an exponent: -?(0|[1-9][0-9]*)(.[0-9]+)?
bool is_plain_decimal(std::string_view text) {
  const auto digits = [&] {
    const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
    const std::string_view found = text.substr(0, count);
    text.remove_prefix(count);
    return found;
  };
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::string_view whole = digits();
  if (whole.empty() || (whole.size() > 1 && whole.front() == '0')) return false;
  if (text.empty()) return true;
  if (text.front() != '.') return false;
  text.remove_prefix(1);
  return !digits().empty() && text.empty();
}

Error naming(Error error, const EventView& event) {
  error.code = Code::overflow;
  error.message += " at event #" + std::to_string(event.sequence_number) + " of session " +
                   std::string{event.session_id};
  return error;
}

}  // namespace

std::optional<std::string> number_in(std::string_view value) {
  if (json::kind_of(value) == json::Kind::number) return std::string{value};
  if (json::kind_of(value) != json::Kind::string) return std::nullopt;
  std::string text = json::text_of(value);
  return is_plain_decimal(text) ? std::optional{std::move(text)} : std::nullopt;
}

Result<std::optional<Decimal>> amount_of(const EventView& event,
                                         std::span<const std::string> pointers, Notes& notes) {
  const std::string type{event.type};
  if (event.redacted_by != 0) {
    notes.incomplete(event, "the amount of this " + type + " is missing");
    return std::nullopt;
  }
  const auto value = first_of(event, pointers);
  if (!value) {
    notes.unreadable(event, type + " has no " + members_text(pointers) + ": it does not count");
    return std::nullopt;
  }
  const auto number = number_in(*value);
  if (!number) {
    notes.unreadable(event, type + " has an amount that is not a number, " + shown(*value) +
                                ": it does not count");
    return std::nullopt;
  }
  auto amount = Decimal::parse(*number);
  if (!amount) return std::unexpected(naming(amount.error(), event));
  if (amount->is_negative()) {
    notes.finding(
        event, type + " has a negative amount, " + shown(*value) + ": it counts as it is written");
  }
  return *amount;
}

std::optional<std::string> asset_of(const EventView& event, std::span<const std::string> pointers,
                                    const std::string& otherwise, Notes& notes) {
  const auto value = first_of(event, pointers);
  if (!value) return otherwise;
  if (json::kind_of(*value) == json::Kind::string) return json::text_of(*value);
  notes.unreadable(event, std::string{event.type} + " has an asset that is not a text, " +
                              shown(*value) + ": it does not count");
  return std::nullopt;
}

void remark_uncounted(const EventView& event, Notes& notes) {
  if (event.type != unknown_transaction || event.redacted_by != 0) return;
  const auto value = json::find_pointer(event.payload, "/amount");
  if (value && json::kind_of(*value) != json::Kind::null)
    notes.remark(event, "an " + std::string{event.type} + " of " + shown(*value) +
                            " is not counted: it does not say which way the money went");
}

Result<std::optional<LedgerChange>> change_of(const Ledger& ledger, const EventView& event,
                                              Notes& notes) {
  const auto found = ledger.types.find(event.type);
  if (found == ledger.types.end()) {
    if (ledger.built_in) remark_uncounted(event, notes);
    return std::nullopt;
  }
  const LedgerRule& rule = found->second;
  const auto amount = amount_of(event, rule.amounts, notes);
  if (!amount) return std::unexpected(amount.error());
  if (!*amount) return std::nullopt;
  auto asset = asset_of(event, rule.assets, ledger.default_asset, notes);
  if (!asset) return std::nullopt;
  return LedgerChange{std::move(*asset), rule.sign < 0 ? (*amount)->negated() : **amount};
}

Result<std::optional<LedgerChange>> change_of(const Ledger& ledger, const EventView& event) {
  Notes ignored;
  return change_of(ledger, event, ignored);
}

Result<void> add_amount(Decimal& sum, const Decimal& amount, const EventView& event) {
  auto total = sum.plus(amount);
  if (!total) return std::unexpected(naming(total.error(), event));
  sum = *total;
  return {};
}

bool read_decimal(std::string_view object, std::string_view key, Decimal& into) {
  const auto value = json::find(object, key);
  const auto number = value ? Decimal::parse(*value) : fail(Code::corrupt, "");
  if (number) into = *number;
  return number.has_value();
}

std::string holdings_to_json(const Holdings& holdings) {
  std::string out = "{";
  for (const auto& [asset, amount] : holdings) {
    if (out.size() > 1) out += ',';
    json::append_quoted(out, asset);
    out += ':' + amount.to_string();
  }
  return out + '}';
}

bool read_holdings(std::string_view object, std::string_view key, Holdings& into) {
  const auto value = json::find(object, key);
  if (!value || json::kind_of(*value) != json::Kind::object) return false;
  for (json::Walk walk{*value}; walk.next();) {
    const auto amount = Decimal::parse(walk.value());
    if (!amount) return false;
    into.insert_or_assign(json::text_of(walk.key()), *amount);
  }
  return true;
}

}  // namespace agentstore
