// The printer: events, in the format that was asked for, as they come.

#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agentstore/analysis/responses.hpp"
#include "agentstore/parts.hpp"
#include "cmd/context.hpp"
#include "cmd/input/input.hpp"
#include "formats/events/timeline.hpp"
#include "formats/exports/export.hpp"

namespace agentstore::cmd {

class PrintedPart;

class Printer {
 public:
  enum class Format { timeline, json, jsonl, nothing };

  /// Events of `session`, which has to outlive it; null: of all sessions.
  Printer(Context& context, Format format, const Input* session,
          formats::TimelineOptions timeline = {});

  ~Printer();

  /// Prints these fields of each event alone, as an object, in lines or an array.
  void choose_fields(std::vector<std::string> fields);
  /// Those of them that no event had.
  std::vector<std::string> unmet_fields() const;

  void event(const EventView& event);
  /// Whether a line depends on the events before it: then they have to be given one by one.
  bool in_order() const;
  /// To print what is read by parts. They may not outlive the printer.
  Parts parts();
  /// Hands over what was printed so far; false where nobody takes more.
  bool flush() { return format_ == Format::nothing || context_.out.flush(); }
  void end();
  std::uint64_t events() const { return events_; }

 private:
  friend PrintedPart;

  bool gives_lines() const { return format_ == Format::json || format_ == Format::jsonl; }
  formats::TimelineLayout layout();
  Joined join(PrintedPart& part);
  void add_totals(PrintedPart& part);
  void begin(const PrintedPart& first);
  void begin(const EventView& first);
  void print(const EventView& event);

  Context& context_;
  Format format_;
  const Input* session_;
  std::string title_;  // of the session, where a timeline is printed
  formats::TimelineOptions timeline_options_;
  formats::Timeline timeline_;  // what is printed, whoever makes its lines
  formats::JsonArray array_;
  std::vector<std::string> fields_;
  std::vector<bool> met_;  // of the fields
  const bool shows_upcasts_;
  std::unique_ptr<PrintedPart> single_;
  std::mutex lock_;
  formats::TimelineLayout layout_;  // after what was printed; under the lock
  std::vector<std::string>
      spare_texts_;  // of parts that were printed, to be filled again; likewise
  CountedTotals totals_;
  std::uint64_t events_ = 0;
  bool begun_ = false;
  bool totals_failed_ = false;
};

}  // namespace agentstore::cmd
