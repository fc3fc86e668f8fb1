#include "cmd/words/filters.hpp"

#include <charconv>
#include <utility>

#include "cmd/words/grep.hpp"

namespace agentstore::cmd {
namespace {

bool read_number(std::string_view text, std::uint64_t& number) {
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && rest == end;
}

Result<void> read_range(std::string_view text, Filter& filter) {
  const std::size_t dots = text.find("..");
  const auto from = text.substr(0, dots);
  const auto to = dots == text.npos ? from : text.substr(dots + 2);
  const bool read = text != ".." && (from.empty() || read_number(from, filter.from_seq)) &&
                    (to.empty() || read_number(to, filter.to_seq));
  if (!read || text.empty())
    return fail(Code::invalid, "cannot read --seq " + in_quotes(text), "write 3..7, 3.., ..7 or 3");
  if (filter.from_seq > filter.to_seq)
    return fail(Code::invalid, "--seq " + in_quotes(text) + " ends before it starts");
  return {};
}

Result<void> read_time(const std::optional<std::string>& text, Day day, const char* flag,
                       const Zone& zone, Timestamp at, std::optional<Timestamp>& into) {
  if (!text) return {};
  auto time = parse_time(*text, day, zone, at);
  if (!time) {
    time.error().message = std::string{flag} + ": " + time.error().message;
    return std::unexpected{time.error()};
  }
  into = *time;
  return {};
}

/// Patterns may be given by several flags, and several to a flag, with commas.
std::vector<std::string> split(const std::vector<std::string>& words) {
  std::vector<std::string> parts;
  for (std::string_view word : words) {
    while (true) {
      const std::size_t comma = word.find(',');
      if (comma != 0 && !word.empty()) parts.emplace_back(word.substr(0, comma));
      if (comma == word.npos) break;
      word.remove_prefix(comma + 1);
    }
  }
  return parts;
}

using Predicate = std::function<bool(const EventView&)>;

Predicate both(Predicate first, Predicate second) {
  if (!first) return second;
  if (!second) return first;
  return [first = std::move(first), second = std::move(second)](const EventView& event) {
    return first(event) && second(event);
  };
}

}  // namespace

Result<Filter> make_filter(const FilterOptions& options, const Zone& zone, Where& where) {
  Filter filter;
  filter.types = split(options.types);
  filter.not_types = split(options.not_types);
  const Timestamp at = now();
  if (auto read = read_time(options.since, Day::first_instant, "--since", zone, at, filter.since);
      !read)
    return std::unexpected{read.error()};
  if (auto read = read_time(options.until, Day::last_instant, "--until", zone, at, filter.until);
      !read)
    return std::unexpected{read.error()};
  if (auto read =
          read_time(options.before, Day::first_instant, "--before", zone, at, filter.before);
      !read)
    return std::unexpected{read.error()};
  if (filter.since && filter.until && *filter.since > *filter.until)
    return fail(Code::invalid, "--since " + format_rfc3339_short(*filter.since) +
                                   " is after --until " + format_rfc3339_short(*filter.until));
  if (filter.since && filter.before && *filter.since >= *filter.before)
    return fail(Code::invalid, "--since " + format_rfc3339_short(*filter.since) +
                                   " is not before --before " +
                                   format_rfc3339_short(*filter.before));
  if (options.sequence)
    if (auto read = read_range(*options.sequence, filter); !read)
      return std::unexpected{read.error()};
  auto expressions = Where::parse(options.where);
  if (!expressions) return std::unexpected{expressions.error()};
  where = std::move(*expressions);
  if (options.grep) {
    auto predicate = make_grep(*options.grep);
    if (!predicate) return std::unexpected{predicate.error()};
    filter.predicate = where.minding_redacted(std::move(*predicate));
  }
  filter.predicate = both(where.of_tools(split(options.tools)), std::move(filter.predicate));
  filter.predicate = both(std::move(filter.predicate), where.predicate());
  return filter;
}

}  // namespace agentstore::cmd
