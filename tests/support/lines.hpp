// Logs for tests, line by line, without a store: built, served from memory, scanned.

#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "log/encode.hpp"
#include "log/scan.hpp"
#include "log/verify.hpp"

namespace agentstore::test {

/// A sealed log as our writer makes it, with salts and times that are always the same.
class LogBuilder {
 public:
  explicit LogBuilder(std::string session_id = "s") : session_id_(std::move(session_id)) {}

  /// One write of `count` events; gives its bytes.
  std::string write(std::size_t count = 1, std::string_view payload = R"({"n":1})",
                    std::string_view type = "user_message") {
    const std::size_t start = text_.size();
    const std::uint64_t first = number_ + 1;
    const log::Batch batch = count > 1 ? log::Batch{first, first + count - 1} : log::Batch{};
    for (std::size_t i = 0; i < count; ++i) {
      ++number_;
      const std::string id = "e" + std::to_string(number_);
      log::NumberedEvent event{.session_id = session_id_,
                               .sequence_number = number_,
                               .type = type,
                               .timestamp = {1'772'884'800 + static_cast<std::int64_t>(number_), 0},
                               .recorded_at = std::nullopt,
                               .event_id = id,
                               .batch = batch,
                               .payload = payload};
      event.salt.fill(static_cast<unsigned char>(number_));
      head_ = log::encode_line(text_, event, head_);
    }
    ends_.push_back(text_.size());
    return text_.substr(start);
  }
  /// A line as the Go library writes it.
  std::string go_line(std::string_view payload = R"({"n":1})") {
    ++number_;
    std::string line = R"({"session_id":")" + session_id_ + R"(","sequence_number":)" +
                       std::to_string(number_) + R"(,"type":"custom","payload":)" +
                       std::string{payload} +
                       R"(,"timestamp":"2026-03-07T12:00:00Z","metadata":{}})";
    log::Arena arena;
    log::Line parsed;
    log::parse_line(line, arena, parsed);
    head_ = log::head_after(parsed, head_);
    text_ += line + "\n";
    ends_.push_back(text_.size());
    return line + "\n";
  }

  const std::string& text() const { return text_; }
  /// Where each write ends.
  const std::vector<std::size_t>& ends() const { return ends_; }
  std::uint64_t events() const { return number_; }
  const Hash& head() const { return head_; }

 private:
  std::string session_id_;
  std::string text_;
  std::vector<std::size_t> ends_;
  std::uint64_t number_ = 0;
  Hash head_{};
};

/// The lines of a text, each with its newline.
inline std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  if (at != text.npos) text.replace(at, from.size(), to);
  return text;
}

/// A log that lies in a string. What `settle` says can be chosen.
class TextSource : public log::ByteSource {
 public:
  explicit TextSource(std::string text) : text_(std::move(text)) {}
  std::uint64_t size_bytes() const override { return text_.size(); }
  Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) override {
    const std::size_t start = std::min<std::size_t>(offset, text_.size());
    return std::string_view{text_}.substr(start).copy(into, size);
  }
  Result<Tail> settle() override { return tail; }
  Result<Change> refresh() override { return Change::none; }
  std::string name() const override { return "a text"; }

  Tail tail = Tail::settled;

 private:
  std::string text_;
};

struct Scanned {
  std::vector<std::uint64_t> numbers;
  std::optional<Error> error;
  ReadReport report;
  log::Position position;
};

inline Scanned scan(log::ByteSource& source, log::ScanOptions options) {
  log::Scanner scanner{source, std::move(options)};
  Scanned scanned;
  for (;;) {
    const auto lines = scanner.next();
    if (!lines) {
      scanned.error = lines.error();
      break;
    }
    if (lines->empty()) break;
    for (const log::Line& line : *lines) {
      scanned.numbers.push_back(line.event.sequence_number);
    }
  }
  scanned.report = scanner.report();
  scanned.position = scanner.position();
  return scanned;
}
inline Scanned scan(std::string text, OnCorrupt on_corrupt = OnCorrupt::strict) {
  TextSource source{std::move(text)};
  return scan(source, {.session_id = "s", .on_corrupt = on_corrupt, .check_hashes = true});
}

inline Verification verify(std::string text, std::string session_id = "s") {
  TextSource source{std::move(text)};
  return log::verify(source, std::move(session_id), false).value();
}

}  // namespace agentstore::test
