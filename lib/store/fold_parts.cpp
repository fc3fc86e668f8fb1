#include "store/fold_parts.hpp"

#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace agentstore {
namespace {

// Events that outlive the buffers that they were read in.
class CopiedEvents : public Part {
 public:
  explicit CopiedEvents(const std::string& session_id) : session_id_(session_id) {}

  void restart() override {
    lines_.clear();
    texts_.clear();
    events_.clear();
  }

  Result<void> take(std::span<const EventView> events) override {
    std::size_t size = 0;
    for (const EventView& event : events) size += event.line.size();
    std::string& lines = lines_.emplace_back();
    lines.reserve(size);  // So that no line moves.
    for (const EventView& event : events) {
      const std::size_t at = lines.size();
      lines += event.line;
      events_.push_back(moved(event, std::string_view{lines}.substr(at)));
    }
    return {};
  }

  const std::vector<EventView>& events() const { return events_; }

 private:
  EventView moved(const EventView& event, std::string_view line) {
    EventView copy = event;
    const auto move = [&](std::string_view text) -> std::string_view {
      if (text.empty()) return {};
      const std::uintptr_t from = address_of(text);
      const std::uintptr_t begin = address_of(event.line);
      if (from >= begin && from + text.size() <= begin + event.line.size())
        return line.substr(from - begin, text.size());
      return texts_.emplace_back(text);
    };
    copy.session_id = session_id_;
    copy.type = move(event.type);
    copy.metadata = move(event.metadata);
    copy.payload = move(event.payload);
    copy.event_id = move(event.event_id);
    copy.hash = move(event.hash);
    copy.line = line;
    return copy;
  }

  static std::uintptr_t address_of(std::string_view text) {
    return reinterpret_cast<std::uintptr_t>(text.data());
  }

  const std::string& session_id_;
  std::deque<std::string> lines_;
  std::deque<std::string> texts_;  // of which the line has another spelling
  std::vector<EventView> events_;
};

}  // namespace

Result<ReadReport> fold_in_parts(log::ByteSource& source, const log::ScanOptions& scan,
                                 const std::function<Result<void>(const EventView&)>& apply,
                                 log::Position& end, const log::Cuts& cuts) {
  Result<void> applied;
  const Parts parts{.make = [&] { return std::make_unique<CopiedEvents>(scan.session_id); },
                    .join =
                        [&](Part& part) {
                          for (const EventView& event : dynamic_cast<CopiedEvents&>(part).events())
                            if (applied) applied = apply(event);
                          return applied ? Joined::taken : Joined::enough;
                        }};
  log::ScanOptions checked = scan;
  checked.check_hashes = true;
  auto report = read_log_in_parts(source, std::move(checked), {}, nullptr, parts, cuts, &end);
  if (!applied) return std::unexpected(applied.error());
  return report;
}

}  // namespace agentstore
