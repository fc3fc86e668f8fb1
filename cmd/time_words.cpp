// A text is split into words first; then each form is tried in turn. Days, weeks, months and years
// are parts of the calendar, which have a first and a last instant; all others are instants.

#include "cmd/time_words.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace agentstore::cmd {
namespace {

using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::int64_t hour_s = 3600;
constexpr std::int64_t day_s = 24 * hour_s;
constexpr std::int64_t count_max = 1'000'000'000;

using Words = std::vector<std::string>;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// In small letters; a number and the letters after it are two words, as in "3h", and so are those
/// with a dot or an underscore between, as in git's "2.days.ago".
Words split_words(std::string_view text) {
  Words words;
  char before = ' ';
  for (const char typed : text) {
    const char c =
        typed == '.' || typed == '_' || typed == ',' || typed == '\t' ? ' ' : lower(typed);
    const bool begins =
        before == ' ' || (is_letter(c) && is_digit(before)) || (is_digit(c) && is_letter(before));
    if (c != ' ' && begins) words.emplace_back();
    if (c != ' ') words.back() += c;
    before = c;
  }
  return words;
}

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end || number < 0 || number > count_max) return std::nullopt;
  return number;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

// ---- The calendar, in local seconds.

std::int64_t floor_day(std::int64_t seconds) {
  const std::int64_t rest = seconds % day_s;
  return seconds - (rest < 0 ? rest + day_s : rest);
}

std::int64_t seconds_of(sys_days day) {
  return std::int64_t{day.time_since_epoch().count()} * day_s;
}

year_month_day date_of(std::int64_t midnight_s) {
  return sys_days{std::chrono::days{midnight_s / day_s}};
}

LocalSpan span_of_day(std::int64_t midnight_s) {
  return {midnight_s, midnight_s + day_s};
}

/// From the first day of a month; `months` long.
LocalSpan span_of_months(std::chrono::year_month first, int months) {
  const auto end = first + std::chrono::months{months};
  return {seconds_of(sys_days{first / 1}), seconds_of(sys_days{end / 1})};
}

/// The calendar's unit that a day is in, `back` units before.
std::optional<LocalSpan> unit_around(std::string_view unit, std::int64_t today_s, int back) {
  const year_month_day today = date_of(today_s);
  if (unit == "day") return span_of_day(today_s - back * day_s);
  if (unit == "week") {
    const auto from_monday = std::chrono::weekday{sys_days{today}} - std::chrono::Monday;
    const std::int64_t monday_s = today_s - from_monday.count() * day_s - back * 7 * day_s;
    return LocalSpan{monday_s, monday_s + 7 * day_s};
  }
  if (unit == "month")
    return span_of_months(today.year() / today.month() - std::chrono::months{back}, 1);
  if (unit == "year") return span_of_months((today.year() - std::chrono::years{back}) / 1, 12);
  return std::nullopt;
}

/// 0 for Sunday; whole names, or the first three letters and more of them.
std::optional<unsigned> weekday_named(std::string_view word) {
  constexpr std::array<std::string_view, 7> names{"sunday",   "monday", "tuesday", "wednesday",
                                                  "thursday", "friday", "saturday"};
  if (word.size() < 3) return std::nullopt;
  for (unsigned i = 0; i < names.size(); ++i)
    if (names[i].starts_with(word)) return i;
  return std::nullopt;
}

/// The newest such day: today, if it is one; with `before_today` an earlier one.
std::int64_t newest_weekday(unsigned weekday, std::int64_t today_s, bool before_today) {
  const std::int64_t last_s = before_today ? today_s - day_s : today_s;
  const auto back = std::chrono::weekday{sys_days{date_of(last_s)}} - std::chrono::weekday{weekday};
  return last_s - back.count() * day_s;
}

std::optional<unsigned> month_named(std::string_view word) {
  constexpr std::array<std::string_view, 12> names{"january",   "february", "march",    "april",
                                                   "may",       "june",     "july",     "august",
                                                   "september", "october",  "november", "december"};
  if (word.size() < 3) return std::nullopt;
  for (unsigned i = 0; i < names.size(); ++i)
    if (names[i].starts_with(word)) return i + 1;
  return std::nullopt;
}

/// "8 feb", "feb 8", "8 feb 2026", "sun 8 feb 2026"; without a year the newest such day.
std::optional<std::int64_t> date_named(Words words, std::int64_t today_s) {
  if (words.size() >= 3 && weekday_named(words.front())) words.erase(words.begin());
  if (words.size() != 2 && words.size() != 3) return std::nullopt;
  if (month_named(words[0])) std::swap(words[0], words[1]);
  const auto month = month_named(words[1]);
  const auto day = number_of(words[0]);
  if (!month || !day || *day > 31) return std::nullopt;
  const bool has_year = words.size() == 3;
  const auto year = has_year ? number_of(words[2]) : int{date_of(today_s).year()};
  if (!year || (has_year && words[2].size() != 4)) return std::nullopt;
  year_month_day date{std::chrono::year{static_cast<int>(*year)}, std::chrono::month{*month},
                      std::chrono::day{static_cast<unsigned>(*day)}};
  if (!has_year && sys_days{date} > sys_days{date_of(today_s)}) date -= std::chrono::years{1};
  return date.ok() ? std::optional{seconds_of(sys_days{date})} : std::nullopt;
}

