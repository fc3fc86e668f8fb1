// A log that lies in memory, which nobody changes meanwhile.

#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "log/source.hpp"

namespace agentstore::log {

/// Reads a text that has to live as long as the source. `name`, a literal, stands in messages.
class TextSource : public ByteSource {
 public:
  explicit TextSource(std::string_view text, const char* name = "the events given")
      : text_(text), name_(name) {}

  std::uint64_t size_bytes() const override { return text_.size(); }
  Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) override {
    return text_.substr(std::min<std::size_t>(offset, text_.size())).copy(into, size);
  }
  Result<Tail> settle() override { return Tail::settled; }
  Result<Change> refresh() override { return Change::none; }
  std::string name() const override { return name_; }

 private:
  std::string_view text_;
  const char* name_;
};

}  // namespace agentstore::log
