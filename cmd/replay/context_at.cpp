#include "cmd/replay/context_at.hpp"

namespace agentstore::cmd {

Result<formats::ContextBuilder> context_at(const History& history, std::uint64_t sequence_number,
                                           OnCorrupt on_corrupt) {
  formats::ContextBuilder builder{sequence_number};
  const auto reader = history.read({.on_corrupt = on_corrupt});
  if (!reader) return std::unexpected{reader.error()};
  for (;;) {
    const auto batch = (*reader)->next();
    if (!batch) return std::unexpected{batch.error()};
    if (batch->empty()) return builder;
    for (const EventView& event : *batch)
      if (!builder.take(event)) return builder;
  }
}

}  // namespace agentstore::cmd
