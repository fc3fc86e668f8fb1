#include "cmd/rerun/sources.hpp"

#include "cmd/input/read_report.hpp"

namespace agentstore::cmd {

Result<std::vector<Turn>> turns_of(const Input& input, OnCorrupt on_corrupt, Gate& gate) {
  const auto reader = input.read({.on_corrupt = on_corrupt});
  if (!reader) return std::unexpected{with_advice(reader.error(), input)};
  Turns turns;
  const auto read =
      for_each_event(**reader, [&](const EventView& event) { return turns.take(event); });
  if (!read) return std::unexpected{with_advice(read.error(), input)};
  gate.read((*reader)->report());
  return turns.finish();
}

Result<const std::vector<Turn>*> Sources::turns(const std::string& session_id,
                                                const std::string& path) {
  if (session_id == last_id_) return &last_;
  auto chosen = selector_.choose(session_id);
  if (!chosen && chosen.error().code == Code::not_found && !path.empty())
    if (auto by_path = selector_.choose(path)) chosen = std::move(by_path);
  if (!chosen) {
    Error error = chosen.error();
    error.message = "the session that it is of: " + error.message;
    return std::unexpected{std::move(error)};
  }
  auto read = turns_of(**chosen, on_corrupt_, gate_);
  if (!read) return std::unexpected{read.error()};
  last_ = std::move(*read);
  last_id_ = session_id;
  return &last_;
}

}  // namespace agentstore::cmd
