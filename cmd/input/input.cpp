#include "cmd/input/input.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "agentstore/analysis/title.hpp"

namespace agentstore::cmd {

bool is_superseded(const Session& session) {
  const auto label = session.labels.find("superseded_by");
  return label != session.labels.end() && !label->second.empty();
}

void Input::end_at(std::uint64_t sequence_number, Timestamp at) {
  point_ = sequence_number;
  session_.event_count = sequence_number;
  session_.updated_at = at;
}

std::string Input::title() const {
  if (!session_.name.empty() || !title_.empty()) return title_;
  Filter first;
  first.to_seq = title_events_max;
  const auto reader = read({.filter = first, .on_corrupt = OnCorrupt::prefix, .raw = true});
  return reader ? find_title(**reader) : std::string{};
}

std::string Input::recorded_by() const {
  const Labels known = labels();
  const auto source = known.find("source");
  return source == known.end() ? std::string{} : source->second;
}

std::optional<std::map<std::uint64_t, std::string>> Input::places_of(
    const std::set<std::uint64_t>& /*sequence_numbers*/) const {
  return std::nullopt;
}

Result<void> Input::trace(const Trace& /*take*/) const {
  return {};
}

Result<std::vector<Finding>> Input::check_cached_aggregate(const Parts& /*parts*/) const {
  return std::vector<Finding>{};
}

ReadOptions Input::up_to_point(ReadOptions options) const {
  if (!point_) return options;
  options.filter.to_seq = std::min(options.filter.to_seq, *point_);
  options.filter.newest = 0;  // counted from the log's end
  return options;
}

Result<std::unique_ptr<EventReader>> Input::read(ReadOptions options) const {
  return open(up_to_point(std::move(options)));
}

Result<ReadReport> Input::read_parts(ReadOptions options, const Parts& parts,
                                     formats::Made made) const {
  return open_parts(up_to_point(std::move(options)), parts, made);
}

std::string Input::identity_of_file(const std::string& path, const std::string& otherwise) {
  struct stat file{};
  const bool is_stdin = path == "-";
  const bool known = is_stdin ? ::fstat(0, &file) == 0 : ::stat(path.c_str(), &file) == 0;
  if (!known || (is_stdin && !S_ISREG(file.st_mode))) return otherwise;
  return std::to_string(file.st_dev) + ' ' + std::to_string(file.st_ino);
}

std::vector<const Input*> pointers_to(const Inputs& inputs) {
  std::vector<const Input*> pointers;
  for (const auto& input : inputs) pointers.push_back(input.get());
  return pointers;
}

}  // namespace agentstore::cmd
