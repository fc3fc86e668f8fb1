#include "cmd/input/folds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "cmd/input/read_report.hpp"
#include "cmd/read_whole.hpp"
#include "cmd/words/points.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t notes_told_max = 10;
constexpr std::size_t ledger_bytes_max = std::size_t{16} << 20;

/// That of --ledger.
Result<Ledger> ledger_of(Context& context, const std::string& file) {
  const auto text = read_whole_file(file, ledger_bytes_max);
  if (!text) return std::unexpected{text.error()};
  auto ledger = parse_ledger(*text);
  if (!ledger)
    ledger.error().message = "--ledger " + in_quotes(file) + ": " + ledger.error().message;
  context.rules_given.ledger = rule_file(file, *text);
  return ledger;
}

}  // namespace

Result<Folded> fold_at(const Input& input, const ProjectionFactory& make, const Point& point,
                       OnCorrupt on_corrupt) {
  auto folded = input.fold(make, point, on_corrupt);
  if (!folded) return std::unexpected{with_advice(folded.error(), input)};
  if (auto there = check_point(point, input.label(), folded->last_sequence_number); !there)
    return std::unexpected{there.error()};
  return folded;
}

Result<Ledger> choose_ledger(Context& context, const Store& store,
                             const std::optional<std::string>& file) {
  return file ? ledger_of(context, *file) : store.ledger();
}

Result<Ledger> choose_ledger(Context& context, const Input& input,
                             const std::optional<std::string>& file) {
  return file ? ledger_of(context, *file) : input.ledger();
}

int tell_notes(Context& context, std::span<const FoldNote> notes, int status,
               std::string_view before) {
  std::size_t told = 0;
  bool incomplete = false;
  std::set<std::pair<std::uint64_t, std::string_view>> seen;  // several folds may say the same
  for (const FoldNote& note : notes) {
    if (!seen.emplace(note.sequence_number, note.message).second) continue;
    if (note.kind == FoldNote::Kind::incomplete) incomplete = true;
    if (told++ >= notes_told_max) continue;
    const std::string text = fmt::format("{}#{}: {}", before, note.sequence_number, note.message);
    if (note.kind == FoldNote::Kind::remark) context.note(text);
    else context.warn(text);
  }
  if (told > notes_told_max)
    context.warn(fmt::format("{}and {} events more, of that kind", before, told - notes_told_max));
  return incomplete && status == Status::fine ? Status::incomplete : status;
}

}  // namespace agentstore::cmd
