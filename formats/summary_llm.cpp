#include "agentstore/json.hpp"
#include "formats/fields.hpp"
#include "formats/parts.hpp"
#include "formats/summaries.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t number_columns_max = 24;

using Value = std::optional<std::string_view>;

// Tokens stand in the metadata; what other tools write may have them in the payload.
Value tokens(const Fields& metadata, const Fields& payload, std::string_view name,
             std::initializer_list<std::string_view> others) {
  if (const Value own = metadata.find({name})) return own;
  if (const Value flat = payload.find({name})) return flat;
  const Value usage = payload.find({"usage"});
  return usage ? Fields{*usage}.find(others) : std::nullopt;
}

void add_tokens(Parts& parts, const Value& in, const Value& out) {
  const auto number = [](const Value& value) { return money_text(*value, number_columns_max); };
  if (in && out) parts.add(number(in) + " in  " + number(out) + " out");
  else if (in) parts.add(number(in) + " tokens in");
  else if (out) parts.add(number(out) + " out");
}

// A request carries the conversation so far: its last message is what was asked now.
std::string last_words(std::string_view messages, std::size_t columns) {
  std::string_view last;
  for (json::Walk walk{messages}; walk.next();) last = walk.value();
  return last.empty() ? "" : words_of(last, columns);
}

std::string words(const Fields& payload, std::size_t columns) {
  if (const Value messages = payload.find({"messages"})) {
    if (json::kind_of(*messages) == json::Kind::array) return last_words(*messages, columns);
  }
  const Value content = payload.find(
      {"content", "text", "message", "response", "completion", "output", "prompt", "input"});
  return content ? words_of(*content, columns) : "";
}

}  // namespace

std::string llm_summary(const EventView& event, std::size_t columns) {
  const Fields payload{event.payload};
  const Fields metadata{event.metadata};
  Parts parts{columns};
  Value model = metadata.find({"model"});
  if (!model) model = payload.find({"model"});
  if (model) parts.add(printable_cut(text_head(*model, columns), columns));

  add_tokens(parts, tokens(metadata, payload, "tokens_in", {"input_tokens", "prompt_tokens"}),
             tokens(metadata, payload, "tokens_out", {"output_tokens", "completion_tokens"}));
  Value cost = metadata.find({"cost_usd"});
  if (!cost) cost = payload.find({"cost_usd"});
  if (cost) parts.add("$" + money_text(*cost, number_columns_max));

  const std::string said = words(payload, parts.left());
  if (!said.empty()) parts.add(quoted_text(said, parts.left()));
  return parts.text();
}

}  // namespace agentstore::formats
