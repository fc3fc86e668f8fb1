#include <utility>

#include "agentstore/json.hpp"
#include "formats/answers/diff.hpp"
#include "formats/answers/diff_figures.hpp"
#include "formats/text/difference.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/rules.hpp"

namespace agentstore::formats {
namespace {

std::string number_or_null(std::uint64_t number) {
  return number == 0 ? "null" : std::to_string(number);
}

void write_changes(Sink& sink, const Changes& changes) {
  const auto or_null = [](std::string_view json) { return json.empty() ? "null" : json; };
  std::string_view before = "[";
  if (changes)
    changes([&](const FieldChange& change) {
      sink.write(std::exchange(before, ","));
      sink.write("{\"pointer\":" + json::quote(change.pointer) + ",\"a\":");
      sink.write(or_null(change.a));
      sink.write(",\"b\":");
      sink.write(or_null(change.b));
      sink.write("}");
      return true;
    });
  sink.write(before == "[" ? "[]" : "]");
}

}  // namespace

std::string side_json(const DiffSide& side, const Totals& totals) {
  return "{\"session_id\":" + (side.session_id.empty() ? "null" : json::quote(side.session_id)) +
         ",\"last_sequence_number\":" + std::to_string(side.last_sequence_number) +
         ",\"events\":" + std::to_string(totals.events) + '}';
}

std::string figures_json(const Diff& diff) {
  return object_json(figures_of(diff.totals_a, diff.totals_b), [](const FigurePair& figure) {
    return json::quote(figure.name) + ":{\"a\":" + figure.a + ",\"b\":" + figure.b +
           ",\"difference\":" + difference_of(figure.a, figure.b).value_or("null") + '}';
  });
}

std::string first_divergence(const Diff& diff) {
  if (diff.steps.empty()) return "null";
  return "{\"a\":" + number_or_null(diff.steps.front().a) +
         ",\"b\":" + number_or_null(diff.steps.front().b) + '}';
}

void DiffJson::begin() {
  const Diff& diff = answer_.diff;
  sink_.write("{\"schema\":\"agentstore/diff/1\",\"a\":" + side_json(answer_.a, diff.totals_a) +
              ",\"b\":" + side_json(answer_.b, diff.totals_b) +
              ",\"same\":" + (answer_.same ? "true" : "false") + ",\"common_prefix\":" +
              std::to_string(diff.common_prefix) + ",\"equal\":" + std::to_string(diff.equal) +
              ",\"first_divergence\":" + first_divergence(diff) +
              ",\"cut_off\":" + (diff.cut_off ? "true" : "false") + ",\"unaligned\":{\"a\":" +
              std::to_string(diff.unaligned_a) + ",\"b\":" + std::to_string(diff.unaligned_b) +
              "},\"totals\":" + figures_json(diff) + ",\"state\":");
  if (answer_.state) write_changes(sink_, answer_.state);
  else sink_.write("null");
  sink_.write(",\"rules\":" + rules_json(answer_.rules) + ",\"steps\":[");
}

void DiffJson::step(const EventView* a, const EventView* b, const Changes& changes) {
  const char* const change = a == nullptr ? "only_b" : b == nullptr ? "only_a" : "changed";
  const EventView& event = a == nullptr ? *b : *a;
  sink_.write(std::string{first_ ? "" : ","} +
              "{\"a\":" + number_or_null(a == nullptr ? 0 : a->sequence_number) +
              ",\"b\":" + number_or_null(b == nullptr ? 0 : b->sequence_number) + ",\"change\":\"" +
              change + "\",\"type\":" + json::quote(event.type) + ",\"changes\":");
  write_changes(sink_, changes);
  sink_.write("}");
  first_ = false;
}

void DiffJson::end() {
  sink_.write("],\"incomplete\":" + incomplete_json(answer_.incomplete) + "}\n");
}

}  // namespace agentstore::formats