/// "today", "monday", "last monday", "2026-02-03", "8 feb".
std::optional<std::int64_t> midnight_named(const Words& words, std::int64_t today_s) {
  if (words.size() == 2 && words[0] == "last")
    if (const auto weekday = weekday_named(words[1]))
      return newest_weekday(*weekday, today_s, true);
  if (const auto midnight_s = date_named(words, today_s)) return midnight_s;
  if (words.size() != 1) return std::nullopt;
  if (words[0] == "today") return today_s;
  if (words[0] == "yesterday") return today_s - day_s;
  if (words[0] == "tomorrow") return today_s + day_s;
  if (const auto weekday = weekday_named(words[0])) return newest_weekday(*weekday, today_s, false);
  if (words[0].size() != 10) return std::nullopt;
  const auto midnight = parse_rfc3339(words[0] + "T00:00:00Z");
  return midnight ? std::optional{midnight->seconds} : std::nullopt;
}

/// "2026", "2026-02".
std::optional<LocalSpan> span_written(std::string_view word) {
  if (word.size() != 4 && (word.size() != 7 || word[4] != '-')) return std::nullopt;
  if (!std::ranges::all_of(word.substr(0, 4), is_digit)) return std::nullopt;
  const std::chrono::year year{static_cast<int>(*number_of(word.substr(0, 4)))};
  if (word.size() == 4) return span_of_months(year / 1, 12);
  const auto month = number_of(word.substr(5));
  if (!month || *month < 1 || *month > 12) return std::nullopt;
  return span_of_months(year / static_cast<int>(*month), 1);
}

/// "2026-W06" of `stats --by week`, which is split into two words.
std::optional<LocalSpan> week_written(const Words& words) {
  const auto year = number_of(words[0].substr(0, 4));
  const auto week = number_of(words[1]);
  if (!year || !week || *week < 1 || *week > 53) return std::nullopt;
  const sys_days fourth{std::chrono::year{static_cast<int>(*year)} / 1 / 4};
  const auto monday = fourth - (std::chrono::weekday{fourth} - std::chrono::Monday);
  const std::int64_t first_s = seconds_of(monday) + (*week - 1) * 7 * day_s;
  return LocalSpan{first_s, first_s + 7 * day_s};
}

std::optional<LocalSpan> span_named(const Words& words, std::int64_t today_s) {
  if (const auto midnight_s = midnight_named(words, today_s)) return span_of_day(*midnight_s);
  if (words.size() == 1) return span_written(words[0]);
  if (words.size() != 2) return std::nullopt;
  if (words[0].size() == 6 && words[0].ends_with("-w")) return week_written(words);
  if (words[0] == "this") return unit_around(words[1], today_s, 0);
  if (words[0] == "last" || words[0] == "previous") return unit_around(words[1], today_s, 1);
  return std::nullopt;
}

// ---- Clock times.

/// Seconds since midnight of "14:00", "9:30:15".
std::optional<std::int64_t> clock_written(std::string_view word) {
  std::int64_t total_s = 0;
  int parts = 0;
  for (std::int64_t unit_s = hour_s; unit_s >= 1; unit_s /= 60) {
    const std::size_t colon = word.find(':');
    const auto number = number_of(word.substr(0, colon));
    const std::size_t digits = std::min(colon, word.size());
    if (!number || digits > 2 || (parts > 0 && digits < 2)) return std::nullopt;
    if (*number >= (parts == 0 ? 24 : 60)) return std::nullopt;
    total_s += *number * unit_s;
    ++parts;
    if (colon == word.npos) return parts >= 2 ? std::optional{total_s} : std::nullopt;
    word.remove_prefix(colon + 1);
  }
  return std::nullopt;
}

/// Takes a clock time off the end of the words: "noon", "14:00", "2 pm", "2:30 pm".
std::optional<std::int64_t> take_clock(Words& words) {
  if (words.empty()) return std::nullopt;
  if (is_one_of(words.back(), {"noon", "midnight"})) {
    const bool noon = words.back() == "noon";
    words.pop_back();
    return noon ? 12 * hour_s : 0;
  }
  if (words.size() >= 2 && is_one_of(words.back(), {"am", "pm"})) {
    const std::string& typed = words[words.size() - 2];
    const auto clock_s = clock_written(typed.find(':') == typed.npos ? typed + ":00" : typed);
    if (!clock_s || *clock_s < hour_s || *clock_s >= 13 * hour_s) return std::nullopt;
    const std::int64_t added_s = words.back() == "pm" ? 12 * hour_s : 0;
    words.resize(words.size() - 2);
    return *clock_s % (12 * hour_s) + added_s;
  }
  const auto clock_s = clock_written(words.back());
  if (clock_s) words.pop_back();
  return clock_s;
}

