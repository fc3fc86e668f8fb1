#include "agentstore/ledger.hpp"

#include "agentstore/json.hpp"

namespace agentstore {
namespace {

Ledger make_casino_ledger() {
  const LedgerRule in{.sign = 1, .amounts = {"/amount"}, .assets = {"/asset"}};
  const LedgerRule out{.sign = -1, .amounts = {"/amount"}, .assets = {"/asset"}};
  const LedgerRule fee{.sign = -1, .amounts = {"/fee", "/amount"}, .assets = {"/asset"}};
  return {.default_asset = "PFLEA",
          .types = {{"FundsDeposited", in},
                    {"BetWon", in},
                    {"EscrowReleased", in},
                    {"FaucetClaimed", in},
                    {"FundsWithdrawn", out},
                    {"BetPlaced", out},
                    {"EscrowLocked", out},
                    {"FeeCharged", fee}},
          .built_in = true};
}

std::unexpected<Error> bad(const std::string& where, const std::string& what) {
  return fail(Code::invalid, "the ledger's " + where + " " + what);
}

Result<std::string> read_pointer(std::string_view value, const std::string& where) {
  if (json::kind_of(value) != json::Kind::string) {
    return bad(where, "is neither a JSON Pointer nor an array of them");
  }
  std::string pointer = json::text_of(value);
  if (!pointer.empty() && pointer.front() != '/') {
    return bad(where, "is not a JSON Pointer: it does not begin with /");
  }
  return pointer;
}

Result<std::vector<std::string>> read_pointers(std::string_view value, const std::string& where) {
  std::vector<std::string> pointers;
  const auto add = [&](std::string_view one) -> Result<void> {
    auto pointer = read_pointer(one, where);
    if (!pointer) return std::unexpected(pointer.error());
    pointers.push_back(std::move(*pointer));
    return {};
  };
  if (json::kind_of(value) != json::Kind::array) {
    if (auto added = add(value); !added) return std::unexpected(added.error());
    return pointers;
  }
  for (json::Walk walk{value}; walk.next();) {
    if (auto added = add(walk.value()); !added) return std::unexpected(added.error());
  }
  return pointers;
}

Result<LedgerRule> read_rule(std::string_view value, const std::string& where) {
  if (json::kind_of(value) != json::Kind::object) return bad(where, "is not an object");
  LedgerRule rule{.sign = 0, .amounts = {}, .assets = {}};
  for (json::Walk walk{value}; walk.next();) {
    const std::string member = where + "/" + json::text_of(walk.key());
    const auto take = [&](std::vector<std::string>& into) -> Result<void> {
      auto pointers = read_pointers(walk.value(), member);
      if (!pointers) return std::unexpected(pointers.error());
      into = std::move(*pointers);
      return {};
    };
    Result<void> taken;
    if (walk.key_is("amount")) taken = take(rule.amounts);
    else if (walk.key_is("asset")) taken = take(rule.assets);
    else if (walk.key_is("sign") && (walk.value() == "1" || walk.value() == "-1"))
      rule.sign = walk.value() == "1" ? 1 : -1;
    else if (walk.key_is("sign")) taken = bad(member, "is neither 1 nor -1");
    else taken = bad(member, "is not known: a rule has sign, amount and asset");
    if (!taken) return std::unexpected(taken.error());
  }
  if (rule.sign == 0) return bad(where, "has no \"sign\"");
  if (rule.amounts.empty()) return bad(where, "has no \"amount\"");
  return rule;
}

}  // namespace

const Ledger& casino_ledger() {
  static const Ledger ledger = make_casino_ledger();
  return ledger;
}

Result<Ledger> parse_ledger(std::string_view text) {
  if (const auto error = json::check(text, json::rules_to_store)) {
    return fail(Code::invalid, std::string{"the ledger is not JSON: it "} + error->what +
                                   " (byte " + std::to_string(error->offset_bytes) + ")");
  }
  const std::string compact = json::compact(text);
  if (json::kind_of(compact) != json::Kind::object) {
    return fail(Code::invalid, "the ledger is not a JSON object");
  }
  Ledger ledger{.default_asset = "", .types = {}};
  bool typed = false;
  for (json::Walk walk{compact}; walk.next();) {
    const std::string where = "/" + json::text_of(walk.key());
    if (walk.key_is("default_asset")) {
      if (json::kind_of(walk.value()) != json::Kind::string) return bad(where, "is not a string");
      ledger.default_asset = json::text_of(walk.value());
    } else if (walk.key_is("types") && json::kind_of(walk.value()) == json::Kind::object) {
      typed = true;
      for (json::Walk types{walk.value()}; types.next();) {
        const std::string type = json::text_of(types.key());
        auto rule = read_rule(types.value(), "/types/" + type);
        if (!rule) return std::unexpected(rule.error());
        ledger.types.insert_or_assign(type, std::move(*rule));
      }
    } else {
      return bad(where, walk.key_is("types") ? "is not an object" : "is not known");
    }
  }
  if (!typed) return fail(Code::invalid, "the ledger has no \"types\"");
  if (ledger.default_asset.empty()) {
    return fail(Code::invalid, "the ledger has no \"default_asset\"");
  }
  return ledger;
}

}  // namespace agentstore
