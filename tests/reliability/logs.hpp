// Logs for the campaigns: built line by line with fixed salts and times, and twelve shapes of them.

#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/sha256.hpp"
#include "log/encode.hpp"

namespace agentstore::reliability {

/// Builds a log of session "s", write by write.
class LogText {
 public:
  struct Draft {
    std::string id = {};
    std::string payload = R"({"n":1})";
    std::string type = "user_message";
    std::string metadata = "{}";
  };

  /// One sealed write of ours.
  LogText& write(const std::vector<Draft>& drafts);
  LogText& write(const std::string& id) { return write({Draft{.id = id}}); }
  /// A line of the Go library's.
  LogText& go_line(std::string_view payload = R"({"n":1})");
  /// Redacts event `number`: the event that says so, and the log without the payload.
  LogText& redact(std::uint64_t number);

  const std::string& text() const { return text_; }
  /// Where each write ends, from 0 on.
  const std::vector<std::size_t>& ends() const { return ends_; }

 private:
  std::string text_;
  std::vector<std::size_t> ends_{0};
  std::uint64_t number_ = 0;
  Hash head_{};
  std::set<std::string> ids_;
};

struct Shape {
  std::string name;
  LogText log;
  bool sealed = true;       ///< all of it is, or is sealed by a line behind it
  std::size_t settled = 0;  ///< writes that the later ones presuppose: they were durable before
};

/// Twelve: single events, batches, long lines, Unicode, the Go library's lines, mixtures...
const std::vector<Shape>& shapes();

}  // namespace agentstore::reliability
