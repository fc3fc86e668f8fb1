// Facts of an event, a name and a value each; among them what a response used and what that cost.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agentstore/event.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

class Facts {
 public:
  /// `name` is printable, `value` untrusted text, of any number of lines.
  void add(std::string_view name, std::string_view value);
  bool empty() const { return facts_.empty(); }
  /// Names in a column of their own, values whole beside them.
  void write(Sink& sink, const Screen& screen, std::size_t indent_columns = 2) const;

 private:
  std::vector<std::pair<std::string, std::string>> facts_;
};

/// Its model, tokens, cost, and by which price that was computed.
void add_usage(Facts& facts, const EventView& event);

/// The same as members of a JSON object: ,"usage":{…}|null,"price":{…}|null
std::string usage_members(const EventView& event);

}  // namespace agentstore::formats
