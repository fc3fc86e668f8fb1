#include "cmd/replay/export_session.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include "agentstore/analysis/responses.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/replay/chat.hpp"
#include "formats/exports/export.hpp"
#include "formats/exports/markdown.hpp"

namespace agentstore::cmd {
namespace {

struct NamedFormat {
  std::string_view word;
  std::string_view ending;
  ExportFormat format;
};
constexpr std::array<NamedFormat, 7> known_formats{{{"json", ".json", ExportFormat::json},
                                                    {"jsonl", ".jsonl", ExportFormat::jsonl},
                                                    {"markdown", ".md", ExportFormat::markdown},
                                                    {"md", ".markdown", ExportFormat::markdown},
                                                    {"ndjson", ".ndjson", ExportFormat::jsonl},
                                                    {"html", ".html", ExportFormat::html},
                                                    {"htm", ".htm", ExportFormat::html}}};

/// Stored lines that follow one another.
class Lines : public Part {
 public:
  explicit Lines(bool json) : json_{json} {}

  void restart() override { text.clear(); }
  Result<void> take(std::span<const EventView> events) override {
    text.reserve(text.size() + formats::bytes_of_lines(events));
    for (const EventView& event : events) {
      if (json_) text += formats::JsonArray::separator;
      text += event.line;
      if (!json_) text += '\n';
    }
    return {};
  }

  std::string text;

 private:
  const bool json_;
};

/// Puts an export of stored lines together.
class LineExporter {
 public:
  LineExporter(Context& context, const Input& input, const Session& session, bool json)
      : context_{context}, input_{input}, session_{session}, json_{json} {}

  int run() {
    const Parts parts{.make = [this] { return std::make_unique<Lines>(json_); },
                      .join = [this](Part& part) { return join(dynamic_cast<Lines&>(part)); },
                      // What goes into one JSON document has to be JSON.
                      .depth = json_ ? Depth::whole : Depth::ends};
    const auto report = input_.read_parts({.raw = true, .seals = Seals::short_logs}, parts);
    if (!report) return context_.refuse(with_advice(report.error(), input_));
    if (!begun_) begin();
    const int status =
        context_.out.done() ? Status::fine : tell_report(context_, *report, OnCorrupt::strict);
    // An export that is not whole must not look as if it were.
    if (document_ && status == Status::fine) document_->end();
    return status;
  }

 private:
  Joined join(const Lines& lines) {
    if (lines.text.empty()) return Joined::taken;
    if (!begun_) begin();
    if (document_) document_->add_all(lines.text);
    else context_.out.write(lines.text);
    return context_.out.done() ? Joined::enough : Joined::taken;
  }

  void begin() {
    begun_ = true;
    if (json_) document_.emplace(context_.out, session_);
    else formats::write_export_head(context_.out, session_);
  }

  Context& context_;
  const Input& input_;
  const Session& session_;
  const bool json_;
  bool begun_ = false;
  std::optional<formats::JsonExport> document_;
};

/// How each call ended: a call is written before its result is read.
Result<formats::CallPairs> pairs_of(const Input& input) {
  formats::CallPairs pairs;
  const auto reader = input.read({});
  if (!reader) return std::unexpected{reader.error()};
  const auto seen = for_each_event(**reader, [&](const EventView& event) { pairs.take(event); });
  if (!seen) return std::unexpected{seen.error()};
  return pairs;
}

int export_markdown(Context& context, const Input& input, const Session& session,
                    formats::SecretMask* mask) {
  const auto pairs = pairs_of(input);
  if (!pairs) return context.refuse(with_advice(pairs.error(), input));
  formats::MarkdownOptions options{.clock = context.zone.clock(), .agent = agent_name(input)};
  formats::SecretMask masked;
  if (mask != nullptr)
    options.mask = [&masked](std::string_view text) { return masked.mask(text); };
  formats::Markdown markdown{context.out, *pairs, std::move(options)};
  markdown.begin(session, input.title());
  CountedTotals totals;
  const auto reader = input.read({});
  if (!reader) return context.refuse(with_advice(reader.error(), input));
  const auto read = for_each_event(**reader, [&](const EventView& event) -> Result<void> {
    markdown.event(event);
    return totals.add(event);
  });
  if (!read) return context.refuse(with_advice(read.error(), input));
  const auto sum = totals.sum();
  if (!sum) return context.refuse(sum.error());
  markdown.end(*sum, masked.told());
  if (mask != nullptr) mask->merge(masked);
  return tell_report(context, (*reader)->report(), OnCorrupt::strict);
}

}  // namespace

std::optional<ExportFormat> export_format(std::string_view word) {
  const auto* const found = std::ranges::find(known_formats, word, &NamedFormat::word);
  return found == known_formats.end() ? std::nullopt : std::optional{found->format};
}

std::optional<ExportFormat> format_by_ending(std::string_view path) {
  for (const NamedFormat& known : known_formats)
    if (path.ends_with(known.ending)) return known.format;
  return std::nullopt;
}

std::string_view ending_of(ExportFormat format) {
  return std::ranges::find(known_formats, format, &NamedFormat::format)->ending;
}

int export_session(Context& context, const Input& input, ExportFormat format,
                   formats::SecretMask* mask) {
  const auto session = input.describe();
  if (!session) return context.refuse(with_advice(session.error(), input));
  if (format == ExportFormat::markdown) return export_markdown(context, input, *session, mask);
  if (format == ExportFormat::jsonl) context.out.keep_bytes();
  return LineExporter{context, input, *session, format == ExportFormat::json}.run();
}

}  // namespace agentstore::cmd
