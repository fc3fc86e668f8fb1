#include "log/redaction.hpp"

#include <set>
#include <utility>

#include "agentstore/json.hpp"
#include "base/ids.hpp"
#include "log/encode.hpp"
#include "log/split.hpp"
#include "log/tail.hpp"

namespace agentstore::log {
namespace {

constexpr std::size_t copy_bytes = std::size_t{1} << 20;

// Gives every whole line of a log to `use`, until it says false.
Result<void> for_each_line(ByteSource& source,
                           const std::function<Result<bool>(const RawLine&)>& use) {
  LineSplitter lines{source, 0, source.size_bytes()};
  for (;;) {
    while (const auto raw = lines.take()) {
      const auto more = use(*raw);
      if (!more) return std::unexpected(more.error());
      if (!*more) return {};
    }
    const auto more = lines.refill(lines.offset());
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
  }
}

// The lines that `wants` takes, until it is `enough`.
Result<KeptLines> keep_lines(ByteSource& source, const std::function<bool(const Line&)>& wants,
                             const std::function<bool()>& enough) {
  KeptLines kept;
  auto looked = for_each_line(source, [&](const RawLine& raw) -> Result<bool> {
    Arena arena;
    Line line;
    if (parse_line(raw.text, arena, line) || !wants(line)) return true;
    KeptLine& one = *kept.emplace_back(std::make_unique<KeptLine>());
    one.text = raw.text;
    parse_line(one.text, one.arena, one.line);
    return !enough();
  });
  if (!looked) return std::unexpected(looked.error());
  return kept;
}

// Whether a line's payload may be removed.
Result<void> check_redactable(const Line& line) {
  const std::string name = "event #" + std::to_string(line.event.sequence_number);
  if (line.event.type.starts_with(reserved_prefix)) {
    return fail(Code::invalid,
                name + " is one of the store's own, which say what was done to a log");
  }
  if (line.seal == Seal::unsealed) {
    return fail(Code::invalid, name + " is not sealed: nothing would show what it was");
  }
  if (line.seal == Seal::redacted) {
    return fail(Code::conflict,
                name + " has been redacted by event #" + std::to_string(line.event.redacted_by));
  }
  return {};
}

}  // namespace

void Redactions::add(Redaction redaction) {
  const std::uint64_t number = redaction.sequence_number;
  by_target_.insert_or_assign(number, std::move(redaction));
}

const Redaction* Redactions::of(const Line& line) const {
  if (by_target_.empty() || line.seal != Seal::sealed) return nullptr;
  const auto found = by_target_.find(line.event.sequence_number);
  const bool named =
      found != by_target_.end() && payload_hash_of(line) == found->second.payload_hash;
  return named ? &found->second : nullptr;
}

Result<KeptLines> find_lines(ByteSource& source, std::span<const std::uint64_t> sequence_numbers) {
  std::set<std::uint64_t> wanted{sequence_numbers.begin(), sequence_numbers.end()};
  auto found = keep_lines(
      source, [&](const Line& line) { return wanted.erase(line.event.sequence_number) > 0; },
      [&] { return wanted.empty(); });
  if (found && !wanted.empty())
    return fail(Code::not_found, "there is no event #" + std::to_string(*wanted.begin()));
  return found;
}

Result<KeptLines> find_targets(ByteSource& source, const Redactions& redactions) {
  return keep_lines(
      source, [&](const Line& line) { return redactions.of(line) != nullptr; },
      [] { return false; });
}

std::string redaction_payload(const Line& line, std::string_view reason,
                              std::string_view requested_by) {
  return R"({"sequence_number":)" + std::to_string(line.event.sequence_number) +
         R"(,"payload_hash":")" + payload_hash_of(line) + R"(","reason":)" + json::quote(reason) +
         R"(,"requested_by":)" + json::quote(requested_by) + '}';
}

Result<std::vector<std::string>> redaction_payloads(const KeptLines& lines, std::string_view reason,
                                                    std::string_view requested_by) {
  std::vector<std::string> payloads;
  for (const auto& kept : lines) {
    if (auto allowed = check_redactable(kept->line); !allowed)
      return std::unexpected(allowed.error());
    payloads.push_back(redaction_payload(kept->line, reason, requested_by));
  }
  return payloads;
}

std::vector<std::string_view> payloads_of(const KeptLines& lines) {
  std::vector<std::string_view> payloads;
  for (const auto& kept : lines) payloads.push_back(kept->line.event.payload);
  return payloads;
}

Redactions redactions_of(const KeptLines& lines, std::uint64_t first_by) {
  Redactions redactions;
  for (const auto& kept : lines)
    redactions.add({kept->line.event.sequence_number, first_by++, payload_hash_of(kept->line)});
  return redactions;
}

Result<void> copy_without_payloads(ByteSource& source, const Redactions& redactions,
                                   const std::function<Result<void>(std::string_view)>& write) {
  std::string waiting;
  auto copied = for_each_line(source, [&](const RawLine& raw) -> Result<bool> {
    Arena arena;
    Line line;
    const bool read = !parse_line(raw.text, arena, line);
    const Redaction* const redaction = read ? redactions.of(line) : nullptr;
    waiting += redaction != nullptr ? redacted_text(line, redaction->by) : raw.text;
    waiting += '\n';
    if (waiting.size() < copy_bytes) return true;
    if (auto done = write(waiting); !done) return std::unexpected(done.error());
    waiting.clear();
    return true;
  });
  if (!copied) return copied;
  return write(waiting);
}

std::optional<Redaction> redaction_of(const Line& line) {
  if (line.event.type != redacted_type || line.seal != Seal::sealed) return std::nullopt;
  const auto number = json::find_integer(line.event.payload, "sequence_number");
  if (!number || *number <= 0) return std::nullopt;
  return Redaction{static_cast<std::uint64_t>(*number), line.event.sequence_number,
                   json::find_text(line.event.payload, "payload_hash").value_or("")};
}

Result<Redactions> last_redactions(ByteSource& source) {
  Redactions found;
  Batch batch;
  std::uint64_t number = 0;  // of the line that was read before; 0: none was
  std::string buffer;
  for (std::uint64_t end = source.size_bytes(); end > 0;) {
    const auto text = line_ending_at(source, end, buffer);
    if (!text) return std::unexpected(text.error());
    // The type is near the start of a line: most need not be parsed.
    if (!*text || (*text)->substr(0, 1024).find(redacted_type) == std::string_view::npos) break;
    Arena arena;
    Line line;
    if (parse_line(**text, arena, line)) break;
    auto redaction = redaction_of(line);
    if (!redaction) break;
    if (number == 0) batch = line.batch;
    const bool whole = number == 0 ? batch == Batch{} || batch.last == redaction->by
                                   : line.batch == batch && redaction->by + 1 == number;
    if (!whole) break;
    number = redaction->by;
    end -= (*text)->size() + 1;
    found.add(std::move(*redaction));
    if (batch == Batch{} || number == batch.first) return found;
  }
  return Redactions{};
}

void hide(Line& line, const Redactions& redactions, Arena& arena) {
  const Redaction* const redaction = redactions.of(line);
  if (redaction == nullptr) return;
  const std::uint64_t offset = line.event.offset_bytes;
  const std::string& text = arena.emplace_back(redacted_text(line, redaction->by));
  parse_line(text, arena, line);
  line.event.offset_bytes = offset;
}

}  // namespace agentstore::log
