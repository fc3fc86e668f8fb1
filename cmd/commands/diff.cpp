#include "agentstore/analysis/diff.hpp"

#include <fmt/format.h>

#include <array>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/analysis/kinds.hpp"
#include "agentstore/json.hpp"
#include "cmd/commands.hpp"
#include "cmd/gates/gate.hpp"
#include "cmd/gates/unmatched.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/input/rules_in_force.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/words/filters.hpp"
#include "formats/answers/diff.hpp"
#include "formats/answers/diff_stat.hpp"

namespace agentstore::cmd {
namespace {

/// One of the two histories, up to its point.
struct Side {
  std::unique_ptr<Input> input;
  std::string label;
};

/// Folds what it gives.
class FoldingReader final : public EventReader {
 public:
  /// `sorts`: counts events by their sort, and keeps the final answer.
  FoldingReader(std::unique_ptr<EventReader> reader, bool sorts)
      : reader_{std::move(reader)}, sorts_{sorts} {}

  Result<std::span<const EventView>> next() override {
    auto batch = reader_->next();
    if (!batch) return batch;
    for (const EventView& event : *batch) {
      if (!state_) {
        session_id_ = event.session_id;
        state_ = make_session_projection(session_id_);
      }
      if (auto applied = state_->apply(event); !applied) return std::unexpected{applied.error()};
      last_sequence_number_ = event.sequence_number;
      if (sorts_) sort(event);
      if (event.redacted_by != 0) ++redacted_;
    }
    return batch;
  }
  Result<bool> poll() override { return reader_->poll(); }
  const ReadReport& report() const override { return reader_ ? reader_->report() : report_; }

  /// Lets go of the log; what was learnt of it stays.
  void close() {
    report_ = reader_->report();
    reader_.reset();
  }

  const std::string& session_id() const { return session_id_; }
  std::uint64_t last_sequence_number() const { return last_sequence_number_; }
  /// Payloads that cannot be compared any more.
  std::uint64_t redacted() const { return redacted_; }
  const formats::DiffStatSide& sorted() const { return sorted_; }
  /// What was folded goes with it.
  std::string state() && {
    const auto folded = std::move(state_);
    return folded ? folded->to_json() : "{}";
  }

 private:
  void sort(const EventView& event) {
    if (is_of_session_alone(event.type)) return;
    ++sorted_.events[formats::sort_of(event)];
    if (kind_of_type(event.type) != EventKind::answer) return;
    if (const auto text = event_part(event, "text"))
      if (std::string answer = json::text_of(*text); !answer.empty())
        sorted_.final_answer = std::move(answer);
  }

  std::unique_ptr<EventReader> reader_;
  bool sorts_;
  formats::DiffStatSide sorted_;
  ReadReport report_;
  std::string session_id_;
  std::unique_ptr<Projection> state_;
  std::uint64_t last_sequence_number_ = 0;
  std::uint64_t redacted_ = 0;
};

/// Whether the payloads that are gone were alike, nobody knows.
void lacks_redacted(Gate& gate, const Side& side, const FoldingReader& reader) {
  if (reader.redacted() == 0) return;
  gate.lacks({fmt::format("redacted payloads of {} that could not be compared: {}",
                          in_quotes(side.label), reader.redacted())},
             1);
}

Result<Side> choose_side(Selector& selector, const std::string& word) {
  auto chosen = selector.choose(word);
  if (!chosen) return std::unexpected{chosen.error()};
  return Side{.input = std::move(*chosen), .label = word};
}

/// Opens both sides of a comparison again and again.
class Readers {
 public:
  explicit Readers(ReadOptions options) : options_{std::move(options)} {}

  Result<std::unique_ptr<EventReader>> open(const Side& side, std::uint64_t from_seq = 1) {
    ReadOptions options = options_;
    options.filter.from_seq = from_seq;
    return side.input->read(std::move(options));
  }

 private:
  ReadOptions options_;
};

/// Goes forward to events by their number.
class Finder {
 public:
  explicit Finder(std::unique_ptr<EventReader> reader) : reader_{std::move(reader)} {}

  /// Null for 0. Errors: those of the reader; corrupt, where it is gone.
  Result<const EventView*> find(std::uint64_t sequence_number) {
    if (sequence_number == 0) return nullptr;
    for (;; ++at_) {
      if (at_ == batch_.size()) {
        const auto batch = reader_->next();
        if (!batch) return std::unexpected{batch.error()};
        batch_ = *batch;
        at_ = 0;
        if (batch_.empty())
          return fail(
              Code::corrupt,
              fmt::format("a log changed while it was read: event #{} is gone", sequence_number));
      }
      if (batch_[at_].sequence_number == sequence_number) return &batch_[at_];
    }
  }

