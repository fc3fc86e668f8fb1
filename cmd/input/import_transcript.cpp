#include "cmd/input/import_transcript.hpp"
#include "cmd/words/labels.hpp"

#include <algorithm>
#include <future>
#include <set>
#include <utility>

namespace agentstore::cmd {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{1} << 20;
constexpr const char* superseded_label = "superseded_by";
constexpr const char* imported_by_label = "imported_by";

/// "claude" of "claude-code": what one tool writes in several formats may be one session.
std::string_view family_of(std::string_view source) {
  return source.substr(0, source.find('-'));
}

/// "2" of "claude-code/2".
std::string_view version_of(std::string_view reader) {
  return reader.substr(std::min(reader.find('/'), reader.size()));
}

}  // namespace

std::vector<std::string> ImportTargets::line_of(std::string id) const {
  std::vector<std::string> line;
  while (std::ranges::find(line, id) == line.end()) {
    const auto there = store_->session(id, false);
    line.push_back(std::move(id));
    id = there ? label_of(there->labels, superseded_label) : std::string{};
    if (id.empty()) break;
  }
  return line;
}

std::string ImportTargets::of(const std::string& id) {
  const std::lock_guard guard{lock_};
  if (const auto known = targets_.find(id); known != targets_.end()) return known->second;
  std::string& target = targets_[id] = id;
  if (store_ == nullptr) return target;
  target = line_of(id).back();
  if (!again_ || !store_->session(target, false)) return target;
  const std::string old = target;
  for (int number = 2; store_->session(target, false); ++number)
    target = formats::fit_session_id(id + "." + std::to_string(number));
  replaced_[old] = target;
  return target;
}

std::vector<std::string> ImportTargets::replaced(const std::string& id) {
  const std::string target = of(id);
  if (store_ == nullptr) return {};
  std::vector<std::string> line = line_of(id);
  std::erase(line, target);
  std::erase_if(line, [&](const std::string& each) { return !store_->session(each, false); });
  return line;
}

Result<void> ImportTargets::mark_replaced() {
  for (const auto& [old, by] : replaced_) {
    if (!store_->session(by, false)) continue;
    if (auto marked = store_->change_session(old, {.labels = {{superseded_label, by}}}); !marked)
      return std::unexpected{marked.error()};
  }
  return {};
}

TranscriptImporter::TranscriptImporter(Store* store, ByteInput input,
                                       const TranscriptImport& wanted)
    : store_{store},
      input_{std::move(input)},
      wanted_{wanted},
      transcript_{{.fallback_id = stem_of(input_.path()),
                   .file_changed_at = input_.changed_at(),
                   .keep_all = wanted.keep_all},
                  wanted.as} {}

Result<void> TranscriptImporter::run(Progress& progress) {
  std::string chunk(chunk_bytes, '\0');
  std::uint64_t read_before = 0;
  // What was converted is stored while the next part is converted.
  std::future<Result<void>> storing;
  const auto wait = [&] { return storing.valid() ? storing.get() : Result<void>{}; };
  for (bool end = false; !end;) {
    const auto got = input_.read(chunk.data(), chunk.size());
    end = got && *got == 0;
    auto fed = !got  ? Result<void>{std::unexpected{got.error()}}
               : end ? transcript_.end()
                     : transcript_.feed({chunk.data(), *got});
    if (auto stored = wait(); !stored) return stored;
    if (!fed) return fed;
    if (auto events = transcript_.take_events(); !events.empty()) {
      // With nothing left to convert, a thread would have no company.
      storing = std::async(
          end ? std::launch::deferred : std::launch::async,
          [this, events = std::move(events), sessions = transcript_.sessions()]() mutable {
            return store_events(std::move(events), std::move(sessions));
          });
    }
    progress.add(input_.file_bytes() - std::exchange(read_before, input_.file_bytes()));
  }
  if (auto stored = wait(); !stored) return stored;
  if (input_.was_cut()) return fail(Code::io, "it was cut while it was read", "import it again");
  return {};
}

formats::Tally TranscriptImporter::tally() {
  formats::Tally tally = transcript_.tally();
  for (formats::SkippedPart& part : refused_.skipped_parts) tally.skip(std::move(part));
  for (formats::SkippedPart& part : tally.skipped_parts) part.path = input_.path();
  return tally;
}

Result<void> TranscriptImporter::store_events(std::vector<formats::SourceEvent> events,
                                              std::vector<formats::SourceSession> sessions) {
  sessions_ = std::move(sessions);
  open_.resize(sessions_.size());
  imported_.resize(open_.size());
  for (formats::SourceEvent& event : events)
    open_[event.session].events.push_back(std::move(event));
  for (std::size_t session = 0; session < open_.size(); ++session)
    if (auto stored = flush(session); !stored) return stored;
  return {};
}

Result<void> TranscriptImporter::flush(std::size_t session) {
  auto events = std::exchange(open_[session].events, {});
  if (events.empty()) return {};
  if (!open_[session].known) {
    if (auto made = make_session(session, events.front().draft.event_id); !made) return made;
  }
  if (open_[session].outdated) {
    for (formats::SourceEvent& event : events) open_[session].stored->take(event.draft);
    return {};
  }
  drop_known(session, events);
  if (!wanted_.dry_run) return append(session, events);
  imported_[session].events += events.size();
  return {};
}

