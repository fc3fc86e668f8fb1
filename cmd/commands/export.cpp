#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <set>

#include "cmd/commands.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/replay/export_session.hpp"
#include "cmd/replay/page_folder.hpp"
#include "cmd/replay/session_pages.hpp"
#include "cmd/totals/model_calls.hpp"
#include "cmd/words/file_names.hpp"
#include "cmd/words/filters.hpp"
#include "formats/text/units.hpp"

namespace agentstore::cmd {
namespace {

Result<void> check_use(const ExportCommand& options) {
  if (options.all != options.sessions.empty())
    return fail(Code::invalid,
                options.all ? "--all and a session are given" : "no session is named",
                "give its id or name, or @ for the newest, or --all; `agentstore sessions` lists "
                "what is there");
  return {};
}

bool is_any(const FilterOptions& filter) {
  return !filter.types.empty() || !filter.not_types.empty() || filter.since || filter.until ||
         filter.before || filter.sequence || filter.grep || !filter.tools.empty() ||
         !filter.where.empty();
}

Result<ExportFormat> choose_format(const Context& context, const ExportCommand& options) {
  const auto by_name = options.output ? format_by_ending(*options.output) : std::nullopt;
  ExportFormat format = by_name.value_or(ExportFormat::json);
  if (!options.format.empty()) {
    const auto asked = export_format(options.format);
    if (!asked)
      return fail(Code::invalid, "--format cannot be " + in_quotes(options.format),
                  "it is json, jsonl, markdown, html or csv");
    format = *asked;
  }
  if (context.common.json) format = ExportFormat::json;
  const bool masks = format == ExportFormat::markdown || format == ExportFormat::html;
  if (options.redact && !masks)
    return fail(Code::invalid, "--redact goes with --format markdown and html",
                "stored lines are sealed as they are; `agentstore redact` takes payloads out of "
                "them for good");
  if (format != ExportFormat::html && is_any(options.filter))
    return fail(Code::invalid, "events are chosen for --format html alone",
                "other exports are of whole sessions; `agentstore replay --format jsonl` chooses");
  return format;
}

/// Of pages, which add up, each session counts once.
Result<Inputs> choose_sessions(Selector& selector, const ExportCommand& options,
                               bool once = false) {
  if (!options.all) return selector.choose_each(options.sessions);
  return once ? selector.each_once() : selector.all();
}

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return path.ends_with('/') || std::filesystem::is_directory(path, ignored);
}

Result<void> make_folder(const std::string& folder) {
  std::error_code error;
  if (std::filesystem::is_directory(folder, error)) return {};
  if (std::filesystem::exists(folder, error))
    return fail(Code::invalid, "cannot write into " + in_quotes(folder) + ": it is not a folder",
                "several sessions go into a folder, a file each");
  std::filesystem::create_directory(folder, error);
  if (!error) return {};
  return fail(Code::io, "cannot make the folder " + in_quotes(folder) + ": " + error.message());
}

void tell_masked(Context& context, const formats::SecretMask& mask) {
  const std::string masked = mask.told();
  context.note(masked.empty() ? "--redact found nothing to mask; it knows named patterns alone"
                              : "--redact masked " + masked);
}

class Exporter {
 public:
  Exporter(Context& context, ExportFormat format, bool redact)
      : context_{context}, format_{format}, redact_{redact} {}

  int one(const Input& input, const std::optional<std::string>& path) {
    if (path)
      if (auto opened = context_.write_to(*path, input.path()); !opened)
        return context_.refuse(opened.error());
    const int status = write(input);
    // A file that is not whole is not put into its place.
    if (path && status != Status::fine) return status;
    const int finished = context_.finish(status);
    tell_masked();
    return finished;
  }

  int into_folder(const Inputs& inputs, const std::string& folder) {
    if (auto made = make_folder(folder); !made) return context_.refuse(made.error());
    std::set<std::string> taken;
    std::uint64_t written = 0;
    int status = Status::fine;
    for (const auto& input : inputs) {
      const auto id = input->session_id(OnCorrupt::prefix);
      const std::string known = id && !id->empty() ? *id : input->label();
      const std::string path =
          (std::filesystem::path{folder} / file_name_of(known, ending_of(format_), taken)).string();
      const int done = to_file(*input, path);
      if (done == Status::fine) ++written;
      else if (status == Status::fine) status = done;
    }
    context_.note(formats::counted(written, "session") + " written into " + folder);
    tell_masked();
    return context_.finish(status);
  }