Result<Timestamp> clock_time(std::int64_t midnight_s, std::int64_t clock_s, const Zone& zone) {
  const auto utc_s = zone.to_utc(midnight_s + clock_s);
  if (!utc_s) return std::unexpected{utc_s.error()};
  return Timestamp{*utc_s, 0};
}

// ---- How long ago.

std::optional<std::int64_t> seconds_of_unit(std::string_view unit) {
  if (is_one_of(unit, {"s", "sec", "secs", "second", "seconds"})) return 1;
  if (is_one_of(unit, {"m", "min", "mins", "minute", "minutes"})) return 60;
  if (is_one_of(unit, {"h", "hr", "hrs", "hour", "hours"})) return hour_s;
  if (is_one_of(unit, {"d", "day", "days"})) return day_s;
  if (is_one_of(unit, {"w", "wk", "wks", "week", "weeks"})) return 7 * day_s;
  return std::nullopt;
}

std::optional<int> months_of_unit(std::string_view unit) {
  if (is_one_of(unit, {"mo", "month", "months"})) return 1;
  if (is_one_of(unit, {"y", "yr", "yrs", "year", "years"})) return 12;
  return std::nullopt;
}

/// So many months earlier at the same local time, on the month's last day where it has no such day.
std::optional<Timestamp> months_before(Timestamp at, std::int64_t months, const Zone& zone) {
  if (months > 12 * 9999) return std::nullopt;
  const std::int64_t local_s = at.seconds + zone.offset_s(at.seconds);
  const std::int64_t midnight_s = floor_day(local_s);
  year_month_day date = date_of(midnight_s) - std::chrono::months{months};
  if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
  at.seconds = zone.first_at_or_after(seconds_of(sys_days{date}) + (local_s - midnight_s));
  return at;
}

std::optional<Timestamp> step_back(Timestamp at, std::int64_t count, std::string_view unit,
                                   const Zone& zone) {
  if (const auto months = months_of_unit(unit)) return months_before(at, count * *months, zone);
  const auto unit_s = seconds_of_unit(unit);
  if (!unit_s) return std::nullopt;
  at.seconds -= count * *unit_s;
  return at;
}

/// "-3h", "3h ago", "an hour ago", "1h 30m", "last 3 days", "last hour".
std::optional<Timestamp> time_ago(Words words, const Zone& zone, Timestamp at) {
  if (words.empty()) return std::nullopt;
  const bool past = is_one_of(words.front(), {"last", "past"});
  if (past) words.erase(words.begin());
  else if (words.back() == "ago") words.pop_back();
  if (!words.empty() && words.front().starts_with('-')) words.front().erase(0, 1);
  if (past && words.size() == 1) words.insert(words.begin(), "1");
  if (words.empty() || words.size() % 2 != 0) return std::nullopt;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const auto count = is_one_of(words[i], {"a", "an", "one"}) ? 1 : number_of(words[i]);
    const auto earlier = count ? step_back(at, *count, words[i + 1], zone) : std::nullopt;
    if (!earlier) return std::nullopt;
    at = *earlier;
  }
  return at;
}

}  // namespace

Result<Timestamp> instant_of(const LocalSpan& span, Day day, const Zone& zone) {
  const std::int64_t first_s = zone.first_at_or_after(span.first_s);
  if (first_s + zone.offset_s(first_s) >= span.end_s)
    return fail(Code::invalid, "the time zone skips this day");
  if (day == Day::first_instant) return Timestamp{std::max(first_s, seconds_min), 0};
  const std::int64_t last_s = zone.first_at_or_after(span.end_s) - 1;
  return Timestamp{std::min(last_s, seconds_max), 999'999'999};
}

Result<Timestamp> parse_time_words(std::string_view text, Day day, const Zone& zone,
                                   Timestamp now) {
  Words words = split_words(text);
  const std::int64_t today_s = floor_day(now.seconds + zone.offset_s(now.seconds));
  if (words.size() == 1 && words[0] == "now") return now;
  if (const auto span = span_named(words, today_s)) return instant_of(*span, day, zone);
  if (const auto at = time_ago(words, zone, now)) return *at;
  if (const auto clock_s = take_clock(words)) {
    if (!words.empty() && words.back() == "at") words.pop_back();
    if (words.empty()) return clock_time(today_s, *clock_s, zone);
    if (const auto midnight_s = midnight_named(words, today_s))
      return clock_time(*midnight_s, *clock_s, zone);
  }
  return fail(Code::invalid, "it is not a time");
}

}  // namespace agentstore::cmd
