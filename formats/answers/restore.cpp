#include "formats/answers/restore.hpp"

#include <fmt/format.h>

#include "formats/text/escape.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

struct Sums {
  std::uint64_t bytes = 0;
  std::uint64_t stored_bytes = 0;
  std::uint64_t given = 0;
};

Sums sums_of(const RestoreAnswer& answer) {
  Sums sums;
  for (const RestoredFile& file : answer.files) {
    sums.bytes += file.bytes;
    sums.stored_bytes += file.stored_bytes;
    if (file.state != RestoredFile::State::refused) ++sums.given;
  }
  return sums;
}

std::string file_json(const RestoredFile& file) {
  return fmt::format(
      R"({{"session_id":{},"file":{},"path":{},"state":{},"version":{},"versions":{},"bytes":{},)"
      R"("stored_bytes":{},"redacted_lines":[{}],"error":{}}})",
      json::quote(file.session_id), json::quote(file.name), json::quote(file.path),
      json::quote(to_string(file.state)), file.version, file.versions, file.bytes,
      file.stored_bytes,
      joined_json(file.redacted_lines, [](std::uint64_t line) { return std::to_string(line); }),
      text_json(file.error));
}

std::string elsewhere_json(const KeptElsewhere& file) {
  return fmt::format(R"({{"file":{},"session_id":{}}})", json::quote(file.file),
                     json::quote(file.session_id));
}

std::string what_became(const RestoredFile& file, bool dry_run) {
  using State = RestoredFile::State;
  switch (file.state) {
    case State::written: return dry_run ? "would be written" : "written";
    case State::same: return "is there already, byte for byte";
    case State::partial: {
      const std::string gone = counted(file.redacted_lines.size(), "redacted line");
      return fmt::format("{} without {}", dry_run ? "would be written" : "written", gone);
    }
    case State::refused: break;
  }
  return "not written";
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "100 %";
  return fmt::format("{:.1f} %", static_cast<double>(part) * 100 / static_cast<double>(whole));
}

}  // namespace

std::string_view to_string(RestoredFile::State state) {
  using State = RestoredFile::State;
  switch (state) {
    case State::written: return "written";
    case State::same: return "same";
    case State::partial: return "partial";
    case State::refused: return "refused";
  }
  return "";
}

void write_restore_json(Sink& sink, const RestoreAnswer& answer) {
  const Sums sums = sums_of(answer);
  sink.write(fmt::format(
      R"({{"schema":"agentstore/restore/1","session_id":{},"dry_run":{},"files":[{}],)"
      R"("elsewhere":[{}],"bytes":{},"stored_bytes":{},"text_bytes":{},"legible_text_bytes":{}}})"
      "\n",
      json::quote(answer.session_id), answer.dry_run, joined_json(answer.files, file_json),
      joined_json(answer.elsewhere, elsewhere_json), sums.bytes, sums.stored_bytes,
      answer.text.bytes, answer.text.legible_bytes));
}

void write_restore_text(Sink& sink, const RestoreAnswer& answer) {
  for (const RestoredFile& file : answer.files) {
    if (file.error) continue;  // It was said when it happened.
    sink.write(fmt::format("{}  {}, {}\n", printable(file.path), bytes_text(file.bytes),
                           what_became(file, answer.dry_run)));
  }
  const Sums sums = sums_of(answer);
  if (sums.given == 0) return;
  sink.write(
      fmt::format("Total: {}, kept in {}; {} of prompts and answers can be read in the log\n",
                  bytes_text(sums.bytes), bytes_text(sums.stored_bytes),
                  percent(answer.text.legible_bytes, answer.text.bytes)));
}

}  // namespace agentstore::formats
