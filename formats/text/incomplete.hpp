// What an answer lacks: the member `incomplete` of every answer in JSON.

#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace agentstore::formats {

struct Incomplete {
  std::set<std::uint64_t> events = {};   ///< whose payloads were needed, and are redacted
  std::vector<std::string> inputs = {};  ///< what was not read, in words, with its place

  bool empty() const { return events.empty() && inputs.empty(); }
};

}  // namespace agentstore::formats
