// Totals as bytes and back.

#include "agentstore/internal/totals_bytes.hpp"

namespace agentstore {

std::string to_bytes(const TotalsByType& totals) {
  std::string out;
  ByteWriter{out}.put(totals);
  return out;
}

std::optional<TotalsByType> totals_from_bytes(std::string_view bytes) {
  TotalsByType totals;
  ByteReader reader{bytes};
  reader.take(totals);
  if (!reader.at_end()) return std::nullopt;
  return totals;
}

}  // namespace agentstore
