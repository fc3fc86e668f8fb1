#include "agentstore/analysis/stats.hpp"
#include "agentstore/json.hpp"
#include "formats/events/fields.hpp"
#include "formats/events/parts.hpp"
#include "formats/events/summaries.hpp"
#include "formats/events/values.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t number_columns_max = 24;

using Value = std::optional<json::Value>;

// Tokens stand in the metadata; what other tools write may have them in the payload.
Value tokens(const Fields& metadata, const Fields& payload, std::string_view name,
             std::initializer_list<std::string_view> others) {
  if (const Value own = metadata.find({name})) return own;
  if (const Value flat = payload.find({name})) return flat;
  const Value usage = payload.find({"usage"});
  return usage ? Fields{*usage}.find(others) : std::nullopt;
}

void add_count(Line& line, const Value& count) {
  const bool short_digits =
      count->size() <= 3 && count->find_first_not_of("0123456789") == count->npos;
  if (short_digits) return line.add(*count);
  if (const auto whole = count_of_token(*count)) line.add(thousands(*whole));
  else add_money(line, *count, number_columns_max);
}

void add_tokens(Line& line, const Value& in, const Value& out) {
  if (in) {
    add_count(line, in);
    line.add(out ? " in  " : " tokens in");
  }
  if (out) {
    add_count(line, out);
    line.add(" out");
  }
}

// A request carries the conversation so far: its last message is what was asked now.
Value said(const Fields& payload) {
  const Value messages = payload.find({"messages"});
  if (!messages || json::kind_of(*messages) != json::Kind::array) {
    return payload.find(
        {"content", "text", "message", "response", "completion", "output", "prompt", "input"});
  }
  Value last;
  for (json::Walk walk{*messages}; walk.next();) last = walk.value();
  return last;
}

}  // namespace

void add_llm_turn(Line& line, const EventView& event, std::size_t columns) {
  const Fields payload{event.payload};
  const Fields metadata{event.metadata};
  Parts parts{line, columns};
  Value model = metadata.find({"model"});
  if (!model) model = payload.find({"model"});
  if (model) parts.add([&](std::size_t) { line.add_text_of(*model, columns); });

  const Value in = tokens(metadata, payload, "tokens_in", {"input_tokens", "prompt_tokens"});
  const Value out = tokens(metadata, payload, "tokens_out", {"output_tokens", "completion_tokens"});
  parts.add([&](std::size_t) { add_tokens(line, in, out); });
  Value cost = metadata.find({"cost_usd"});
  if (!cost) cost = payload.find({"cost_usd"});
  if (cost) {
    parts.add([&](std::size_t) {
      line.add("$");
      add_money(line, *cost, number_columns_max);
    });
  }
  if (const Value words = said(payload)) {
    parts.add([&](std::size_t left) {
      const Line::Place start = line.end();
      if (!add_words(line, *words, left)) line.go_back(start);
    });
  }
  parts.end();
}

}  // namespace agentstore::formats
