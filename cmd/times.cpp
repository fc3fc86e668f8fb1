#include "cmd/times.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <optional>

#include "cmd/time_words.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::int64_t day_s = 86'400;

std::string folder_of_zones() {
  const char* const chosen = std::getenv("TZDIR");
  return chosen != nullptr && *chosen != '\0' ? chosen : "/usr/share/zoneinfo";
}

bool is_zone_name(std::string_view name) {
  if (name.empty() || name.front() == '/' || name.size() > 100) return false;
  if (name.find("..") != name.npos) return false;
  return name.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
             "0123456789_+-/") == name.npos;
}

std::string file_of_zone(std::string_view name) {
  return folder_of_zones() + "/" + std::string{name};
}

bool has_zone_file(std::string_view name) {
  struct stat found{};
  return ::stat(file_of_zone(name).c_str(), &found) == 0 && S_ISREG(found.st_mode);
}

/// As the system has it: TZ, else what its zone file is a link to.
std::string name_of_local_zone() {
  if (const char* const chosen = std::getenv("TZ"); chosen != nullptr && *chosen != '\0') {
    const std::string_view name{*chosen == ':' ? chosen + 1 : chosen};
    if (!is_zone_name(name)) return "local time";
    // CET-1CEST says its offsets itself. The C library takes any other name without a file for UTC.
    const bool has_offset = name.find_first_of("0123456789") != name.npos && !name.contains('/');
    return has_offset || has_zone_file(name) ? std::string{name} : "UTC";
  }
  std::error_code error;
  if (!std::filesystem::exists("/etc/localtime", error)) return "UTC";
  const std::string target = std::filesystem::read_symlink("/etc/localtime", error).string();
  constexpr std::string_view folder = "zoneinfo/";
  const std::size_t at = target.find(folder);
  if (at != target.npos) return target.substr(at + folder.size());
  return "local time";
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Whether `text` fits `shape`, in which 'd' stands for a digit.
bool fits(std::string_view text, std::string_view shape) {
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (shape[i] == 'd' ? !is_digit(text[i]) : text[i] != shape[i]) return false;
  return true;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool ends_in_offset(std::string_view text) {
  if (text.ends_with('Z') || text.ends_with('z')) return true;
  if (text.size() < 16) return false;
  const auto tail = text.substr(text.size() - 6);
  return fits(tail, "+dd:dd") || fits(tail, "-dd:dd");
}

std::optional<Timestamp> parse_epoch(std::string_view text) {
  Timestamp at;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), at.seconds);
  if (error != std::errc{}) return std::nullopt;
  auto fraction = text.substr(static_cast<std::size_t>(rest - text.data()));
  if (fraction.empty()) return at;
  if (fraction.size() < 2 || fraction.size() > 10 || fraction.front() != '.') return std::nullopt;
  fraction.remove_prefix(1);
  std::int32_t unit_ns = 100'000'000;
  for (const char c : fraction) {
    if (!is_digit(c)) return std::nullopt;
    at.nanoseconds += (c - '0') * unit_ns;
    unit_ns /= 10;
  }
  if (text.starts_with('-') && at.nanoseconds != 0) {
    at.seconds -= 1;
    at.nanoseconds = 1'000'000'000 - at.nanoseconds;
  }
  return at;
}

/// A date and time, with or without an offset.
Result<Timestamp> parse_date_and_time(std::string_view text, const Zone& zone) {
  std::string whole{text};
  if (whole[10] == ' ' || whole[10] == 't') whole[10] = 'T';
  const bool with_offset = ends_in_offset(whole);
  std::size_t clock_end = whole.find_first_of("Zz+- ", 11);
  if (clock_end == whole.npos) clock_end = whole.size();
  if (clock_end == 16) whole.insert(16, ":00");
  if (const auto space = whole.find(' '); space != whole.npos) whole.erase(space, 1);
  if (!with_offset) whole += 'Z';
  auto at = parse_rfc3339(whole);
  if (!at || with_offset) return at;
  auto utc_s = zone.to_utc(at->seconds);
  if (!utc_s) return std::unexpected{utc_s.error()};
  return Timestamp{*utc_s, at->nanoseconds};
}

