// The page of one session: self-contained HTML that fetches nothing. What it is, its calls and its
// use over time, its events, and the stored lines themselves, so that the page can be verified.
//
//   <section>  rows of some two hundred events, readable without the script
//     <script type="application/gzip" class="details">   what is unfolded of them, packed
//     <script type="application/gzip" class="stored">    their stored lines, packed
//
// Memory does not grow with the log, but for what SessionFacts keeps.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/event.hpp"
#include "agentstore/session.hpp"
#include "agentstore/verification.hpp"
#include "formats/exports/csv_export.hpp"
#include "formats/page/details.hpp"
#include "formats/page/page_kind.hpp"
#include "formats/page/session_facts.hpp"
#include "formats/text/clock.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// What a page says of its session. Texts are untrusted, but for `generator` and `notes`.
struct PageHead {
  Session session;
  std::string title;
  std::string agent;  ///< what it is called; empty: as the model
  Totals totals;
  std::string sub_agents;  ///< what they used, in words; empty: there are none
  std::vector<ModelCall> model_calls = {};
  PageKind kind = PageKind::whole;
  bool partial = false;                           ///< events of the session were left out
  std::optional<Verification> verification = {};  ///< absent: the lines are not those of a log
  std::string fingerprint = {};
  std::string generator = {};           ///< "agentstore 1.0.0"
  std::vector<std::string> notes = {};  ///< what is not known, or left out
};

struct PageOptions {
  Clock clock = {};
  /// What is done to words of the log; null: nothing. `mask` counts what it masks.
  Mask mask = nullptr;
  Mask mask_again = nullptr;  ///< the same, without counting: for words that are shown twice
};

/// Begin, give it every event in order, end.
class SessionPage {
 public:
  /// `facts` has seen all events, and has to outlive it.
  SessionPage(Sink& sink, const SessionFacts& facts, PageOptions options)
      : sink_{sink}, facts_{facts}, options_{std::move(options)} {}

  void begin(PageHead head);
  void event(const EventView& event);
  /// `masked`: what was masked, for people; empty: nothing is said of it.
  void end(std::string_view masked);

 private:
  std::string again(std::string text) const;
  std::string line(std::string_view text, std::size_t columns) const;
  void write_charts();
  void write_toolbar();
  std::string facts_html() const;
  std::string check_html() const;
  std::string notes_html() const;

  void open_row(const EventView& event, std::string_view classes);
  void row(const EventView& event);
  bool said(const EventView& event);
  void call(const EventView& event);
  void result(const EventView& event);
  void show_result(const EventView& event);
  void other(const EventView& event);
  void folded(std::string_view who, std::string_view what, std::string_view rest);
  void new_day(const EventView& event);
  void pack(const EventView& event, bool inline_whole);
  void end_section();

  Sink& sink_;
  const SessionFacts& facts_;
  const PageOptions options_;
  PageHead head_;
  std::string day_;
  std::string rows_;  // of the section that is being filled
  std::string details_;
  std::string stored_;
  std::uint64_t first_ = 0;  // of the section; 0: it is empty
  std::uint64_t rows_in_section_ = 0;
};

}  // namespace agentstore::formats
