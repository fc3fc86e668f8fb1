// Changes: what events did to a state.

#pragma once

#include <cstddef>
#include <string>

#include "agentstore/analysis/fields.hpp"
#include "agentstore/event.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// {"sequence_number","type","timestamp","changes":[{"field","pointer","before","after"}]}, without
/// a newline, written as the changes come; a side that lacks the field is null. Begin, add each,
/// end.
class ChangesJson {
 public:
  ChangesJson(Sink& sink, const EventView& event);
  void add(const FieldPair& change);
  void end() { sink_.write("]}"); }

 private:
  Sink& sink_;
  bool first_ = true;
};

/// "balance 4.80 -> -0.20", printable.
std::string change_text(const FieldPair& change, std::size_t columns);

}  // namespace agentstore::formats