Result<Timestamp> read_time(std::string_view text, Day day, const Zone& zone, Timestamp now) {
  if (text.starts_with('@')) {
    if (const auto at = parse_epoch(text.substr(1))) return *at;
  } else if (fits(text, "dddd-dd-dd")) {
    auto midnight = parse_rfc3339(std::string{text} + "T00:00:00Z");
    if (!midnight) return midnight;
    return instant_of({midnight->seconds, midnight->seconds + day_s}, day, zone);
  } else if (text.size() >= 16 && fits(text.substr(0, 10), "dddd-dd-dd") && is_digit(text[11]) &&
             is_digit(text[12]) && (text[10] == 'T' || text[10] == 't' || text[10] == ' ')) {
    return parse_date_and_time(text, zone);
  }
  return parse_time_words(text, day, zone, now);
}

}  // namespace

Result<Zone> Zone::load(std::string_view name) {
  Zone zone;
  if (name == "UTC" || name == "utc" || name == "Z") return zone;
  zone.utc_ = false;
  if (name == "local") {
    ::tzset();
    zone.name_ = name_of_local_zone();
    return zone;
  }
  if (!is_zone_name(name) || !has_zone_file(name)) {
    std::error_code ignored;
    const bool none = !std::filesystem::exists(folder_of_zones(), ignored);
    return fail(Code::invalid, "unknown time zone \"" + std::string{name.substr(0, 60)} + "\"",
                none ? "this machine has no zone files (" + folder_of_zones() +
                           "): use UTC, or install tzdata"
                     : "use a name like Europe/Berlin, UTC or local");
  }
  ::setenv("TZ", (":" + file_of_zone(name)).c_str(), 1);
  ::tzset();
  zone.name_ = name;
  return zone;
}

formats::Clock Zone::clock() const {
  if (utc_) return {};
  return {.offset_s = [zone = *this](std::int64_t utc_s) { return zone.offset_s(utc_s); },
          .zone = name_};
}

std::int64_t Zone::offset_s(std::int64_t utc_s) const {
  if (utc_) return 0;
  const std::time_t at = utc_s;
  std::tm local{};
  return ::localtime_r(&at, &local) == nullptr ? 0 : local.tm_gmtoff;
}

std::string Zone::fingerprint() const {
  constexpr std::int64_t week_s = std::int64_t{7} * 24 * 3600;
  constexpr std::int64_t weeks = 70 * 52;  // from 1970
  std::string text = name_;
  if (utc_) return text;
  std::int64_t before_s = 0;
  for (std::int64_t week = 0; week < weeks; ++week) {
    const std::int64_t now_s = offset_s(week * week_s);
    if (now_s != before_s) text += " " + std::to_string(week) + ":" + std::to_string(now_s);
    before_s = now_s;
  }
  return text;
}

Result<std::int64_t> Zone::to_utc(std::int64_t local_s) const {
  const std::int64_t first_s = first_at_or_after(local_s);
  if (first_s + offset_s(first_s) != local_s)
    return fail(Code::invalid, "the clocks of the time zone skip this time",
                "give a time after the change, or one with an offset");
  return first_s;
}

std::int64_t Zone::first_at_or_after(std::int64_t local_s) const {
  if (utc_) return local_s;
  // Clocks are never more than 26 hours from UTC. Steps of a quarter of an hour find the first
  // crossing, halving finds its second.
  std::int64_t before_s = local_s - 26 * 3600;
  std::int64_t after_s = before_s;
  while (after_s + offset_s(after_s) < local_s) {
    before_s = after_s;
    after_s += 900;
  }
  while (after_s - before_s > 1) {
    const std::int64_t middle_s = before_s + (after_s - before_s) / 2;
    (middle_s + offset_s(middle_s) < local_s ? before_s : after_s) = middle_s;
  }
  return after_s;
}

Result<Timestamp> parse_time(std::string_view text, Day day, const Zone& zone, Timestamp now) {
  auto at = read_time(trimmed(text), day, zone, now);
  if (at && !is_writable(*at))
    return fail(Code::invalid, "the time \"" + std::string{text.substr(0, 60)} +
                                   "\" is not within the years 0000 to 9999 of UTC");
  if (at) return at;
  return fail(
      Code::invalid,
      "cannot read the time \"" + std::string{text.substr(0, 60)} + "\": " + at.error().message,
      at.error().hint.empty()
          ? "write 2026-03-07, \"2026-03-07 14:00\", 14:00, 3h, monday, \"last week\" or now"
          : at.error().hint);
}

}  // namespace agentstore::cmd
