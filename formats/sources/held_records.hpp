// The records before the first one that tells a session and a time: they are kept until it is known
// what they belong to.

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "formats/sources/records.hpp"

namespace agentstore::formats {

class HeldRecords {
 public:
  /// False: too many are held already, and the record is not.
  bool hold(const SourceRecord& record) {
    if (held_.size() >= records_max || bytes_ >= bytes_max) return false;
    held_.push_back({std::string{record.json}, record});
    held_.back().record.json = {};
    bytes_ += record.json.size();
    return true;
  }
  bool empty() const { return held_.empty(); }

  /// Gives each to `use`, in their order; the records live for the call.
  template <class Use>
  void each(const Use& use) const {
    for (const Held& held : held_) {
      SourceRecord record = held.record;
      record.json = held.json;
      use(record);
    }
  }
  /// The same, and holds none any more.
  template <class Use>
  void release(const Use& use) {
    const HeldRecords held = std::exchange(*this, {});
    held.each(use);
  }

 private:
  struct Held {
    std::string json;
    SourceRecord record;
  };
  static constexpr std::size_t records_max = 500;
  static constexpr std::size_t bytes_max = std::size_t{4} << 20;

  std::vector<Held> held_;
  std::size_t bytes_ = 0;
};

}  // namespace agentstore::formats