 private:
  int write(const Input& input) {
    return export_session(context_, input, format_, redact_ ? &mask_ : nullptr);
  }

  int to_file(const Input& input, const std::string& path) {
    if (auto opened = context_.write_to(path, input.path()); !opened)
      return context_.refuse(opened.error());
    const int status = write(input);
    if (status != Status::fine) return status;
    const auto committed = context_.out.commit();
    return committed ? Status::fine : context_.refuse(committed.error());
  }

  void tell_masked() {
    if (redact_) cmd::tell_masked(context_, mask_);
  }

  Context& context_;
  const ExportFormat format_;
  const bool redact_;
  formats::SecretMask mask_;
};

/// One session as a page, to a file or to standard output.
int export_page(Context& context, Selector& selector, const Input& input,
                const ExportCommand& options) {
  Where where;
  auto filter = make_filter(options.filter, context.zone, where);
  if (!filter) return context.refuse(filter.error());
  const PageRequest request{.filter = std::move(*filter), .redact = options.redact};
  PageWriter page{context, selector, input, request};
  if (auto prepared = page.prepare(); !prepared) return context.refuse(prepared.error());
  if (options.output)
    if (auto opened = context.write_to(*options.output, input.path()); !opened)
      return context.refuse(opened.error());
  formats::SecretMask masked;
  const int status = where.tell(context, page.write(masked));
  if (options.output && status != Status::fine) return status;
  const int finished = context.finish(status);
  if (options.redact) tell_masked(context, masked);
  return finished;
}

bool is_csv(const Context& context, const ExportCommand& options) {
  if (context.common.json) return false;
  if (!options.format.empty()) return options.format == "csv";
  return options.output && options.output->ends_with(".csv");
}

/// A row a call of a model, or a row a session; of all sessions in one file.
int export_csv(Context& context, const ExportCommand& options) {
  if (options.by && *options.by != "session" && *options.by != "call")
    return context.refuse(Code::invalid, "--by cannot be " + in_quotes(*options.by),
                          "it is call or session");
  if (options.redact)
    return context.refuse(Code::invalid, "--redact goes with --format markdown and html");
  Selector selector{context};
  const auto chosen = choose_sessions(selector, options);
  if (!chosen) return context.refuse(chosen.error());
  if (options.output)
    if (auto opened = context.write_to(
            *options.output, chosen->size() == 1 ? chosen->front()->path() : std::string{});
        !opened)
      return context.refuse(opened.error());
  const int status = write_calls_csv(context, *chosen, options.by == "session");
  if (options.output && status != Status::fine) return status;
  return context.finish(status);
}

}  // namespace

int run(Context& context, const ExportCommand& options) {
  if (auto use = check_use(options); !use) return context.refuse(use.error());
  if (is_csv(context, options)) return export_csv(context, options);
  if (options.by) return context.refuse(Code::invalid, "--by goes with --format csv");
  const auto format = choose_format(context, options);
  if (!format) return context.refuse(format.error());
  Selector selector{context};
  const auto chosen = choose_sessions(selector, options, *format == ExportFormat::html);
  if (!chosen) return context.refuse(chosen.error());
  Exporter exporter{context, *format, options.redact};
  const bool several = options.all || chosen->size() > 1;
  if (several && !options.output)
    return context.refuse(Code::invalid, "several sessions go into a folder, a file each",
                          "name it with -o DIR");
  const bool into_folder = several || (options.output && is_folder(*options.output));
  if (*format == ExportFormat::html && !into_folder)
    return export_page(context, selector, *chosen->front(), options);
  if (*format == ExportFormat::html)
    return write_pages(context, selector, *chosen, options, *options.output);
  if (into_folder) return exporter.into_folder(*chosen, *options.output);
  return exporter.one(*chosen->front(), options.output);
}

}  // namespace agentstore::cmd
