#include "cmd/replay/page_folder.hpp"

#include <filesystem>
#include <set>

#include "agentstore/analysis/prices.hpp"
#include "cmd/gates/gate.hpp"
#include "cmd/input/page_source.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/replay/session_pages.hpp"
#include "cmd/totals/overview_totals.hpp"
#include "cmd/words/file_names.hpp"
#include "cmd/words/filters.hpp"
#include "formats/text/units.hpp"

namespace agentstore::cmd {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view index_name = "index.html";

bool is_page(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(fs::symlink_status(path, ignored)) &&
         page_kind_of(head_of_file(path.string())).has_value();
}

/// What a run that was killed left of a page, as Output names it: ".NAME.html.XXXXXX".
bool is_left_over(const fs::path& path) {
  std::error_code ignored;
  const std::string name = path.filename().string();
  return name.starts_with('.') && path.stem().extension() == ".html" &&
         fs::is_regular_file(fs::symlink_status(path, ignored));
}

/// Makes the folder, or finds that it is ours to write into.
Result<void> take_folder(const std::string& folder) {
  std::error_code error;
  if (!fs::exists(folder, error)) {
    fs::create_directory(folder, error);
    if (error)
      return fail(Code::io, "cannot make the folder " + in_quotes(folder) + ": " + error.message());
    return {};
  }
  if (!fs::is_directory(folder, error))
    return fail(Code::invalid, "cannot write into " + in_quotes(folder) + ": it is not a folder",
                "pages go into a folder, a file each");
  for (fs::directory_iterator at{folder, error}; !error && at != fs::directory_iterator{};
       at.increment(error))
    if (!is_page(at->path()) && !is_left_over(at->path()))
      return fail(Code::invalid,
                  "cannot write into " + in_quotes(folder) + ": it holds " +
                      in_quotes(at->path().filename().string()) + ", which is no page of ours",
                  "name a new folder, an empty one, or one that pages were written to before");
  if (error)
    return fail(Code::io, "cannot read the folder " + in_quotes(folder) + ": " + error.message());
  return {};
}

class PageFolder {
 public:
  PageFolder(Context& context, Selector& selector, const ExportCommand& options, std::string folder)
      : context_{context}, selector_{selector}, options_{options}, folder_{std::move(folder)} {
    request_.redact = options.redact;
  }

  int run(const Inputs& inputs) {
    Where where;
    const auto filter = make_filter(options_.filter, context_.zone, where);
    if (!filter) return context_.refuse(filter.error());
    if (auto taken = take_folder(folder_); !taken) return context_.refuse(taken.error());
    const OnRead on_read = [this](std::size_t, Result<ReadReport> report) {
      if (report) note(tell_report(context_, *report, OnCorrupt::strict));
      else note(context_.refuse(report.error()));
    };
    if (auto known = know_children(inputs); !known) return context_.refuse(known.error());
    auto read = read_overview(context_, inputs, *filter, Prices::standard(), on_read);
    if (!read) return context_.refuse(read.error());
    note(where.tell(context_, Status::fine));
    read->overview.selection = selection_text(context_, options_.filter);
    write_all(*read);
    if (full_) return status_;
    write_index(read->overview);
    if (full_) return status_;
    tell();
    return context_.finish(status_);
  }

 private:
  void note(int status) {
    if (status_ == Status::fine) status_ = status;
  }
  std::string path_of(std::string_view name) const { return (fs::path{folder_} / name).string(); }

  /// Of all sessions at once: to ask for each would be to list the store for each.
  Result<void> know_children(const Inputs& inputs) {
    if (!options_.all) return {};
    const bool labelled = !context_.common.labels.empty();
    if (labelled) {
      auto children = selector_.children_of_all(inputs);
      if (!children) return std::unexpected{children.error()};
      children_ = std::move(*children);
    }
    request_.children.emplace();
    for (const auto& one : labelled ? children_ : inputs) {
      const Labels& labels = one->session().labels;
      const auto parent = labels.find("parent_session");
      if (parent != labels.end() && parent->second != one->session().id)
        (*request_.children)[parent->second].push_back(one.get());
    }
    return {};
  }

