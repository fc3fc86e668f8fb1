#include "backends/session_records.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace agentstore {
namespace {

// A label is two texts, each behind its length.
void put_text(std::string& out, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  out.append(reinterpret_cast<const char*>(&size), sizeof size);
  out += text;
}

// What is left, where the bytes are not what put_text wrote.
std::string_view take_text(std::string_view& from) {
  std::uint32_t size = 0;
  if (from.size() < sizeof size) return std::exchange(from, {});
  std::memcpy(&size, from.data(), sizeof size);
  from.remove_prefix(sizeof size);
  const std::string_view text = from.substr(0, size);
  from.remove_prefix(text.size());
  return text;
}

std::size_t text_bytes(const SessionRecord& record) {
  return std::size_t{record.id_bytes} + record.name_bytes + record.labels_bytes;
}

std::string_view labels_of(const SessionRecords& all, const SessionRecord& record) {
  return std::string_view{all.text}.substr(record.text_at + record.id_bytes + record.name_bytes,
                                           record.labels_bytes);
}

}  // namespace

void describe(SessionRecord& record, const SessionView& session, std::string& text) {
  record.created_s = session.created_at.seconds;
  record.created_ns = session.created_at.nanoseconds;
  record.updated_s = session.updated_at.seconds;
  record.updated_ns = session.updated_at.nanoseconds;
  record.event_count = session.event_count;
  record.text_at = text.size();
  text += session.id;
  text += session.name;
  record.id_bytes = static_cast<std::uint32_t>(session.id.size());
  record.name_bytes = static_cast<std::uint32_t>(session.name.size());
  for (const auto& [key, value] : session.labels) {
    put_text(text, key);
    put_text(text, value);
  }
  record.labels_bytes = static_cast<std::uint32_t>(text.size() - record.text_at - record.id_bytes -
                                                   record.name_bytes);
}

bool SessionRecords::has_labels(const SessionRecord& record, const Labels& wanted) const {
  std::size_t found = 0;
  for (std::string_view left = labels_of(*this, record); !left.empty() && found < wanted.size();) {
    const std::string_view key = take_text(left);
    const std::string_view value = take_text(left);
    const auto one = wanted.find(std::string{key});
    if (one != wanted.end() && one->second == value) ++found;
  }
  return found == wanted.size();
}

Labels SessionRecords::labels(const SessionRecord& record) const {
  Labels labels;
  for (std::string_view left = labels_of(*this, record); !left.empty();) {
    std::string key{take_text(left)};
    labels.emplace_hint(labels.end(), std::move(key), take_text(left));
  }
  return labels;
}

Session SessionRecords::session(const SessionRecord& record) const {
  return {.id = std::string{id(record)},
          .name = std::string{name(record)},
          .labels = labels(record),
          .created_at = record.created_at(),
          .updated_at = record.updated_at(),
          .event_count = record.event_count};
}

std::vector<std::uint32_t> SessionRecords::select(const ListOptions& options) const {
  std::vector<std::uint32_t> chosen;
  chosen.reserve(records.size());
  for (std::uint32_t i = 0; i < records.size(); ++i) {
    const SessionRecord& record = records[i];
    if (!options.labels.empty() && !has_labels(record, options.labels)) continue;
    if (!id(record).starts_with(options.called) && name(record) != options.called) continue;
    if (!hidden.contains(i)) chosen.push_back(i);
  }
  const bool whole = options.by_last_event;
  const std::uint64_t skip = whole ? 0 : std::min<std::uint64_t>(options.offset, chosen.size());
  const std::uint64_t most = whole ? chosen.size() : options.limit.value_or(chosen.size());
  const std::size_t end = skip + std::min<std::uint64_t>(most, chosen.size() - skip);
  std::ranges::partial_sort(chosen, chosen.begin() + static_cast<std::ptrdiff_t>(end),
                            [&](std::uint32_t left, std::uint32_t right) {
                              const SessionRecord& one = records[left];
                              const SessionRecord& other = records[right];
                              if (one.created_at() != other.created_at())
                                return one.created_at() > other.created_at();
                              return id(one) < id(other);
                            });
  chosen.resize(end);
  chosen.erase(chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(skip));
  return chosen;
}

std::vector<Session> newest_event_first(std::vector<Session> sessions, const ListOptions& options) {
  std::ranges::stable_sort(sessions, std::ranges::greater{}, &Session::updated_at);
  const auto skip = std::min<std::uint64_t>(options.offset, sessions.size());
  sessions.erase(sessions.begin(), sessions.begin() + static_cast<std::ptrdiff_t>(skip));
  if (options.limit && *options.limit < sessions.size()) sessions.resize(*options.limit);
  return sessions;
}

std::optional<std::string> find_holder(const std::vector<Session>& sessions, std::string_view word,
                                       std::string_view except_id) {
  for (const Session& session : sessions)
    if (session.id != except_id && (session.id == word || session.name == word)) return session.id;
  return std::nullopt;
}

void SessionRecords::arrange() {
  std::vector<std::pair<std::uint64_t, const SessionRecord*>> order;
  order.reserve(records.size());
  for (const SessionRecord& record : records) order.emplace_back(record.file.inode, &record);
  std::ranges::sort(order);
  SessionRecords arranged;
  arranged.records.reserve(records.size());
  arranged.text.reserve(text.size());
  for (const auto& [inode, record] : order) {
    arranged.records.push_back(*record);
    arranged.records.back().text_at = arranged.text.size();
    arranged.text.append(text, record->text_at, text_bytes(*record));
  }
  *this = std::move(arranged);
}

}  // namespace agentstore
