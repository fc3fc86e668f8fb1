// In which order sessions are listed: what `--sort` takes.

#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/result.hpp"
#include "agentstore/session.hpp"

namespace agentstore::cmd {

/// A column of the list, and the way up or down it.
class SessionOrder {
 public:
  /// "COLUMN", "COLUMN:asc" or "COLUMN:desc"; absent: as they are listed, newest first. Errors:
  /// invalid, with the nearest column.
  static Result<SessionOrder> parse(const std::optional<std::string>& text);

  bool given() const { return column_ != none; }
  /// Whether it is about what each session came to, which only reading it tells.
  bool needs_figures() const { return column_ >= tokens; }
  bool needs_titles() const { return column_ == name; }

  /// The sessions in order, by their places; those of one rank stay in theirs. Of the spans, those
  /// that the order needs have an element a session.
  std::vector<std::size_t> of(std::span<const Session* const> sessions,
                              std::span<const std::string> titles,
                              std::span<const std::optional<Totals>> totals) const;

 private:
  // In the order of `columns` in the source file.
  enum Column { none, id, name, events, created, last, project, tokens, out, cost, errors };

  bool is_before(const Session& a, const Session& b) const;
  bool is_before(const std::optional<Totals>& a, const std::optional<Totals>& b) const;

  Column column_ = none;
  bool descending_ = false;
};

}  // namespace agentstore::cmd