  void write_all(OverviewRead& read) {
    std::set<std::string> taken{std::string{index_name}};
    for (formats::OverviewSession& one : read.overview.sessions) {
      one.page = file_name_of(one.id, ".html", taken);
      request_.pages.emplace(one.id, one.page);
    }
    for (std::size_t i = 0; i < read.inputs.size() && !full_; ++i)
      if (!write_one(*read.inputs[i], read.overview.sessions[i].page))
        read.overview.sessions[i].page.clear();
  }

  /// False: there is no page of it.
  bool write_one(const Input& input, const std::string& name) {
    PageWriter page{context_, selector_, input, request_};
    if (auto prepared = page.prepare(); !prepared) {
      note(context_.refuse(prepared.error()));
      return false;
    }
    const std::string path = path_of(name);
    const std::string head = head_of_file(path);
    if (page_kind_of(head) == page.kind() && page_fingerprint_of(head) == page.fingerprint()) {
      ++unchanged_;
      return true;
    }
    if (auto opened = context_.write_to(path, input.path()); !opened) return failed(opened.error());
    if (const int status = page.write(masked_); status != Status::fine) {
      note(status);
      return false;
    }
    if (auto committed = context_.out.commit(); !committed) return failed(committed.error());
    ++written_;
    return true;
  }

  /// Where one file cannot be written, others cannot be either.
  bool failed(const Error& error) {
    note(context_.refuse(error));
    full_ = true;
    return false;
  }

  void write_index(const formats::Overview& overview) {
    if (auto opened = context_.write_to(path_of(index_name), {}); !opened) {
      failed(opened.error());
      return;
    }
    formats::Mask mask = nullptr;
    if (options_.redact) mask = [this](std::string_view text) { return index_mask_.mask(text); };
    formats::write_overview(context_.out, overview, context_.zone.clock(), mask);
    if (auto committed = context_.out.commit(); !committed) failed(committed.error());
  }

  void tell() {
    context_.note(formats::counted(written_, "page") + " written into " + folder_ +
                  (unchanged_ > 0 ? ", " + formats::thousands(unchanged_) + " unchanged" : ""));
    if (!options_.redact) return;
    const std::string masked = masked_.told();
    context_.note(masked.empty() ? "--redact found nothing to mask in what was written; it knows "
                                   "named patterns alone"
                                 : "--redact masked " + masked);
  }

  Context& context_;
  Selector& selector_;
  const ExportCommand& options_;
  const std::string folder_;
  Inputs children_;  // where labels choose the sessions, which may lack them
  PageRequest request_;
  formats::SecretMask masked_;
  formats::SecretMask index_mask_;
  std::uint64_t written_ = 0;
  std::uint64_t unchanged_ = 0;
  bool full_ = false;
  int status_ = Status::fine;
};

}  // namespace

int write_pages(Context& context, Selector& selector, const Inputs& inputs,
                const ExportCommand& options, const std::string& folder) {
  return PageFolder{context, selector, options, folder}.run(inputs);
}

int write_overview_page(Context& context, const Inputs& inputs, const FilterOptions& options,
                        const Prices& prices, const std::optional<std::string>& prices_file) {
  Where where;
  const auto filter = make_filter(options, context.zone, where);
  if (!filter) return context.refuse(filter.error());
  Gate gate{context, {.decides = false}};
  const OnRead on_read = [&](std::size_t i, Result<ReadReport> report) {
    if (report) gate.read(*report);
    else gate.failed(with_advice(report.error(), *inputs[i]));
  };
  auto read = read_overview(context, inputs, *filter, prices, on_read);
  if (!read) return context.refuse(read.error());
  gate.add_failure(where.tell(context, Status::fine));
  read->overview.selection = selection_text(context, options);
  if (prices_file) read->overview.all.prices = *prices_file;
  formats::write_overview(context.out, read->overview, context.zone.clock(), nullptr);
  return gate.status(true);
}

}  // namespace agentstore::cmd
