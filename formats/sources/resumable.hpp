// Converters whose files may be read on later, from where they ended.

#pragma once

#include "agentstore/internal/bytes.hpp"
#include "formats/sources/source.hpp"

namespace agentstore::formats {

class ResumableConverter : public Converter {
 public:
  /// Writes what it knows after the records that it was given. False: the next ones depend on more.
  virtual bool save(ByteWriter& writer) = 0;
  /// Of a new converter: goes on from there.
  virtual void restore(ByteReader& reader) = 0;
};

}  // namespace agentstore::formats
