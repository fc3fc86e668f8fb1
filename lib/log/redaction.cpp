#include "log/redaction.hpp"

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

}  // namespace

Result<std::unique_ptr<KeptLine>> find_line(ByteSource& source, std::uint64_t sequence_number) {
  auto found = std::make_unique<KeptLine>();
  bool here = false;
  auto looked = for_each_line(source, [&](const RawLine& raw) -> Result<bool> {
    Arena arena;
    Line line;
    here = !parse_line(raw.text, arena, line) && line.event.sequence_number == sequence_number;
    if (here) found->text = raw.text;
    return !here;
  });
  if (!looked) return std::unexpected(looked.error());
  if (!here) return fail(Code::not_found, "there is no event #" + std::to_string(sequence_number));
  parse_line(found->text, found->arena, found->line);
  return found;
}

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

bool is_target(const Redaction& redaction, const Line& line) {
  return line.event.sequence_number == redaction.sequence_number && line.seal == Seal::sealed &&
         payload_hash_of(line) == redaction.payload_hash;
}

std::string redaction_payload(const Line& line, std::string_view reason,
                              std::string_view requested_by) {
  return R"({"sequence_number":)" + std::to_string(line.event.sequence_number) +
         R"(,"payload_hash":")" + payload_hash_of(line) + R"(","reason":)" + json::quote(reason) +
         R"(,"requested_by":)" + json::quote(requested_by) + '}';
}

Result<void> copy_without_payload(ByteSource& source, const Redaction& redaction,
                                  const std::function<Result<void>(std::string_view)>& write) {
  std::string waiting;
  auto copied = for_each_line(source, [&](const RawLine& raw) -> Result<bool> {
    Arena arena;
    Line line;
    const bool goes = !parse_line(raw.text, arena, line) && is_target(redaction, line);
    waiting += goes ? redacted_text(line, redaction.by) : raw.text;
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

Result<std::optional<Redaction>> last_redaction(ByteSource& source) {
  if (source.size_bytes() == 0) return std::nullopt;
  std::string buffer;
  const auto text = line_ending_at(source, source.size_bytes(), buffer);
  if (!text) return std::unexpected(text.error());
  // The type stands near the start of a line: most need not be parsed.
  if (!*text || (*text)->substr(0, 1024).find(redacted_type) == std::string_view::npos) {
    return std::nullopt;
  }
  Arena arena;
  Line line;
  if (parse_line(**text, arena, line)) return std::nullopt;
  return redaction_of(line);
}

void hide(Line& line, const Redaction& redaction, Arena& arena) {
  if (!is_target(redaction, line)) return;
  const std::uint64_t offset = line.event.offset_bytes;
  const std::string& text = arena.emplace_back(redacted_text(line, redaction.by));
  parse_line(text, arena, line);
  line.event.offset_bytes = offset;
}

}  // namespace agentstore::log