 private:
  std::unique_ptr<EventReader> reader_;
  std::span<const EventView> batch_;
  std::size_t at_ = 0;
};

Result<void> write_steps(Readers& readers, const Side& a, const Side& b, const Diff& diff,
                         const DiffOptions& options, formats::DiffWriter& writer, Output& out) {
  if (diff.steps.empty()) return {};
  const auto first = [&](std::uint64_t DiffStep::* side) {
    for (const DiffStep& step : diff.steps)
      if (step.*side != 0) return step.*side;
    return std::uint64_t{1};
  };
  auto reader_a = readers.open(a, first(&DiffStep::a));
  if (!reader_a) return std::unexpected{reader_a.error()};
  auto reader_b = readers.open(b, first(&DiffStep::b));
  if (!reader_b) return std::unexpected{reader_b.error()};
  Finder finder_a{std::move(*reader_a)};
  Finder finder_b{std::move(*reader_b)};
  for (const DiffStep& step : diff.steps) {
    const auto event_a = finder_a.find(step.a);
    if (!event_a) return std::unexpected{event_a.error()};
    const auto event_b = finder_b.find(step.b);
    if (!event_b) return std::unexpected{event_b.error()};
    formats::Changes changes;
    if (*event_a != nullptr && *event_b != nullptr)
      changes = [&](const UseChange& use) { for_each_change(**event_a, **event_b, options, use); };
    writer.step(*event_a, *event_b, changes);
    if (out.done()) return {};
  }
  return {};
}

bool same_costs(const Totals& a, const Totals& b) {
  return a.tokens_in == b.tokens_in && a.tokens_out == b.tokens_out && a.cost_usd == b.cost_usd;
}

Result<std::vector<std::string>> read_unordered(const DiffCommand& options, const Zone& zone,
                                                Where& where) {
  if (options.unordered.empty()) return std::vector<std::string>{};
  FilterOptions types;
  types.types = options.unordered;
  auto filter = make_filter(types, zone, where);
  if (!filter) return std::unexpected{filter.error()};
  return std::move(filter->types);
}

/// Whether a member of the state is of the last event of such a type: /data/tool_result/output.
bool is_last_of(std::string_view pointer, const std::vector<std::string>& types) {
  constexpr std::string_view data = "/data/";
  if (!pointer.starts_with(data)) return false;
  pointer.remove_prefix(data.size());
  const std::string_view type = pointer.substr(0, pointer.find('/'));
  return std::ranges::any_of(
      types, [&](const std::string& pattern) { return matches_pattern(pattern, type); });
}

}  // namespace

int run(Context& context, const DiffCommand& options) {
  const auto on_corrupt = parse_on_corrupt(options.on_corrupt);
  if (!on_corrupt) return context.refuse(on_corrupt.error());
  Where where;
  FilterOptions only;
  only.types = options.only;
  auto filter = make_filter(only, context.zone, where);
  if (!filter) return context.refuse(filter.error());
  Selector selector{context};
  const auto a = choose_side(selector, options.a);
  if (!a) return context.refuse(a.error());
  const auto b = choose_side(selector, options.b);
  if (!b) return context.refuse(b.error());

  auto unordered = read_unordered(options, context.zone, where);
  if (!unordered) return context.refuse(unordered.error());
  const Filter asked{.types = filter->types};
  Readers readers{{.filter = std::move(*filter), .on_corrupt = *on_corrupt}};
  auto opened_a = readers.open(*a);
  if (!opened_a) return context.refuse(opened_a.error());
  auto opened_b = readers.open(*b);
  if (!opened_b) return context.refuse(opened_b.error());
  FoldingReader reader_a{std::move(*opened_a), options.stat};
  FoldingReader reader_b{std::move(*opened_b), options.stat};
  const DiffOptions how{.ignored = options.ignored, .unordered = std::move(*unordered)};
  const auto diff = agentstore::diff(reader_a, reader_b, how);
  if (!diff) return context.refuse(with_advice(diff.error(), *a->input));
  formats::DiffAnswer answer{
      .a = {a->label, reader_a.session_id(), reader_a.last_sequence_number()},
      .b = {b->label, reader_b.session_id(), reader_b.last_sequence_number()},
      .diff = *diff,
      .state = nullptr};
  reader_a.close();
  reader_b.close();
  std::string state_a;
  std::string state_b;
  std::vector<std::string> any_order = how.unordered;
  any_order.insert(any_order.end(), diff->moved_types.begin(), diff->moved_types.end());
  if (options.only.empty()) {
    state_a = std::move(reader_a).state();
    state_b = std::move(reader_b).state();
    answer.state = [&](const UseChange& use) {
      for_each_change(state_a, state_b, how, [&](const FieldChange& change) {
        return is_last_of(change.pointer, any_order) || use(change);
      });
    };
    answer.state([&](const FieldChange&) { return answer.same_state = false; });
  }
  answer.same = diff->same() && same_costs(diff->totals_a, diff->totals_b) && answer.same_state;
  answer.rules = tell_rules(context, a->input->of_store() || b->input->of_store(), By::upcasts);

  Gate gate{context, {.on_corrupt = *on_corrupt, .allow_empty = options.allow_empty}};
  gate.read(reader_a.report());
  gate.lacks_files(selector.unreadable());
  gate.read(reader_b.report());
  lacks_redacted(gate, *a, reader_a);
  lacks_redacted(gate, *b, reader_b);
  const std::array<const Input*, 2> sides{a->input.get(), b->input.get()};
  const std::uint64_t events = diff->totals_a.events + diff->totals_b.events;
  gate.count(events);
  if (events == 0 && any_event_of_another_type(sides, asked)) gate.count(1);
  answer.incomplete = gate.incomplete();
  if (events == 0 || asked.types.size() > 1) tell_unmatched(gate, context, sides, asked, {});
  context.start_pager();
  formats::DiffJson json{context.out, answer};
  formats::DiffText text{context.out, answer, context.screen()};
  formats::DiffStat stat{context.out,       answer,           reader_a.sorted(),
                         reader_b.sorted(), context.screen(), context.common.json};
  formats::DiffWriter& steps = context.common.json ? static_cast<formats::DiffWriter&>(json) : text;
  formats::DiffWriter& writer = options.stat ? static_cast<formats::DiffWriter&>(stat) : steps;
  writer.begin();
  if (auto written = write_steps(readers, *a, *b, *diff, how, writer, context.out); !written)
    return context.finish(context.refuse(written.error()));
  writer.end();
  return context.finish(gate.status(answer.same));
}

}  // namespace agentstore::cmd
