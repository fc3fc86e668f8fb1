#include "formats/answers/audit.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "cmd/audit/auditor.hpp"
#include "cmd/audit/baseline.hpp"
#include "cmd/audit/rule_set.hpp"
#include "cmd/commands.hpp"
#include "cmd/gates/gate.hpp"
#include "cmd/home_folder.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/input/rules_in_force.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/inside_store.hpp"
#include "cmd/version.hpp"
#include "formats/text/units.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::uint64_t seconds_max = 1'000'000;

/// What the ending of a file says; empty where it says nothing.
std::string format_by_ending(const std::string& path) {
  for (const auto& [ending, format] :
       {std::pair{".json", "json"}, std::pair{".sarif", "sarif"}, std::pair{".xml", "junit"},
        std::pair{".md", "markdown"}, std::pair{".txt", "text"}})
    if (path.ends_with(ending)) return format;
  return {};
}

std::string format_of(const Context& context, const AuditCommand& options) {
  if (context.common.json) return "json";
  if (!options.format.empty()) return options.format;
  const std::string by_ending = format_by_ending(context.common.output.value_or(""));
  return by_ending.empty() ? "text" : by_ending;
}

Result<void> check(const Context& context, const AuditCommand& options) {
  if (options.all && !options.sessions.empty())
    return fail(Code::invalid, "--all and a session are given", "give one of them");
  if (options.timeout_s == 0 || options.timeout_s > seconds_max)
    return fail(Code::invalid, "--timeout is a number of seconds from 1 to 1000000");
  formats::StringSink nowhere;
  if (auto known = formats::write_audit(format_of(context, options), nowhere, {}, {}); !known)
    return fail(Code::invalid, "--format: " + known.error().message, known.error().hint);
  for (const std::string& path : options.also) {
    if (format_by_ending(path).empty())
      return fail(Code::invalid, "--also " + in_quotes(path) + ": its ending names no format",
                  "it is .json, .sarif, .xml, .md or .txt");
    if (const auto store = store_holding(path))
      return fail(Code::invalid, "cannot write to " + in_quotes(path) + ": it is in the store " +
                                     in_quotes(*store));
  }
  return {};
}

/// Has a session that was named end where its parent did.
Result<bool> end_with(Input& child, Timestamp at) {
  std::uint64_t last = 0;
  Timestamp last_at = at;
  const auto reader = child.read({.filter = {.until = at}, .on_corrupt = OnCorrupt::prefix});
  if (!reader) return std::unexpected{reader.error()};
  const auto read = for_each_event(**reader, [&](const EventView& event) {
    last = event.sequence_number;
    last_at = event.timestamp;
  });
  if (!read) return std::unexpected{read.error()};
  if (last > 0) child.end_at(last, last_at);
  return last > 0;
}

/// The sessions that were asked for, and the sub-agents of those that were named.
class Choice {
 public:
  Choice(Context& context, Selector& selector, const AuditCommand& options, Gate& gate)
      : context_{context}, selector_{selector}, options_{options}, gate_{gate} {}

  Result<Inputs> all() {
    std::optional<Timestamp> since;
    if (options_.since) {
      const auto read = parse_time(*options_.since, Day::first_instant, context_.zone, now());
      if (!read) return std::unexpected{read.error()};
      since = *read;
    }
    auto chosen = options_.sessions.empty() ? of_stores() : named();
    if (!chosen) return chosen;
    if (since) std::erase_if(*chosen, [&](const auto& one) { return is_older(*one, *since); });
    if (chosen->empty() && options_.sessions.empty() && !gate_.any_failure())
      gate_.unmatched("there is no session to audit in " + context_.store_names().front() +
                          (since ? " with an event since then" : ""),
                      {});
    return chosen;
  }

 private:
  Result<Inputs> of_stores() {
    auto all = selector_.known();
    if (!all) return all;
    // What was imported again is in the session that was made then.
    std::erase_if(*all, [](const auto& one) { return is_superseded(one->session()); });
    return all;
  }

  Result<Inputs> named() {
    Inputs chosen;
    for (const std::string& word : options_.sessions) {
      auto one = selector_.choose(word);
      if (!one) {
        gate_.failed(one.error());
        continue;
      }
      chosen.push_back(std::move(*one));
    }
    if (auto once = selector_.drop_repeated(chosen); !once) return std::unexpected{once.error()};
    std::set<std::string> known;
    for (const auto& one : chosen) known.insert(one->identity());
    for (std::size_t at = 0; at < chosen.size(); ++at)
      if (auto added = add_children(chosen, at, known); !added)
        return std::unexpected{added.error()};
    return chosen;
  }

