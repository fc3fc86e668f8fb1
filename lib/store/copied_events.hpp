// Events that outlive the buffers that they were read in.

#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/parts.hpp"

namespace agentstore {

class CopiedEvents : public Part {
 public:
  explicit CopiedEvents(std::string_view session_id) : session_id_(session_id) {}

  void restart() override;
  Result<void> take(std::span<const EventView> events) override;

  /// They live as long as this, or until restart.
  const std::vector<EventView>& events() const { return events_; }

 private:
  EventView moved(const EventView& event, std::string_view line);

  const std::string session_id_;
  std::deque<std::string> lines_;
  std::deque<std::string> texts_;  // of which the line has another spelling
  std::vector<EventView> events_;
};

}  // namespace agentstore
