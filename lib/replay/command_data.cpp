#include "replay/command_data.hpp"

#include <algorithm>
#include <vector>

#include "agentstore/internal/nearest.hpp"
#include "agentstore/json.hpp"

namespace agentstore {
namespace {

// Sums of ten million such amounts still have their last digit.
constexpr std::string_view amount_bound = "1e36";
constexpr std::size_t places_max = 30;
constexpr std::size_t text_bytes_max = 256;

std::unexpected<Error> bad_data(std::string_view command, const std::string& what,
                                const std::string& hint = {}) {
  return fail(Code::invalid, "the data of " + std::string{command} + ' ' + what, hint);
}

std::string in_quotes(std::string_view name) {
  return '"' + std::string{name.substr(0, 60)} + '"';
}

std::string members_text(std::span<const CommandMember> members) {
  std::string text;
  for (const CommandMember& member : members) {
    text += text.empty() ? "it takes " : ", ";
    text += std::string{member.name} + (member.required ? "" : " (optional)");
  }
  return text;
}

Result<void> check_amount(std::string_view command, const CommandMember& member,
                          std::string_view token) {
  if (json::kind_of(token) != json::Kind::number) {
    return bad_data(command, "has a " + in_quotes(member.name) + " that is not a number",
                    "write it without quotes, like 12.50");
  }
  const std::string refused =
      "refused: the " + std::string{member.name} + ' ' + std::string{token.substr(0, 60)};
  const auto amount = Decimal::parse(token);
  if (!amount || *amount >= *Decimal::parse(amount_bound)) {
    return fail(Code::conflict, refused + " is out of bounds");
  }
  if (amount->is_zero() || amount->is_negative()) {
    return fail(Code::conflict, refused + " is not positive");
  }
  const std::string digits = amount->to_string();
  const std::size_t point = digits.find('.');
  if (point != digits.npos && digits.size() - point - 1 > places_max) {
    return fail(Code::conflict, refused + " has more than " + std::to_string(places_max) +
                                    " digits behind the point");
  }
  return {};
}

Result<void> check_text(std::string_view command, const CommandMember& member,
                        std::string_view token) {
  if (json::kind_of(token) != json::Kind::string) {
    return bad_data(command, "has a " + in_quotes(member.name) + " that is not text");
  }
  const std::size_t size_bytes = json::text_of(token).size();
  if (size_bytes != 0 && size_bytes <= text_bytes_max) return {};
  return bad_data(command, "has a " + in_quotes(member.name) +
                               (size_bytes == 0 ? " that is empty" : " that is too long"));
}

}  // namespace

Result<CommandData> CommandData::read(std::string_view command, std::string_view text,
                                      std::span<const CommandMember> members) {
  if (const auto error = json::check(text, json::rules_to_store)) {
    return bad_data(command, "is not JSON, at byte " + std::to_string(error->offset_bytes) + ": " +
                                 error->what);
  }
  CommandData data{text};
  if (json::kind_of(text) != json::Kind::object) {
    return bad_data(command, "is not a JSON object", members_text(members));
  }
  for (json::Walk walk{text}; walk.next();) {
    const std::string name = json::text_of(walk.key());
    if (std::ranges::find(members, name, &CommandMember::name) != members.end()) continue;
    std::vector<std::string> names;
    for (const CommandMember& member : members) names.emplace_back(member.name);
    const std::string near = nearest(name, names);
    return bad_data(command, "has an unknown member " + in_quotes(name),
                    near.empty() ? members_text(members) : "did you mean " + in_quotes(near) + "?");
  }
  for (const CommandMember& member : members) {
    const auto token = data.token(member.name);
    if (!token && !member.required) continue;
    if (!token) return bad_data(command, "lacks " + in_quotes(member.name), members_text(members));
    const auto checked = member.kind == CommandMember::Kind::amount
                             ? check_amount(command, member, *token)
                             : check_text(command, member, *token);
    if (!checked) return std::unexpected(checked.error());
  }
  return data;
}

std::optional<std::string_view> CommandData::token(std::string_view member) const {
  return json::find(text_, member);
}

std::optional<std::string> CommandData::text(std::string_view member) const {
  return json::find_text(text_, member);
}

Decimal CommandData::amount(std::string_view member) const {
  return Decimal::parse(json::find(text_, member).value_or("0")).value_or(Decimal{});
}

}  // namespace agentstore
