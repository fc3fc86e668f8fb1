// Terms: what `find` looks for. A word, a "phrase", a /pattern/ (RE2); one without a capital letter
// ignores case. A term is found in one text or number of a payload: see event_texts.hpp.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/event.hpp"
#include "agentstore/internal/byte_pattern.hpp"
#include "agentstore/result.hpp"
#include "cmd/words/raw_filter.hpp"
#include "formats/events/excerpt.hpp"

namespace re2 {
class RE2;
}

namespace agentstore::cmd {

class SearchTerm {
 public:
  /// Errors: invalid, saying what is wrong with the pattern.
  static Result<SearchTerm> word(std::string_view text);
  static Result<SearchTerm> pattern(std::string_view regex);

  bool is_in(std::string_view text) const;
  /// Whether a text or number of the JSON text has it.
  bool is_in_json(std::string_view json) const;
  /// What raw JSON has to hold that has it.
  const OneOf& needs() const { return needs_; }
  /// As a part of a regular expression.
  const std::string& regex() const { return regex_; }
  /// Of a word; empty: it is a pattern.
  const std::string& text() const { return text_; }

 private:
  bool is_in_token(std::string_view token, std::size_t place) const;

  BytePattern piece_;  // of a word
  OneOf needs_;
  std::string text_;
  std::string regex_;
  std::shared_ptr<const re2::RE2> expression_;
};

/// Whether it is a record that no log may hold, kept as a text: what is asked is what the record
/// says.
bool is_kept_as_text(const EventView& event);

/// The terms that arguments hold: an argument with blanks is a phrase, unless it has quotes of its
/// own. Errors: invalid.
Result<std::vector<SearchTerm>> parse_terms(std::span<const std::string> words);

/// All that is asked of an event but its type, its tool and its time. May be used by several
/// threads.
class EventQuestions {
 public:
  struct Asked {
    std::span<const std::string> words;
    bool in_session = false;  ///< each of the words in one event or another
    std::span<const std::string> files;
    std::span<const std::string> commands;
  };
  /// Errors: invalid: a pattern, an empty word, nothing that is asked.
  static Result<EventQuestions> parse(const Asked& asked);

  /// A bit for each word that the event has; 0: it is no hit.
  std::uint64_t words_in(const EventView& event) const;
  /// The bits that a session has to have in all.
  std::uint64_t all_words() const { return all_words_; }
  const RawFilter& raw() const { return raw_; }
  /// The text around what was found.
  std::optional<formats::Excerpt> excerpt(const EventView& event) const { return excerpt_(event); }

 private:
  bool runs(const EventView& event) const;
  bool names_file(const EventView& event) const;

  std::vector<SearchTerm> words_;
  std::uint64_t all_words_ = 0;
  bool in_session_ = false;
  std::vector<std::string> files_;
  std::vector<SearchTerm> commands_;
  RawFilter raw_;
  std::function<std::optional<formats::Excerpt>(const EventView&)> excerpt_;
};

}  // namespace agentstore::cmd
