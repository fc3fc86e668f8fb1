#include "cmd/replay/session_pages.hpp"

#include <fmt/format.h>

#include <utility>

#include "agentstore/analysis/responses.hpp"
#include "agentstore/internal/digest.hpp"
#include "cmd/input/folds.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/replay/chat.hpp"
#include "cmd/totals/model_calls.hpp"
#include "cmd/version.hpp"
#include "formats/page/texts.hpp"
#include "formats/text/session_text.hpp"
#include "formats/text/units.hpp"

namespace agentstore::cmd {

/// What was read for a page before its rows.
struct PageWriter::Read {
  explicit Read(Ledger of_session) : ledger{std::move(of_session)} {}

  Ledger ledger;
  Session session;
  std::optional<formats::SessionFacts> facts;
  CountedTotals totals;
  ModelCalls calls;
  std::optional<Verification> verification;
  std::string sub_agents;
  std::uint64_t of_others = 0;  ///< events of other sessions in the same file
  std::uint64_t unread = 0;     ///< places of the log that could not be read
};

PageWriter::PageWriter(Context& context, Selector& selector, const Input& input,
                       const PageRequest& request)
    : context_{context}, selector_{selector}, input_{input}, request_{request} {}

PageWriter::~PageWriter() = default;

void PageWriter::mix(std::string_view bytes) {
  fingerprint_ = sha256_hex_of(fingerprint_ + std::string{bytes});
}

Result<void> PageWriter::choose_kind() {
  auto verification = input_.verify({});
  if (!verification) return std::unexpected{verification.error()};
  const bool whole =
      request_.filter.takes_all() && !input_.point() && verification->verdict != Verdict::extract;
  partial_ = !whole;
  if (partial_) kind_ = formats::PageKind::extract;
  if (request_.redact) kind_ = formats::PageKind::masked;
  // The lines of another tool's transcript are made while it is read.
  if (input_.recorded_by().empty() || input_.of_store())
    read_->verification = std::move(*verification);
  return {};
}

Result<void> PageWriter::read_events(const EventView& event) {
  if (event.session_id != read_->session.id) {
    ++read_->of_others;
    read_->facts->take_of_sub_agent(event, std::string{event.session_id}, {});
    return {};
  }
  mix(event.line);
  read_->calls.take(event);
  if (auto taken = read_->facts->take(event); !taken) return taken;
  return read_->totals.add(event);
}

Result<std::vector<const Input*>> PageWriter::children_of(Inputs& asked) {
  const std::string& id = input_.session().id;
  if (request_.children) {
    const auto found = request_.children->find(id);
    return found == request_.children->end() ? std::vector<const Input*>{} : found->second;
  }
  auto children = selector_.children(input_);
  if (!children) return std::unexpected{children.error()};
  asked = std::move(*children);
  return pointers_to(asked);
}

/// The sessions of its sub-agents are lanes of its calls.
Result<void> PageWriter::read_children() {
  if (input_.session().id.empty() || !request_.filter.takes_all() || input_.point()) return {};
  Inputs asked;
  const auto children = children_of(asked);
  if (!children) return std::unexpected{children.error()};
  CountedTotals sum;
  for (const Input* const child : *children) {
    const Session& session = child->session();
    const auto page = request_.pages.find(session.id);
    const std::string name = formats::shown_name(session.name, child->title());
    mix(session.id + " " + std::to_string(session.event_count));
    const auto reader = child->read({});
    if (!reader) return std::unexpected{with_advice(reader.error(), *child)};
    const auto read = for_each_event(**reader, [&](const EventView& event) {
      read_->facts->take_of_sub_agent(event, name,
                                      page == request_.pages.end() ? "" : page->second);
      return sum.add(event);
    });
    if (!read) return std::unexpected{with_advice(read.error(), *child)};
  }
  if (children->empty()) return {};
  const auto total = sum.sum();
  if (!total) return std::unexpected{total.error()};
  const std::string cost = formats::cost_text(*total);
  read_->sub_agents = fmt::format(
      "{}, apart from all above: {} tokens in, {} out, {}{}", children->size(),
      formats::thousands(total->tokens_in), formats::thousands(total->tokens_out),
      formats::counted(total->tool_calls, "tool call"), cost.empty() ? "" : ", " + cost);
  return {};
}

Result<void> PageWriter::prepare() {
  auto ledger = choose_ledger(context_, input_, std::nullopt);
  if (!ledger) return std::unexpected{ledger.error()};
  read_ = std::make_unique<Read>(std::move(*ledger));
  auto session = input_.describe();
  if (!session) return std::unexpected{with_advice(session.error(), input_)};
  read_->session = std::move(*session);
  if (auto chosen = choose_kind(); !chosen)
    return std::unexpected{with_advice(chosen.error(), input_)};
  formats::Mask mask = nullptr;
  if (request_.redact) mask = [this](std::string_view text) { return uncounted_.mask(text); };
  read_->facts.emplace(read_->ledger, std::move(mask));
  for (const formats::PageText& file : formats::page_texts) mix(file.text);
  mix(version_text() + context_.zone.clock().zone + formats::session_json(read_->session) +
      std::string{formats::page_kind_name(kind_)});
  const auto reader = input_.read({.filter = request_.filter});
  if (!reader) return std::unexpected{with_advice(reader.error(), input_)};
  const auto read =
      for_each_event(**reader, [this](const EventView& event) { return read_events(event); });
  if (!read) return std::unexpected{with_advice(read.error(), input_)};
  read_->unread = (*reader)->report().finding_count;
  mix(std::to_string(read_->unread));
  // Their numbers are lacking among the lines of the page.
  if (read_->of_others > 0 && kind_ == formats::PageKind::whole) kind_ = formats::PageKind::extract;
  if (auto children = read_children(); !children) return children;
  read_->facts->finish();
  return {};
}

formats::PageHead PageWriter::head() const {
  formats::PageHead head{.session = read_->session,
                         .title = input_.title(),
                         .agent = agent_name(input_),
                         .totals = {},
                         .sub_agents = read_->sub_agents,
                         .kind = kind_,
                         .partial = partial_,
                         .verification = read_->verification,
                         .fingerprint = fingerprint_,
                         .generator = program_version()};
  if (read_->of_others > 0)
    head.notes.push_back(
        formats::counted(read_->of_others, "event") +
        " of sub-agents in the same file: their calls are lanes, and their words are not shown.");
  if (read_->unread > 0)
    head.notes.push_back(formats::counted(read_->unread, "place") +
                         " of the log could not be read: what stood there is not shown.");
  return head;
}

int PageWriter::write(formats::SecretMask& masked) {
  const auto total = read_->totals.sum();
  if (!total) return context_.refuse(total.error());
  auto calls = read_->calls.settle();
  if (!calls) return context_.refuse(calls.error());
  formats::PageHead head = this->head();
  head.totals = *total;
  head.model_calls = std::move(*calls);
  formats::PageOptions options{.clock = context_.zone.clock()};
  formats::SecretMask counted;
  if (request_.redact) {
    options.mask = [&counted](std::string_view text) { return counted.mask(text); };
    options.mask_again = [this](std::string_view text) { return uncounted_.mask(text); };
  }
  formats::SessionPage page{context_.out, *read_->facts, std::move(options)};
  page.begin(std::move(head));
  const auto reader = input_.read({.filter = request_.filter});
  if (!reader) return context_.refuse(with_advice(reader.error(), input_));
  const auto read = for_each_event(**reader, [&](const EventView& event) {
    if (event.session_id == read_->session.id) page.event(event);
  });
  if (!read) return context_.refuse(with_advice(read.error(), input_));
  page.end(counted.told());
  masked.merge(counted);
  return tell_report(context_, (*reader)->report(), OnCorrupt::strict);
}

}  // namespace agentstore::cmd
