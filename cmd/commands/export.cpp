#include "formats/export.hpp"

#include <memory>
#include <optional>

#include "cmd/commands.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/totals/model_calls.hpp"

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

/// Puts an export together.
class Exporter {
 public:
  Exporter(Context& context, const Input& input, const Session& session, bool json)
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

// A row a call of a model, or a row a session, of one session or of all.
int export_csv(Context& context, const ExportCommand& options) {
  if (options.by && *options.by != "session" && *options.by != "call")
    return context.refuse(Code::invalid, "--by cannot be " + in_quotes(*options.by),
                          "it is call or session");
  if (options.all && !options.session.empty())
    return context.refuse(Code::invalid, "--all and a session are given", "give one of them");
  Selector selector{context};
  Inputs inputs;
  if (options.all) {
    auto all = selector.all();
    if (!all) return context.refuse(all.error());
    inputs = std::move(*all);
  } else {
    auto chosen = selector.choose(options.session);
    if (!chosen) return context.refuse(chosen.error());
    inputs.push_back(std::move(*chosen));
  }
  if (options.output)
    if (auto opened = context.write_to(*options.output, options.all ? "" : inputs[0]->path());
        !opened)
      return context.refuse(opened.error());
  const int status = write_calls_csv(context, inputs, options.by == "session");
  if (options.output && status != Status::fine) return status;
  return context.finish(status);
}

}  // namespace

int run(Context& context, const ExportCommand& options) {
  const std::string format = context.common.json ? "json" : options.format;
  if (format != "json" && format != "jsonl" && format != "csv")
    return context.refuse(Code::invalid, "--format cannot be " + in_quotes(format),
                          "it is json, jsonl or csv");
  if (options.session.empty() && !(format == "csv" && options.all))
    return context.refuse(
        Code::invalid, "no session is named",
        "give its id or name, or @ for the newest; `agentstore sessions` lists what is there");
  if (format == "csv") return export_csv(context, options);
  if (options.all || options.by)
    return context.refuse(Code::invalid, "--all and --by are of --format csv");
  if (format == "jsonl") context.out.keep_bytes();
  Selector selector{context};
  const auto chosen = selector.choose(options.session);
  if (!chosen) return context.refuse(chosen.error());
  const Input& input = **chosen;
  const auto session = input.describe();
  if (!session) return context.refuse(with_advice(session.error(), input));
  if (options.output)
    if (auto opened = context.write_to(*options.output, input.path()); !opened)
      return context.refuse(opened.error());

  const int status = Exporter{context, input, *session, format == "json"}.run();
  if (options.output && status != Status::fine) return status;
  return context.finish(status);
}

}  // namespace agentstore::cmd
