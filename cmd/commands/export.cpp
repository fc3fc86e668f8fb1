#include "formats/export.hpp"

#include <memory>
#include <optional>

#include "cmd/commands.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/input/selector.hpp"

namespace agentstore::cmd {
namespace {

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

/// Of a log by path, all that is known is what its first event says.
Result<void> take_first(Selector& selector, Chosen& chosen) {
  const auto reader = selector.read(chosen, {.raw = true, .seals = Seals::short_logs});
  if (!reader) return std::unexpected{reader.error()};
  const auto events = (*reader)->next();
  if (!events) return std::unexpected{events.error()};
  if (const auto input = selector.input_of(chosen); input && (*input)->session) {
    chosen.session = *(*input)->session;
    return {};
  }
  if (events->empty()) return {};
  chosen.session.id = events->front().session_id;
  chosen.session.created_at = events->front().timestamp;
  if (!chosen.point) chosen.session.updated_at = chosen.session.created_at;
  return {};
}

/// Puts an export together.
class Exporter {
 public:
  Exporter(Context& context, const Chosen& chosen, bool json)
      : context_{context}, chosen_{chosen}, json_{json} {}

  int run(Selector& selector) {
    const Parts parts{.make = [this] { return std::make_unique<Lines>(json_); },
                      .join = [this](Part& part) { return join(dynamic_cast<Lines&>(part)); },
                      // What goes into one JSON document has to be JSON.
                      .depth = json_ ? Depth::whole : Depth::ends};
    const auto report =
        selector.read_parts(chosen_, {.raw = true, .seals = Seals::short_logs}, parts);
    if (!report) return context_.refuse(with_advice(report.error(), chosen_));
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
    if (json_) document_.emplace(context_.out, chosen_.session);
    else formats::write_export_head(context_.out, chosen_.session);
  }

  Context& context_;
  const Chosen& chosen_;
  const bool json_;
  bool begun_ = false;
  std::optional<formats::JsonExport> document_;
};

}  // namespace

int run(Context& context, const ExportOptions& options) {
  const std::string format = context.common.json ? "json" : options.format;
  if (format != "json" && format != "jsonl")
    return context.refuse(Code::invalid, "--format cannot be " + in_quotes(format),
                          "it is json or jsonl");
  if (format == "jsonl") context.out.keep_bytes();
  Selector selector{context};
  auto chosen = selector.choose(options.session);
  if (!chosen) return context.refuse(chosen.error());
  if (chosen->path.empty() && !chosen->point) {
    auto fresh = (*selector.store_of(*chosen))->session(chosen->session.id);
    if (!fresh) return context.refuse(fresh.error());
    chosen->session = std::move(*fresh);
  } else if (chosen->path.empty()) {
    // Its counts are those of the point.
  } else if (auto known = take_first(selector, *chosen); !known) {
    return context.refuse(with_advice(known.error(), *chosen));
  }
  if (options.output)
    if (auto opened = context.write_to(*options.output, chosen->path); !opened)
      return context.refuse(opened.error());

  const int status = Exporter{context, *chosen, format == "json"}.run(selector);
  if (options.output && status != Status::fine) return status;
  return context.finish(status);
}

}  // namespace agentstore::cmd
