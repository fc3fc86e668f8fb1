#include "cmd/replay/timeline_options.hpp"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "cmd/replay/state_per_event.hpp"
#include "cmd/words/excerpts.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/units.hpp"

namespace agentstore::cmd {
namespace {

bool on_terminal(const ReplayCommand& options) {
  return ::isatty(1) == 1 && !options.output;
}

/// The agent, as a conversation calls it.
std::string agent_name(const std::string& recorded_by) {
  return recorded_by == "claude-code" ? "claude" : recorded_by;
}

std::optional<formats::TalkNames> talk_of(const TimelineSource& source, bool terminal) {
  if (source.session != nullptr) {
    // What was imported has the types of events that scripts look for.
    if (source.session->of_store() && !terminal) return std::nullopt;
    const std::string by = source.session->recorded_by();
    if (by.empty()) return std::nullopt;
    const Labels labels = source.session->labels();
    const auto folder = labels.find("cwd");
    return formats::TalkNames{agent_name(by), folder == labels.end() ? "" : folder->second};
  }
  if (source.all == nullptr || source.all->empty()) return std::nullopt;
  std::set<std::string> agents;
  for (const auto& one : *source.all)
    if (one->of_store() && !terminal) return std::nullopt;
    else agents.insert(agent_name(one->recorded_by()));
  if (agents.contains("")) return std::nullopt;
  return formats::TalkNames{agents.size() == 1 ? *agents.begin() : "agent", {}};
}

/// When the session began, whatever of it is shown: events may be older than it in its store.
std::optional<Timestamp> start_of(const Input& session) {
  Filter first;
  first.to_seq = 1;
  const auto reader = session.read({.filter = first, .on_corrupt = OnCorrupt::prefix, .raw = true});
  const auto events = reader ? (*reader)->next() : std::span<const EventView>{};
  if (!events || events->empty()) return std::nullopt;
  const Timestamp begun = events->front().timestamp;
  return session.of_store() ? std::min(begun, session.session().created_at) : begun;
}

/// The shortest beginning of each id, of eight characters at least, that no other one has.
std::map<std::string, std::string, std::less<>> shortest_ids(const Inputs& all) {
  constexpr std::size_t shown_min = 8;
  std::vector<std::string> ids;
  for (const auto& one : all) ids.push_back(one->session().id);
  std::ranges::sort(ids);
  std::map<std::string, std::string, std::less<>> shown;
  const auto common = [](const std::string& a, const std::string& b) {
    return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
  };
  for (std::size_t i = 0; i < ids.size(); ++i) {
    std::size_t bytes = formats::short_id(ids[i]).size();
    if (bytes > shown_min && bytes == ids[i].size()) bytes = shown_min;
    if (i > 0) bytes = std::max(bytes, common(ids[i], ids[i - 1]) + 1);
    if (i + 1 < ids.size()) bytes = std::max(bytes, common(ids[i], ids[i + 1]) + 1);
    // A part of a word is no shorter to read than the word.
    constexpr std::size_t whole_max = 12;
    shown[ids[i]] = ids[i].size() <= whole_max ? ids[i] : ids[i].substr(0, bytes);
  }
  return shown;
}

/// "1284c080 shop-api": what can be typed, and, where there is room, what it is.
std::map<std::string, std::string, std::less<>> shown_sessions(const Inputs& all,
                                                               std::size_t columns, bool whole) {
  constexpr std::size_t roomy = 100;
  constexpr std::size_t name_columns = 16;
  auto shown = shortest_ids(all);
  std::size_t widest = 0;
  for (const auto& [id, text] : shown) widest = std::max(widest, whole ? id.size() : text.size());
  for (const auto& one : all) {
    std::string& text = shown[one->session().id];
    if (whole) text = one->session().id;
    std::string name = one->session().name;
    if (name.empty()) {
      const Labels labels = one->labels();
      if (const auto project = labels.find("project"); project != labels.end())
        name = project->second;
    }
    if (name.empty() || columns < roomy) continue;
    text.resize(widest, ' ');
    text += "  " + formats::printable_cut(name, name_columns);
  }
  return shown;
}

/// As wide as the last event's number needs.
formats::TimelineLayout number_layout(const Input* session) {
  constexpr std::uint64_t many = 9999;
  if (session == nullptr) return formats::layout_of({}, many);
  if (session->point())
    return formats::layout_of(session->session(), session->session().event_count);
  if (session->path() == "-" || !session->recorded_by().empty())
    return formats::layout_of({}, many);
  // The number of a log's last event stands at its end.
  const auto reader = session->read({.filter = {.newest = 1}, .on_corrupt = OnCorrupt::prefix});
  std::uint64_t last = 0;
  while (reader) {
    const auto events = (*reader)->next();
    if (!events || events->empty()) break;
    last = events->back().sequence_number;
  }
  return formats::layout_of(session->session(), std::max(last, session->session().event_count));
}

}  // namespace

Result<formats::TimelineOptions> timeline_options(const Context& context,
                                                  const ReplayCommand& options,
                                                  const TimelineSource& source) {
  // Beside states a clock would need a day and a zone.
  const std::string style = options.time.value_or(shows_state(options) ? "elapsed" : "clock");
  const auto time = formats::parse_time_style(style);
  if (!time)
    return fail(Code::invalid, "--time cannot be " + in_quotes(style),
                "it is clock, iso, elapsed or delta");
  if ((options.pairs && options.no_pairs) || (options.fold && options.no_fold))
    return fail(Code::invalid, options.pairs && options.no_pairs
                                   ? "--pairs and --no-pairs say the opposite"
                                   : "--fold and --no-fold say the opposite");
  const bool terminal = on_terminal(options);
  formats::Screen screen = context.screen();
  screen.columns = context.width;
  screen.color = context.color;
  formats::TimelineOptions shown{.screen = std::move(screen), .time = *time};
  shown.talk = talk_of(source, terminal);
  shown.box = !shown.talk;
  shown.pairs = !options.reverse && !options.follow && !options.no_pairs &&
                (options.pairs || (terminal && shown.talk));
  shown.tells_unanswered = source.whole && source.session != nullptr;
  const FilterOptions& filter = options.filter;
  const bool asks = !filter.types.empty() || filter.grep || !filter.where.empty();
  shown.fold = options.fold || (terminal && !options.no_fold && !context.common.verbose && !asks);
  if (source.session != nullptr && *time == formats::TimeStyle::elapsed)
    shown.start = start_of(*source.session);
  if (source.session == nullptr && source.all != nullptr)
    shown.session_name =
        [names = shown_sessions(*source.all, context.width, !terminal)](std::string_view id) {
          const auto found = names.find(id);
          return found == names.end() ? std::string{id} : found->second;
        };
  if (filter.grep) {
    auto excerpts = make_excerpts(*filter.grep);
    if (!excerpts) return std::unexpected{excerpts.error()};
    shown.excerpt = std::move(*excerpts);
    shown.marks = terminal && !context.color;
  }
  return shown;
}

formats::TimelineLayout layout_before(const Input* session,
                                      const formats::TimelineOptions& options) {
  formats::TimelineLayout layout = number_layout(session);
  if (options.time != formats::TimeStyle::elapsed) return layout;
  constexpr std::size_t hours_columns = 11;
  layout.time_columns = hours_columns;
  if (session == nullptr || !session->of_store() || !options.start) return layout;
  const std::int64_t whole_ms = milliseconds_between(*options.start, session->session().updated_at);
  layout.time_columns = formats::elapsed_text(std::max<std::int64_t>(whole_ms, 0)).size();
  return layout;
}

}  // namespace agentstore::cmd
