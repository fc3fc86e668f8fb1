#include "cmd/input/find_event.hpp"

#include <fmt/format.h>

#include <charconv>
#include <vector>

#include "cmd/quoting.hpp"

namespace agentstore::cmd {

Result<std::uint64_t> find_event(const History& history, std::string_view word) {
  std::uint64_t number = 0;
  const char* const end = word.data() + word.size();
  const auto [rest, error] = std::from_chars(word.data(), end, number);
  if (error == std::errc{} && rest == end) return number;
  const std::string_view id = word.starts_with("id:") ? word.substr(3) : word;
  ReadOptions options{.raw = true};
  options.filter.predicate = [id](const EventView& event) { return event.event_id == id; };
  const auto reader = history.read(std::move(options));
  if (!reader) return std::unexpected{reader.error()};
  std::vector<std::uint64_t> found;
  const auto read = for_each_event(
      **reader, [&](const EventView& event) { found.push_back(event.sequence_number); });
  if (!read) return std::unexpected{read.error()};
  if (found.size() == 1) return found.front();
  if (found.size() > 1)
    return fail(Code::conflict,
                fmt::format("event id {} is that of #{} and of #{} of session {}", in_quotes(id),
                            found[0], found[1], history.session_id),
                "name the event by its sequence number");
  return fail(Code::not_found, "session " + history.session_id + " has no event " + in_quotes(id),
              "name an event by its sequence number or its event id");
}

Result<std::optional<OwnedEvent>> read_event(const History& history, std::uint64_t sequence_number,
                                             OnCorrupt on_corrupt) {
  const auto reader =
      history.read({.filter = {.from_seq = sequence_number, .to_seq = sequence_number},
                    .on_corrupt = on_corrupt});
  if (!reader) return std::unexpected{reader.error()};
  const auto found = (*reader)->next();
  if (!found) return std::unexpected{found.error()};
  return found->empty() ? std::nullopt : std::optional{OwnedEvent{found->front()}};
}

}  // namespace agentstore::cmd
