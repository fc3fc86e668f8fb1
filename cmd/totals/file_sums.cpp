#include "cmd/totals/file_sums.hpp"

#include "cmd/input/known_files.hpp"
#include "cmd/totals/totals.hpp"

namespace agentstore::cmd {

SumFile file_sums(Context& context, const Grouping& grouping, const Prices& prices,
                  bool with_labels) {
  KnownFiles& known = context.known_files();
  return [&known, &grouping, &prices, with_labels](
             const std::string& path, const Labels& labels,
             const TranscriptFigures& figures) -> std::optional<FileSums> {
    Adder adder{grouping, prices};
    if (adder.needs() != formats::Made::figures) return std::nullopt;
    const Parts parts = adder.parts(with_labels ? labels : Labels{});
    const CachedAggregate& aggregate = parts.cached_aggregate;
    FileSums sums{.question = question_of(aggregate), .all_read = !figures.after};
    if (sums.question.empty()) return std::nullopt;
    if (figures.after && !known.take_as_of(*figures.after, known.look_at({path}), aggregate))
      return std::nullopt;
    FiguresReader reader{figures, path};
    auto report = read_parts(reader, parts);
    auto text = report ? aggregate.give() : std::nullopt;
    if (!text) return std::nullopt;
    sums.report = std::move(*report);
    sums.text = std::move(*text);
    return sums;
  };
}

}  // namespace agentstore::cmd
