#include "formats/sources/tally.hpp"

#include <utility>

namespace agentstore::formats {
namespace {

constexpr std::size_t parts_max = 100;

void merge_counts(Counts& into, const Counts& from) {
  for (const auto& [name, number] : from) into[name] += number;
}

}  // namespace

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
  duplicate_tokens_in += other.duplicate_tokens_in;
  duplicate_tokens_out += other.duplicate_tokens_out;
  skipped += other.skipped;
  for (const SkippedPart& part : other.skipped_parts)
    if (skipped_parts.size() < parts_max) skipped_parts.push_back(part);
  torn = torn || other.torn;
}

}  // namespace agentstore::formats
