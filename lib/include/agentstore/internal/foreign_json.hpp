// JSON that other programs wrote (transcripts, exports, session files, rules, price tables), parsed
// with simdjson in one pass: each value's place is noted, and no walk of it reads a byte again.
// The log's own lines have a parser of their own (lib/base/json_notes.hpp).
//
// simdjson decides nothing. What it refuses and JSON allows (lone surrogates, deep nesting, invalid
// UTF-8 that is to be kept, very long texts) is left to `check`, as is what is wrong with a text.

#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "agentstore/json.hpp"

namespace agentstore::json {

/// Whether a text is UTF-8 as RFC 3629 has it; some ten gigabytes a second.
bool is_utf8(std::string_view text);

/// Writes a JSON text without insignificant white space to `out`. False: a string in it has no end,
/// and `out` is of no use.
bool minify(std::string_view text, std::string& out);

/// A parser, and the notes of the last text that it parsed. Not thread-safe.
class ForeignParser {
 public:
  /// How many bytes simdjson may read after a text. Where fewer are known to be there, the text is
  /// copied first.
  static constexpr std::size_t padding_bytes = 64;

  ForeignParser();
  ForeignParser(ForeignParser&& other) noexcept;
  ForeignParser& operator=(ForeignParser&& other) noexcept;
  ~ForeignParser();

  /// Parses `text`, an object or array with nothing but white space around it. What it gives meets
  /// `rules_to_store`; nothing: `check` has to look at the text. `readable_end`: up to there bytes
  /// may be read; they may have any value. The value is a view of `text`, and its notes live until
  /// the next call.
  std::optional<Value> parse(std::string_view text, const char* readable_end);
  std::optional<Value> parse(std::string_view text) {
    return parse(text, text.data() + text.size());
  }

  /// As `json::check`. If all is well, `value` is the text without the white space around it, with
  /// notes where simdjson could parse it; else it stays as it was.
  std::optional<SyntaxError> check(std::string_view text, const Rules& rules, Value& value);

  /// Whether the last value that `parse` gave is without insignificant white space.
  bool compact() const;

 private:
  class Impl;
  struct Spare;

  std::unique_ptr<Impl> impl_;
};

}  // namespace agentstore::json
