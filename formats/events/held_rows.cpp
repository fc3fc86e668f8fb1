#include "formats/events/held_rows.hpp"

#include "agentstore/analysis/event_parts.hpp"
#include "formats/events/call_pairs.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t rows_max = 64;

}  // namespace

HeldRow* HeldRows::call_of(const EventView& result) {
  const std::string id = call_id_of(result);
  const std::string tool = tool_name_of(result).value_or("");
  for (HeldRow& row : rows_) {
    if (!row.open || row.answer || row.session_id != result.session_id) continue;
    const bool same = id.empty() || row.call_id.empty()
                          ? tool.empty() || row.tool.empty() || tool == row.tool
                          : id == row.call_id;
    if (same) return &row;
  }
  return nullptr;
}

HeldRow* HeldRows::answer_of(std::string_view session_id) {
  for (HeldRow& row : rows_)
    if (row.open && row.answer && row.session_id == session_id) return &row;
  return nullptr;
}

void HeldRows::write_done(const Write& write) {
  while (!rows_.empty() && (!rows_.front().open || rows_.size() > rows_max)) {
    write(rows_.front());
    rows_.pop_front();
  }
}

void HeldRows::write_all(const Write& write) {
  for (HeldRow& row : rows_) write(row);
  rows_.clear();
}

}  // namespace agentstore::formats
