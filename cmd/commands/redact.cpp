#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "agentstore/analysis/copies.hpp"
#include "agentstore/json.hpp"
#include "cmd/commands.hpp"
#include "cmd/input/find_event.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/input/write_target.hpp"
#include "cmd/words/filters.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t events_told_max = 20;

/// The events that were named: one by one, and by what they have in common.
struct Wanted {
  std::set<std::uint64_t> numbers;
  std::vector<Filter> ranges;
  bool by_filter = false;

  bool has(std::uint64_t number) const {
    return numbers.contains(number) || (numbers.empty() && ranges.empty()) ||
           std::ranges::any_of(ranges, [&](const Filter& range) {
             return range.from_seq <= number && number <= range.to_seq;
           });
  }
};

/// The events that are to go, and what was passed over because it is gone already, or is ours.
struct Selection {
  std::vector<std::uint64_t> numbers;
  std::uint64_t redacted_before = 0;
  int status = Status::fine;
};

/// What happened to an event.
struct Redacted {
  std::uint64_t sequence_number = 0;
  Receipt receipt;
};

std::string numbered(std::uint64_t number) {
  return fmt::format("#{}", number);
}

class Redactor {
 public:
  Redactor(Context& context, const RedactCommand& options, Store& store, std::string session_id)
      : context_{context}, options_{options}, store_{store}, session_id_{std::move(session_id)} {}

  int run() {
    auto selection = select();
    if (!selection) return context_.refuse(selection.error());
    if (selection->status != Status::fine) return selection->status;
    numbers_ = std::move(selection->numbers);
    // By their payloads, too, which are there now.
    look_for_copies();
    if (!numbers_.empty()) {
      const auto receipts =
          store_.redact(session_id_, numbers_, options_.reason, options_.requested_by);
      if (!receipts) return context_.refuse(receipts.error());
      for (std::size_t i = 0; i < receipts->size(); ++i)
        redacted_.push_back({numbers_[i], (*receipts)[i]});
    }
    if (options_.copies) redact_copies();
    if (context_.common.json) tell_json();
    else tell(*selection);
    context_.note("copies elsewhere still hold it: backups, exports, copied folders, other stores");
    return context_.finish(status_);
  }

 private:
  Result<Wanted> read_wanted() const {
    Wanted wanted;
    wanted.by_filter = !options_.types.empty() || !options_.where.empty();
    const History history = history_of(store_, session_id_);
    for (const std::string& word : options_.events) {
      if (const auto range = range_in(word)) {
        wanted.ranges.push_back(*range);
        continue;
      }
      const auto number = find_event(history, word);
      if (!number) return std::unexpected{number.error()};
      wanted.numbers.insert(*number);
    }
    return wanted;
  }

  /// A named event that cannot go is an error; of a range and a filter, such are passed over.
  Result<Selection> select() {
    const auto wanted = read_wanted();
    if (!wanted) return std::unexpected{wanted.error()};
    Where where;
    FilterOptions chosen;
    chosen.types = options_.types;
    chosen.where = options_.where;
    auto filter = make_filter(chosen, context_.zone, where);
    if (!filter) return std::unexpected{filter.error()};
    Selection selection;
    std::set<std::uint64_t> left = wanted->numbers;
    const bool strict = !wanted->by_filter && wanted->ranges.empty() && !options_.copies;
    auto reader = store_.read(session_id_, {.filter = std::move(*filter), .raw = true});
    if (!reader) return std::unexpected{reader.error()};
    auto read = for_each_event(**reader, [&](const EventView& event) {
      if (!wanted->has(event.sequence_number)) return;
      left.erase(event.sequence_number);
      const bool named = wanted->numbers.contains(event.sequence_number) && !wanted->by_filter;
      if (event.redacted_by != 0 && !(named && strict)) {
        ++selection.redacted_before;
        if (options_.copies) sources_.push_back(event.sequence_number);
      } else if (named || !event.type.starts_with("agentstore.")) {
        selection.numbers.push_back(event.sequence_number);
      }
    });
    if (!read) return std::unexpected{read.error()};
    selection.status = tell_report(context_, (*reader)->report(), OnCorrupt::strict);
    selection.status = where.tell(context_, selection.status);
    if (!left.empty() && !wanted->by_filter)
      return fail(Code::not_found,
                  fmt::format("there is no event #{} in {}: its last is #{}", *left.begin(),
                              in_quotes(session_id_), (*reader)->report().last_sequence_number));
    if (!selection.numbers.empty() || !sources_.empty() || selection.status != Status::fine)
      return selection;
    if (selection.redacted_before > 0)
      return fail(Code::conflict, "what was asked for has been redacted before");
    return fail(Code::not_found,
                "session " + in_quotes(session_id_) + " has no event that was asked for");
  }

