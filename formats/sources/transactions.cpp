#include "formats/sources/transactions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "agentstore/json.hpp"
#include "agentstore/timestamp.hpp"

namespace agentstore::formats {
namespace {

struct Known {
  std::string_view type;
  const char* event;
};
constexpr std::array known_types{
    Known{"bet", "BetPlaced"},          Known{"win", "BetWon"},
    Known{"deposit", "FundsDeposited"}, Known{"withdraw", "FundsWithdrawn"},
    Known{"fee", "FeeCharged"},         Known{"faucet", "FaucetClaimed"},
    Known{"escrow", "EscrowLocked"}};

constexpr std::array time_names{"timestamp", "created_at", "occurred_at", "time"};

std::unexpected<Error> bad(std::size_t number, const std::string& what) {
  return fail(Code::invalid, fmt::format("transaction {} {}", number, what),
              "nothing of this page was imported");
}

std::optional<json::Value> not_null(const json::Value& record, std::string_view name) {
  auto value = json::find(record, name);
  if (value && json::kind_of(*value) == json::Kind::null) value.reset();
  return value;
}

Result<std::string> id_of(const json::Value& record, std::size_t number) {
  auto id = not_null(record, "id");
  if (!id) id = not_null(record, "tx_id");
  if (!id) return bad(number, "has no id");
  if (json::kind_of(*id) == json::Kind::number && json::integer_of(*id)) return std::string{*id};
  if (json::kind_of(*id) != json::Kind::string) return bad(number, "has an id that is no text");
  std::string text = json::text_of(*id);
  if (text.empty()) return bad(number, "has an empty id");
  return text;
}

Result<std::optional<Timestamp>> time_of(const json::Value& record, std::size_t number) {
  for (const char* const name : time_names) {
    const auto value = not_null(record, name);
    if (!value) continue;
    if (json::kind_of(*value) == json::Kind::number)
      if (const auto seconds = json::integer_of(*value)) {
        // Of that size they are milliseconds.
        constexpr std::int64_t seconds_end = 100'000'000'000;
        const bool in_ms = *seconds >= seconds_end;
        const Timestamp at{in_ms ? *seconds / 1000 : *seconds,
                           in_ms ? static_cast<std::int32_t>(*seconds % 1000) * 1'000'000 : 0};
        if (*seconds >= 0 && is_writable(at)) return at;
      }
    const auto read = json::kind_of(*value) == json::Kind::string
                          ? parse_rfc3339(json::text_of(*value))
                          : Result<Timestamp>{fail(Code::invalid, "")};
    if (!read) return bad(number, fmt::format("has a {} that is no time", name));
    return *read;
  }
  return std::nullopt;
}

/// The record, and of a fee both of its names for the sum.
Result<std::string> payload_of(const json::Value& record, bool known, bool is_fee,
                               std::size_t number) {
  const auto amount = not_null(record, "amount");
  const auto fee = not_null(record, "fee");
  for (const auto& [name, value] : {std::pair{"amount", amount}, std::pair{"fee", fee}})
    if (known && value && json::kind_of(*value) != json::Kind::number)
      return bad(number,
                 fmt::format("has {} {} that is no number", *name == 'a' ? "an" : "a", name));
  if (known && !amount && !(is_fee && fee)) return bad(number, "has no amount");
  std::string payload = json::compact(record);
  if (!is_fee || (amount && fee)) return payload;
  if (json::find(record, amount ? "fee" : "amount"))
    return bad(number, fmt::format("has null as its {}", amount ? "fee" : "amount"));
  payload.pop_back();
  payload += fmt::format(R"(,"{}":{}}})", amount ? "fee" : "amount",
                         std::string_view{amount ? *amount : *fee});
  return payload;
}

Result<Draft> draft_of(const json::Value& record, std::size_t number) {
  if (json::kind_of(record) != json::Kind::object) return bad(number, "is no object");
  auto id = id_of(record, number);
  if (!id) return std::unexpected{id.error()};
  const auto type = json::find_text(record, "type");
  if (!type) return bad(number, "has no type");
  const auto* const known = std::ranges::find(known_types, std::string_view{*type}, &Known::type);
  const bool is_known = known != known_types.end();
  const auto at = time_of(record, number);
  if (!at) return std::unexpected{at.error()};
  auto payload = payload_of(record, is_known, *type == "fee", number);
  if (!payload) return std::unexpected{payload.error()};
  return Draft{.type = is_known ? known->event : "UnknownTransaction",
               .payload = std::move(*payload),
               .metadata = fmt::format(R"({{"source":"{}"}})", purpleflea),
               .event_id = std::move(*id),
               .timestamp = *at};
}

Result<void> add(std::vector<Draft>& drafts, const json::Value& record) {
  auto draft = draft_of(record, drafts.size() + 1);
  if (!draft) return std::unexpected{draft.error()};
  drafts.push_back(std::move(*draft));
  return {};
}

Result<void> add_all(std::vector<Draft>& drafts, const json::Value& array) {
  for (json::Walk walk{array}; walk.next();)
    if (auto added = add(drafts, walk.value()); !added) return added;
  return {};
}

std::unexpected<Error> not_json(std::string_view what, std::size_t offset) {
  return fail(Code::invalid,
              fmt::format("this is no page of transactions: {} at byte {}", what, offset),
              "it is not JSON, or was cut off: nothing of it was imported; ask for it again");
}

Result<void> add_lines(std::vector<Draft>& drafts, std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::string_view record = json::trimmed(line);
    if (record.empty()) continue;
    if (const auto error = json::check(record, json::rules_to_store))
      return bad(drafts.size() + 1, std::string{"is not JSON: "} + error->what);
    if (auto added = add(drafts, record); !added) return added;
  }
  return {};
}

Result<void> add_page(std::vector<Draft>& drafts, std::string_view text) {
  const std::string_view whole = json::trimmed(text);
  if (whole.empty()) return not_json("there is nothing", 0);
  const auto error = json::check(whole, json::rules_to_store);
  if (error) {
    const std::string_view first = json::trimmed(whole.substr(0, whole.find('\n')));
    const bool lines = first.size() < whole.size() && first.starts_with('{') &&
                       !json::check(first, json::rules_to_store);
    return lines ? add_lines(drafts, whole) : not_json(error->what, error->offset_bytes);
  }
  if (json::kind_of(whole) == json::Kind::array) return add_all(drafts, whole);
  const auto list = json::find(whole, "transactions");
  if (!list) return add(drafts, whole);
  if (json::kind_of(*list) != json::Kind::array)
    return fail(Code::invalid, "\"transactions\" is no array");
  return add_all(drafts, *list);
}

}  // namespace

Result<std::vector<Draft>> read_transactions(std::string_view text) {
  std::vector<Draft> drafts;
  if (auto read = add_page(drafts, text); !read) return std::unexpected{read.error()};
  if (std::ranges::all_of(drafts, [](const Draft& one) { return one.timestamp.has_value(); }))
    std::ranges::stable_sort(drafts, {}, [](const Draft& one) { return *one.timestamp; });
  return drafts;
}

}  // namespace agentstore::formats
