// Sinks: where formats write. What they write is bytes, ready to be shown or stored.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "formats/text/clock.hpp"

namespace agentstore::formats {

/// Takes bytes in order. An implementation remembers its own errors: a format writes on.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void write(std::string_view bytes) = 0;
};

/// A sink that keeps everything.
class StringSink final : public Sink {
 public:
  void write(std::string_view bytes) override { text.append(bytes); }
  std::string text;
};

/// What an answer for people is shown on.
struct Screen {
  std::size_t columns = 0;  ///< of the terminal; 0: a pipe or a file, where nothing has to be cut
  bool color = false;
  bool wide = false;  ///< --wide: nothing is cut or left out, however narrow it is
  Clock clock = {};   ///< what shows the times
};

}  // namespace agentstore::formats