  /// "3..7", "3..", "..7"; nothing where it is not a range.
  static std::optional<Filter> range_in(std::string_view word) {
    const std::size_t dots = word.find("..");
    if (dots == word.npos || word == ".." || word.starts_with("id:")) return std::nullopt;
    Filter range;
    const auto read = [](std::string_view digits, std::uint64_t& into) {
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), into);
      return digits.empty() || (error == std::errc{} && end == digits.data() + digits.size());
    };
    const bool is_range =
        read(word.substr(0, dots), range.from_seq) && read(word.substr(dots + 2), range.to_seq);
    return is_range ? std::optional{range} : std::nullopt;
  }

  void look_for_copies() {
    sources_.insert(sources_.end(), numbers_.begin(), numbers_.end());
    auto found = find_copies(store_, session_id_, sources_);
    if (!found) {
      context_.warn("copies in this store were not looked for: " + found.error().message);
      note_status(Status::incomplete);
      return;
    }
    copies_ = std::move(found->events);
    for (const std::string& session : found->unread) {
      context_.warn("not searched for copies: session " + session);
      note_status(Status::incomplete);
    }
  }

  void redact_copies() {
    std::map<std::string, std::vector<std::uint64_t>> by_session;
    for (const EventCopy& copy : copies_)
      by_session[copy.session_id].push_back(copy.sequence_number);
    for (const auto& [id, numbers] : by_session) {
      const auto receipts = store_.redact(id, numbers, options_.reason, options_.requested_by);
      if (!receipts) {
        Error error = receipts.error();
        error.message =
            "the copies in session " + in_quotes(id) + " are still there: " + error.message;
        note_status(context_.refuse(error));
        continue;
      }
      for (std::size_t i = 0; i < receipts->size(); ++i)
        copies_redacted_[{id, numbers[i]}] = (*receipts)[i].sequence_number;
    }
  }

  void tell(const Selection& selection) {
    if (redacted_.size() <= events_told_max) {
      for (const Redacted& one : redacted_)
        context_.out.write("the payload of " + numbered(one.sequence_number) + " is gone; " +
                           numbered(one.receipt.sequence_number) + " says why\n");
    } else {
      context_.out.write(fmt::format("the payloads of {} events are gone; {} to {} say why\n",
                                     redacted_.size(),
                                     numbered(redacted_.front().receipt.sequence_number),
                                     numbered(redacted_.back().receipt.sequence_number)));
    }
    if (selection.redacted_before > 0)
      context_.note(
          fmt::format("{} of the events had been redacted before", selection.redacted_before));
    for (const EventCopy& copy : copies_) tell_of(copy);
  }

  void tell_of(const EventCopy& copy) {
    const std::string event = numbered(copy.sequence_number) + " of session " + copy.session_id;
    const auto gone = copies_redacted_.find({copy.session_id, copy.sequence_number});
    if (gone != copies_redacted_.end()) {
      context_.out.write("the payload of its copy " + event + " is gone; " +
                         numbered(gone->second) + " there says why\n");
    } else if (!options_.copies) {
      context_.note(
          fmt::format("{} is a copy of {} of session {}, and still holds it; remove it by: "
                      "agentstore redact {} {} --reason TEXT (or by --copies at once)",
                      event, numbered(copy.from_sequence_number), copy.from_session_id,
                      copy.session_id, copy.sequence_number));
    }
  }

  void tell_json() {
    const auto event_members = [](const Redacted& one) {
      return R"("sequence_number":)" + std::to_string(one.sequence_number) + R"(,"redacted_by":)" +
             std::to_string(one.receipt.sequence_number) + R"(,"hash":)" +
             json::quote(one.receipt.hash.hex());
    };
    std::string out =
        R"({"schema":"agentstore/redact/1","session_id":)" + json::quote(session_id_) + ',';
    out += redacted_.empty() ? R"("sequence_number":null,"redacted_by":null,"hash":null)"
                             : event_members(redacted_.front());
    out += R"(,"events":[)";
    for (const Redacted& one : redacted_)
      out += (&one == redacted_.data() ? "{" : ",{") + event_members(one) + '}';
    out += R"(],"copies":[)";
    for (const EventCopy& copy : copies_) {
      const auto gone = copies_redacted_.find({copy.session_id, copy.sequence_number});
      out += (&copy == copies_.data() ? R"({"session_id":)" : R"(,{"session_id":)") +
             json::quote(copy.session_id) + R"(,"sequence_number":)" +
             std::to_string(copy.sequence_number) + R"(,"copy_of":{"session_id":)" +
             json::quote(copy.from_session_id) + R"(,"sequence_number":)" +
             std::to_string(copy.from_sequence_number) + R"(},"redacted_by":)" +
             (gone == copies_redacted_.end() ? "null" : std::to_string(gone->second)) + '}';
    }
    context_.out.write(out + "]}\n");
  }

  void note_status(int status) {
    if (status_ == Status::fine) status_ = status;
  }

  Context& context_;
  const RedactCommand& options_;
  Store& store_;
  const std::string session_id_;
  std::vector<std::uint64_t> numbers_;  // ascending
  std::vector<std::uint64_t> sources_;  // of which copies are looked for
  std::vector<Redacted> redacted_;
  std::vector<EventCopy> copies_;
  std::map<std::pair<std::string, std::uint64_t>, std::uint64_t> copies_redacted_;
  int status_ = Status::fine;
};

}  // namespace

int run(Context& context, const RedactCommand& options) {
  if (options.reason.empty())
    return context.refuse(Code::invalid, "a redaction needs a reason", "give --reason");
  if (options.events.empty() && options.types.empty() && options.where.empty())
    return context.refuse(Code::invalid, "which events are to be redacted is not said",
                          "name them by number, range or id, or give --type or --where");
  auto target = open_to_write(context, options.session);
  if (!target) return context.refuse(target.error());
  return Redactor{context, options, target->store, std::move(target->session_id)}.run();
}

}  // namespace agentstore::cmd