Result<void> TranscriptImporter::make_session(std::size_t session,
                                              const std::string& first_event_id) {
  formats::SourceSession& source = sessions_[session];
  formats::ImportedSession& imported = imported_[session];
  open_[session].known = true;
  open_[session].id = wanted_.targets->of(source.id);
  open_[session].replaced = wanted_.targets->replaced(source.id);
  if (auto looked = look_at_replaced(session); !looked) return looked;
  imported.path = input_.path();
  imported.session_id = open_[session].id;
  if (const auto parent = source.labels.find("parent_session"); parent != source.labels.end())
    parent->second = wanted_.targets->of(parent->second);
  source.labels[imported_by_label] = formats::reader_of(*transcript_.format());
  source.id = open_[session].id;
  if (!wanted_.dry_run) {
    const auto made = store_->create_session(
        {.id = source.id, .labels = source.labels, .created_at = source.created_at});
    imported.created = made.has_value();
    if (made) return {};
    if (made.error().code != Code::conflict) return std::unexpected{made.error()};
  } else {
    imported.created = store_ == nullptr || !store_->session(source.id);
    if (imported.created) return {};
  }
  if (auto origin = check_origin(source, first_event_id); !origin) return origin;
  return look_at_stored(session);
}

Result<void> TranscriptImporter::look_at_stored(std::size_t session) {
  const std::string& id = open_[session].id;
  const auto there = store_->session(id, false);
  if (!there) return std::unexpected{there.error()};
  const std::string reader = formats::reader_of(*transcript_.format());
  // Where its file was lost, it has no labels.
  const bool told = there->labels.contains("source");
  const bool outdated =
      told && version_of(label_of(there->labels, imported_by_label)) != version_of(reader);
  open_[session].outdated = imported_[session].outdated = outdated;
  if (!open_[session].stored) open_[session].stored.emplace();
  SeenEvents& seen = *open_[session].stored;
  return for_each_stored(id, [&](const EventView& event) {
    if (outdated) seen.remember_record(event);
    else seen.remember(event);
  });
}

Result<void> TranscriptImporter::look_at_replaced(std::size_t session) {
  if (open_[session].replaced.empty()) return {};
  SeenEvents& seen = open_[session].stored.emplace();
  for (const std::string& id : open_[session].replaced) {
    auto looked = for_each_stored(id, [&](const EventView& event) { seen.remember_record(event); });
    if (!looked) return looked;
  }
  return {};
}

Result<void> TranscriptImporter::for_each_stored(
    const std::string& session_id, const std::function<void(const EventView&)>& use) const {
  const auto stored = store_->read(session_id, {.on_corrupt = OnCorrupt::prefix, .raw = true});
  if (!stored) return std::unexpected{stored.error()};
  return for_each_event(**stored, use);
}

std::vector<std::string> TranscriptImporter::replaced_sessions() const {
  std::vector<std::string> all;
  for (const Open& open : open_) all.insert(all.end(), open.replaced.begin(), open.replaced.end());
  return all;
}

std::vector<std::string> TranscriptImporter::redacted_payloads() const {
  std::vector<std::string> all;
  for (const Open& open : open_) {
    if (!open.stored) continue;
    const auto& payloads = open.stored->redacted_payloads();
    all.insert(all.end(), payloads.begin(), payloads.end());
  }
  return all;
}

// Its label says so, or, where the session's file was lost, that it holds the first event.
Result<void> TranscriptImporter::check_origin(const formats::SourceSession& source,
                                              const std::string& first_event_id) const {
  const auto there = store_->session(source.id);
  if (!there) return std::unexpected{there.error()};
  const auto label = there->labels.find("source");
  if (label != there->labels.end() &&
      family_of(label->second) == family_of(transcript_.format()->name))
    return {};
  ReadOptions options{.on_corrupt = OnCorrupt::prefix, .raw = true};
  bool empty = true;
  options.filter.predicate = [&](const EventView& event) {
    empty = false;
    return event.event_id == first_event_id;
  };
  const auto reader = store_->read(source.id, std::move(options));
  if (!reader) return std::unexpected{reader.error()};
  const auto found = (*reader)->next();
  if (!found) return std::unexpected{found.error()};
  if (empty || !found->empty()) return {};
  return fail(Code::conflict,
              "the session " + source.id + " is there, and was not imported from a " +
                  std::string{transcript_.format()->title},
              "import into another store");
}

void TranscriptImporter::drop_known(std::size_t session,
                                    std::vector<formats::SourceEvent>& events) {
  if (!open_[session].stored) return;
  SeenEvents& stored = *open_[session].stored;
  imported_[session].already +=
      std::erase_if(events, [&](formats::SourceEvent& event) { return !stored.take(event.draft); });
  // Such a record may repeat what was redacted, and no event held it when its line went.
  if (stored.any_redacted())
    std::erase_if(events, [](const formats::SourceEvent& event) { return event.left_out; });
}

Result<void> TranscriptImporter::append(std::size_t session,
                                        std::vector<formats::SourceEvent>& events) {
  const std::string& id = open_[session].id;
  std::vector<Draft> drafts;
  std::vector<std::uint64_t> lines;
  for (formats::SourceEvent& event : events) {
    drafts.push_back(std::move(event.draft));
    lines.push_back(event.line);
  }
  while (!drafts.empty()) {
    const auto receipts = store_->append(id, drafts);
    if (receipts) {
      for (const Receipt& receipt : *receipts)
        ++(receipt.duplicate ? imported_[session].already : imported_[session].events);
      return {};
    }
    const Error& error = receipts.error();
    if (error.draft_index >= drafts.size()) return std::unexpected{error};
    // One event that the store does not take must not cost the others.
    const auto at = static_cast<std::ptrdiff_t>(error.draft_index);
    refused_.skip({.path = {}, .line = lines[error.draft_index], .why = error.message});
    drafts.erase(drafts.begin() + at);
    lines.erase(lines.begin() + at);
  }
  return {};
}

}  // namespace agentstore::cmd
