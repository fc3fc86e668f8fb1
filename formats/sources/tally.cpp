#include "formats/sources/tally.hpp"

#include <limits>
#include <utility>

#include "formats/text/code_points.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t parts_max = 100;
constexpr std::size_t names_max = 200;
constexpr std::size_t name_bytes_max = 80;
constexpr std::string_view other_names = "(others)";

void add(Counts& counts, std::string_view name, std::uint64_t number) {
  if (const auto known = counts.find(name); known != counts.end()) known->second += number;
  else counts[std::string{counts.size() < names_max ? name : other_names}] += number;
}

void merge_counts(Counts& into, const Counts& from) {
  for (const auto& [name, number] : from) add(into, name, number);
}

void add_up(std::int64_t& sum, std::int64_t number) {
  if (__builtin_add_overflow(sum, number, &sum)) sum = std::numeric_limits<std::int64_t>::max();
}

}  // namespace

void count(Counts& counts, std::string_view name) {
  if (name.size() <= name_bytes_max) return add(counts, name, 1);
  add(counts, std::string{cut_utf8(name, name_bytes_max)} + "…", 1);
}

void Tally::add_repeated(std::int64_t tokens_in, std::int64_t tokens_out) {
  add_up(duplicate_tokens_in, tokens_in);
  add_up(duplicate_tokens_out, tokens_out);
}

void Tally::skip(SkippedPart part) {
  ++skipped;
  if (skipped_parts.size() < parts_max) skipped_parts.push_back(std::move(part));
}

void Tally::merge(const Tally& other) {
  bytes += other.bytes;
  lines += other.lines;
  blank_lines += other.blank_lines;
  records += other.records;
  glued_lines += other.glued_lines;
  non_objects += other.non_objects;
  events += other.events;
  kept_bytes += other.kept_bytes;
  merge_counts(by_type, other.by_type);
  merge_counts(unknown, other.unknown);
  merge_counts(left_out, other.left_out);
  duplicates += other.duplicates;
  repeated_usage += other.repeated_usage;
  add_repeated(other.duplicate_tokens_in, other.duplicate_tokens_out);
  skipped += other.skipped;
  for (const SkippedPart& part : other.skipped_parts)
    if (skipped_parts.size() < parts_max) skipped_parts.push_back(part);
  torn = torn || other.torn;
}

}  // namespace agentstore::formats
