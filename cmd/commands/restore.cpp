#include "formats/answers/restore.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "agentstore/analysis/kinds.hpp"
#include "agentstore/json.hpp"
#include "cmd/commands.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/input/transcript_folder.hpp"
#include "cmd/restore/target_folder.hpp"
#include "cmd/words/labels.hpp"
#include "formats/text/units.hpp"

namespace agentstore::cmd {
namespace {

/// Counts the strings of a payload: what stands in them as it is, and what is an escape.
void add_text(formats::LegibleText& text, const json::Value& value) {
  const json::Kind kind = json::kind_of(value);
  if (kind == json::Kind::object || kind == json::Kind::array) {
    for (json::Walk walk{value}; walk.next();) add_text(text, walk.value());
    return;
  }
  if (kind != json::Kind::string) return;
  const std::string plain = json::text_of(value);
  std::uint64_t legible = 0;
  std::string_view rest = value.substr(1, value.size() - 2);
  while (!rest.empty()) {
    const std::size_t escape = std::min(rest.find('\\'), rest.size());
    legible += escape;
    rest.remove_prefix(escape);
    if (!rest.empty()) rest.remove_prefix(json::first_escape(rest).bytes);
  }
  text.bytes += plain.size();
  text.legible_bytes += legible;
}

class Restorer {
 public:
  Restorer(Context& context, Selector& selector, Store& store, const RestoreCommand& options)
      : context_{context}, selector_{selector}, store_{store}, options_{options} {
    answer_.dry_run = options.dry_run;
  }

  int run(const Input& session) {
    answer_.session_id = session.session().id;
    if (auto done = restore(session, true); !done) return context_.refuse(done.error());
    if (answer_.files.empty()) return refuse_nothing(session);
    if (context_.common.json) formats::write_restore_json(context_.out, answer_);
    else formats::write_restore_text(context_.out, answer_);
    for (const KeptElsewhere& file : answer_.elsewhere)
      context_.note(fmt::format("{} holds events of it, too, and is kept with session {}",
                                in_quotes(file.file), file.session_id));
    return context_.finish(status_);
  }

 private:
  /// `asked`: it was named, and is no sub-agent's.
  Result<void> restore(const Input& session, bool asked) {
    const std::string id = session.session().id;
    if (!seen_.insert(id).second) return {};
    auto kept = store_.kept_files(id);
    if (!kept) return std::unexpected{kept.error()};
    if (asked) answer_.elsewhere = kept->elsewhere;
    left_behind_ = left_behind_ || kept->left_behind;
    if (kept->left_behind)
      std::erase_if(kept->versions, [](const KeptVersion& each) { return each.stored_bytes == 0; });
    const auto versions = wanted(*kept, asked);
    if (!versions) return std::unexpected{versions.error()};
    const auto target = target_for(session);
    if (!target) return std::unexpected{target.error()};
    for (const KeptVersion& version : *versions)
      restore_file(id, version, kept->versions.size(), *target);
    if (!versions->empty()) count_text(session);
    if (options_.version) return {};
    const auto children = selector_.children(session);
    if (!children) return std::unexpected{children.error()};
    for (const auto& child : *children)
      if (auto done = restore(*child, false); !done) return done;
    return {};
  }

  /// Each file as it was last seen, or the version that was asked for.
  Result<std::vector<KeptVersion>> wanted(const KeptFiles& kept, bool asked) const {
    std::vector<KeptVersion> versions;
    for (const KeptVersion& version : kept.versions) {
      if (options_.version && asked && version.number == *options_.version)
        return std::vector{version};
      if (version.latest) versions.push_back(version);
    }
    if (options_.version)
      return fail(Code::not_found,
                  fmt::format("there is no version {} of its files", *options_.version),
                  kept.versions.empty()
                      ? "nothing is kept of it"
                      : fmt::format("its versions are 1 to {}", kept.versions.back().number));
    std::ranges::sort(versions, {}, &KeptVersion::name);
    return versions;
  }

  Result<TargetFolder> target_for(const Input& session) const {
    if (options_.to) return TargetFolder{*options_.to};
    const std::string by = session.recorded_by();
    const formats::Source* const source = formats::find_source(by);
    const std::string home = source == nullptr ? std::string{} : home_of_tool(*source);
    if (home.empty())
      return fail(Code::invalid, "it is not known which folder the transcript belongs to",
                  "name one with --to");
    return TargetFolder{home};
  }

