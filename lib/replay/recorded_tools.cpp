#include <utility>

#include "agentstore/analysis/rerun.hpp"
#include "replay/comparable.hpp"

namespace agentstore {

struct RecordedTools::Impl {
  struct Recorded {
    const TurnCall* call;
    std::string arguments;  // as they are compared
    bool given = false;
  };

  std::vector<Recorded> recorded;
  std::map<std::string, std::size_t, std::less<>> asked;  // calls of each tool so far

  static std::string normal(std::string_view arguments) {
    static const auto comparable = Comparable::make({});
    return arguments.empty() ? std::string{} : comparable->normal(arguments, "/payload/args");
  }

  Recorded* exact(std::string_view tool, std::string_view arguments) {
    if (arguments.empty()) return nullptr;
    const std::string wanted = normal(arguments);
    for (Recorded& one : recorded)
      if (!one.given && one.call->tool == tool && one.arguments == wanted) return &one;
    return nullptr;
  }

  // `position` counts from 0.
  Recorded* nearest(std::string_view tool, std::size_t position) {
    Recorded* first_left = nullptr;
    std::size_t at = 0;
    for (Recorded& one : recorded) {
      if (one.call->tool != tool) continue;
      if (at++ == position && !one.given) return &one;
      if (first_left == nullptr && !one.given) first_left = &one;
    }
    return first_left;
  }
};

RecordedTools::RecordedTools(const Turn& turn) : impl_{std::make_unique<Impl>()} {
  for (const TurnCall& call : turn.calls)
    if (call.result) impl_->recorded.push_back({&call, Impl::normal(call.arguments)});
}

RecordedTools::RecordedTools(RecordedTools&&) noexcept = default;
RecordedTools& RecordedTools::operator=(RecordedTools&&) noexcept = default;
RecordedTools::~RecordedTools() = default;

RecordedTools::Match RecordedTools::match(std::string_view tool, std::string_view arguments) {
  const std::size_t position = impl_->asked[std::string{tool}]++;
  Impl::Recorded* found = impl_->exact(tool, arguments);
  const bool approximate = found == nullptr;
  if (approximate) found = impl_->nearest(tool, position);
  if (found == nullptr) return {};
  found->given = true;
  return {found->call, approximate};
}

}  // namespace agentstore