  Result<void> add_children(Inputs& chosen, std::size_t at, std::set<std::string>& known) {
    if (chosen[at]->session().id.empty()) return {};
    auto children = selector_.children(*chosen[at]);
    if (!children) return std::unexpected{children.error()};
    for (auto& child : *children) {
      if (!known.insert(child->identity()).second) continue;
      if (chosen[at]->point()) {
        const auto any = end_with(*child, chosen[at]->session().updated_at);
        if (!any) return std::unexpected{any.error()};
        if (!*any) continue;
      }
      chosen.push_back(std::move(child));
    }
    return {};
  }

  /// What cannot be read is never left out.
  static bool is_older(const Input& input, Timestamp since) {
    const auto reader = input.read({.filter = {.since = since}, .on_corrupt = OnCorrupt::prefix});
    if (!reader) return false;
    const auto batch = (*reader)->next();
    if (!batch || !batch->empty()) return false;
    return (*reader)->report().finding_count == 0;
  }

  Context& context_;
  Selector& selector_;
  const AuditCommand& options_;
  Gate& gate_;
};

/// Those that need to know where events stand.
bool wants_places(const std::string& format) {
  return format == "json" || format == "sarif" || format == "github";
}

std::string version_of_program() {
  std::string text = version_text();
  text.pop_back();
  return text.substr(text.rfind(' ') + 1);
}

int show(Context& context, const std::string& text) {
  context.start_pager();
  context.out.write(text);
  return context.finish(Status::fine);
}

/// What needs no session.
std::optional<int> show_rules(Context& context, const AuditCommand& options, const RuleSet& rules) {
  if (options.show) {
    const auto rule = rules.find(*options.show);
    return rule ? show(context, (*rule)->text) : context.refuse(rule.error());
  }
  if (!options.list) return std::nullopt;
  context.start_pager();
  if (context.common.json) formats::write_audit_rules_json(context.out, rules.all());
  else formats::write_audit_rules_text(context.out, rules.all(), context.screen());
  return context.finish(Status::fine);
}

/// One more file with the answer. Errors: io.
Result<void> write_also(const std::string& path, const formats::AuditAnswer& answer) {
  auto file = Output::to_file(expand_home(path));
  if (!file) return std::unexpected{file.error()};
  if (auto written = formats::write_audit(format_by_ending(path), *file, answer, {}); !written)
    return written;
  return file->commit();
}

int answer_with(Context& context, const AuditCommand& options, const std::string& format,
                const formats::AuditAnswer& answer) {
  context.start_pager();
  if (auto written = formats::write_audit(format, context.out, answer, context.screen()); !written)
    return context.refuse(written.error());
  int status = context.finish(answer.status);
  for (const std::string& path : options.also)
    if (auto written = write_also(path, answer); !written) status = context.refuse(written.error());
  return status;
}

}  // namespace

int run(Context& context, const AuditCommand& options) {
  if (auto checked = check(context, options); !checked) return context.refuse(checked.error());
  const auto on_corrupt = parse_on_corrupt(options.on_corrupt);
  if (!on_corrupt) return context.refuse(on_corrupt.error());
  const auto rules = RuleSet::load(context, options);
  if (!rules) return context.refuse(rules.error());
  if (auto checked = rules->check(context); !checked) return context.refuse(checked.error());
  if (const auto shown = show_rules(context, options, *rules)) return *shown;
  std::optional<Baseline> baseline;
  if (options.baseline) {
    auto read = Baseline::read(*options.baseline);
    if (!read) return context.refuse(read.error());
    baseline = std::move(*read);
  }
  // Asked for by one thread before others read.
  if (const auto upcasts = context.upcasts(); !upcasts) return context.refuse(upcasts.error());

  Gate gate{context, {.on_corrupt = *on_corrupt, .allow_empty = options.allow_empty}};
  Selector selector{context};
  auto inputs = Choice{context, selector, options, gate}.all();
  if (!inputs) return context.refuse(inputs.error());
  gate.lacks_files(selector.unreadable());
  Auditor auditor{context, options, *on_corrupt, gate};
  formats::AuditAnswer answer{.version = version_of_program()};
  const bool of_store =
      std::ranges::any_of(*inputs, [](const auto& one) { return one->of_store(); });
  if (auto audited = auditor.run(std::move(*inputs), *rules, answer); !audited)
    return context.refuse(audited.error());
  // Nothing could be looked at: there is no answer, not even that nothing was found.
  if (gate.any_failure() && answer.sessions.empty() && answer.findings.empty())
    return gate.status(true);
  if (baseline) baseline->take_known(answer);
  const std::string format = format_of(context, options);
  if (wants_places(format) || !options.also.empty()) auditor.place(answer.findings);
  answer.incomplete = gate.incomplete();
  answer.rules_in_force = tell_rules(context, of_store, By::ledger);
  if (answer.baseline && answer.baseline->gone > 0)
    context.note(formats::counted(answer.baseline->gone, "finding") +
                 " of the baseline found no more; write it anew to drop what is gone");
  answer.status = gate.status(answer.count() == 0);
  return answer_with(context, options, format, answer);
}

}  // namespace agentstore::cmd