  void restore_file(const std::string& id, const KeptVersion& version, std::size_t versions,
                    TargetFolder target) {
    formats::RestoredFile file{.session_id = id,
                               .name = version.name(),
                               .path = (target.root() / version.name()).string(),
                               .version = version.number,
                               .versions = versions,
                               .bytes = version.bytes,
                               .stored_bytes = version.stored_bytes,
                               .redacted_lines = version.redacted_lines};
    if (auto done = put(file, target); !done) {
      file.state = formats::RestoredFile::State::refused;
      file.error = done.error().message;
      note_status(context_.refuse(done.error()));
    }
    answer_.files.push_back(std::move(file));
  }

  Result<void> put(formats::RestoredFile& file, TargetFolder& target) {
    using State = formats::RestoredFile::State;
    const auto bytes = [&](const TakeBytes& take) {
      return store_.read_kept_file(file.session_id, file.version, take);
    };
    const auto there = target.look(file.name, bytes);
    if (!there) return std::unexpected{there.error()};
    if (*there == TargetFolder::There::another)
      return fail(Code::conflict, in_quotes(file.path) + " is there, with other bytes",
                  "--to DIR writes elsewhere");
    const bool gaps = !file.redacted_lines.empty();
    if (gaps && !options_.partial) {
      note_status(Status::incomplete);
      file.error = fmt::format("{} of {} cannot be given back: a redaction has removed {}",
                               lines_text(file.redacted_lines), in_quotes(file.path),
                               file.redacted_lines.size() == 1 ? "it" : "them");
      context_.warn(*file.error + "; --partial writes the others");
      return {};
    }
    if (gaps) {
      note_status(Status::incomplete);
      context_.warn(lines_text(file.redacted_lines) + " of " + in_quotes(file.path) +
                    " cannot be given back: blank records stand for what was redacted");
    }
    file.state = *there == TargetFolder::There::same ? State::same
                 : gaps                              ? State::partial
                                                     : State::written;
    if (*there == TargetFolder::There::same) return {};
    if (options_.dry_run) return bytes([](std::string_view) { return Result<void>{}; });
    auto written = target.write(file.name, bytes);
    if (written || written.error().code != Code::conflict) return written;
    // Another restore may have been first.
    const auto by_another = target.look(file.name, bytes);
    if (!by_another || *by_another != TargetFolder::There::same) return written;
    file.state = State::same;
    return {};
  }

  static std::string lines_text(const std::vector<std::uint64_t>& lines) {
    constexpr std::size_t told_max = 10;
    std::string text = lines.size() == 1 ? "line " : "lines ";
    for (std::size_t i = 0; i < std::min(lines.size(), told_max); ++i)
      text += (i == 0 ? "" : ", ") + std::to_string(lines[i]);
    if (lines.size() > told_max)
      text += fmt::format(" and {} more", formats::thousands(lines.size() - told_max));
    return text;
  }

  void count_text(const Input& session) {
    const auto reader = session.read({.raw = true});
    if (!reader) return;
    const auto read = for_each_event(**reader, [&](const EventView& event) {
      const EventKind kind = kind_of_type(event.type);
      const bool talk = kind == EventKind::message || kind == EventKind::answer;
      if (talk && event.redacted_by == 0) add_text(answer_.text, event.payload);
    });
    if (!read) context_.warn(read.error().message);
  }

  int refuse_nothing(const Input& session) {
    const std::string name = in_quotes(session.session().id);
    if (left_behind_)
      return context_.refuse(Code::not_found,
                             "the transcripts of session " + name +
                                 " were not copied here: they are kept in the store it came from",
                             "restore it from there");
    if (!answer_.elsewhere.empty())
      return context_.refuse(Code::not_found,
                             fmt::format("session {} is no file of its own: its records are in {}, "
                                         "which is kept with session {}",
                                         name, in_quotes(answer_.elsewhere.front().file),
                                         answer_.elsewhere.front().session_id),
                             "restore that session");
    return context_.refuse(
        Code::not_found, "no transcript is kept of session " + name,
        "import keeps those that it reads; `agentstore import` again, while the file is there");
  }

  void note_status(int status) {
    if (status_ == Status::fine) status_ = status;
  }

  Context& context_;
  Selector& selector_;
  Store& store_;
  const RestoreCommand& options_;
  formats::RestoreAnswer answer_;
  std::set<std::string> seen_;
  bool left_behind_ = false;
  int status_ = Status::fine;
};

}  // namespace

int run(Context& context, const RestoreCommand& options) {
  Selector selector{context};
  const auto store = selector.store();
  if (!store) return context.refuse(store.error());
  const auto session = selector.choose(options.session);
  if (!session) return context.refuse(session.error());
  if (!(*session)->of_store() || !(*session)->folder().empty())
    return context.refuse(Code::invalid,
                          in_quotes(options.session) +
                              " is not a session of the store: restore "
                              "gives back what an import has kept",
                          "name a session of the store");
  return Restorer{context, selector, **store, options}.run(**session);
}

}  // namespace agentstore::cmd
