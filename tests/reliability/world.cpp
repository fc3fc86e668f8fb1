#include "reliability/world.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>

#include "log/redaction.hpp"
#include "log/verify.hpp"
#include "store/keep.hpp"
#include "store/reader.hpp"
#include "support/lines.hpp"

namespace agentstore::reliability {
namespace {

struct Place {
  std::size_t write = 0;
  std::size_t index = 0;
};

// Of "w3-1": write 3, event 1.
bool place_of(const std::string& id, Place& place) {
  if (!id.starts_with('w')) return false;
  const char* const end = id.data() + id.size();
  const auto [dash, first] = std::from_chars(id.data() + 1, end, place.write);
  if (first != std::errc{} || dash == end || *dash != '-') return false;
  return std::from_chars(dash + 1, end, place.index).ptr == end;
}

bool in_any_file(const Disk::Files& files, std::string_view bytes) {
  return std::any_of(files.begin(), files.end(), [&](const auto& file) {
    return file.second.find(bytes) != std::string_view::npos;
  });
}

}  // namespace

bool View::has(std::string_view type) const {
  return std::any_of(events.begin(), events.end(),
                     [&](const Event& event) { return event.type == type; });
}

namespace {

View scan(const std::string& text) {
  View view;
  view.log = text;
  test::TextSource source{text};
  log::Scanner scanner{source,
                       {.session_id = "s", .on_corrupt = OnCorrupt::skip, .check_hashes = true}};
  for (;;) {
    const auto lines = scanner.next();
    if (!lines || lines->empty()) break;
    for (const log::Line& line : *lines) {
      view.events.push_back({std::string{line.event.event_id}, std::string{line.event.type},
                             std::string{line.event.payload}});
    }
  }
  view.verdict = scanner.report().verdict;
  view.findings = scanner.report().finding_count;
  view.tail = text.substr(std::min<std::size_t>(scanner.position().offset_bytes, text.size()));
  return view;
}

}  // namespace

// Many states hold the same log: it is scanned once.
const View& look(const std::string& text) {
  constexpr std::size_t views_max = 10'000;
  static std::unordered_map<std::string, View> views;
  const auto known = views.find(text);
  if (known != views.end()) return known->second;
  if (views.size() >= views_max) views.clear();
  return views.emplace(text, scan(text)).first->second;
}

View look(const Disk& disk) {
  const int log = disk.find(log_path);
  return look(log < 0 ? std::string{} : disk.node(log).content);
}

std::string payload_of(const std::string& id) {
  Place place;
  place_of(id, place);
  const std::size_t pad = place.write == 1 ? 1400 : place.write * 37 % 90;
  return R"({"of":")" + id + R"(","pad":")" + std::string(pad, '.') + "\"}";
}

template <class T>
bool World::told(const Result<T>& result) {
  error_ = result ? std::string{} : result.error().message;
  return result.has_value();
}

bool World::open(Durability durability) {
  deferred_ = durability == Durability::deferred;
  const BackendOptions options{.durability = durability,
                               .lock_timeout = std::chrono::milliseconds{20},
                               .cache_key = "the simulator's own"};
  auto opened = open_file_backend(root, options, system_);
  if (!told(opened)) return false;
  backend_ = std::move(*opened);
  return true;
}

bool World::create() {
  Session session{.id = "s",
                  .name = "a name",
                  .labels = {},
                  .created_at = {1'772'884'800, 0},
                  .updated_at = {1'772'884'800, 0},
                  .event_count = 0};
  const auto created = backend_->create(session);
  if (deferred_) created_ = created.has_value();
  else promise_.created = promise_.created || created;
  return told(created);
}

bool World::append(std::size_t count) {
  promise_.counts.push_back(static_cast<std::uint8_t>(count));
  return append_again(promise_.counts.size() - 1);
}

bool World::append_again(std::size_t write) {
  const std::uint64_t bit = std::uint64_t{1} << write;
  if (!is_open()) {
    promise_.refused |= bit;
    return false;
  }
  std::vector<log::CheckedDraft> drafts;
  for (std::size_t i = 0; i < promise_.counts[write]; ++i) {
    std::string id = "w";
    id += std::to_string(write) + '-' + std::to_string(i);
    const std::string payload = payload_of(id);
    drafts.push_back({"user_message", payload, "{}", std::move(id), std::nullopt});
  }
  const auto done = backend_->append("s", drafts, {});
  promise_.refused &= ~bit;
  if (done) (deferred_ ? written_ : promise_.acked) |= bit;
  else if (done.error().message.find("could not be taken back") != std::string::npos) stuck_ = true;
  else promise_.refused |= bit;
  return told(done);
}

bool World::sync() {
  if (!is_open()) return false;
  const auto done = backend_->sync();
  if (done) {
    promise_.acked |= std::exchange(written_, 0);
    promise_.created = promise_.created || created_;
  }
  return told(done);
}

bool World::repair(bool salvage, bool accept_loss) {
  if (!is_open()) return false;
  const auto done = backend_->repair("s", {.salvage = salvage, .accept_loss = accept_loss});
  promise_.salvaged = promise_.salvaged || (done && salvage);
  return told(done);
}

bool World::redact(std::span<const std::uint64_t> numbers) {
  if (!is_open()) return false;
  const auto done = backend_->redact("s", numbers, "it is a secret", "a test");
  promise_.redacted = promise_.redacted || done || done.error().code == Code::conflict;
  return told(done);
}

bool World::save_snapshots() {
  const ProjectionFactory projections[] = {make_session_projection};
  const bool first = told(agentstore::save_snapshots(
      *backend_, "s", projections, {.interval = 1, .created_at = system_.clock()}));
  auto source = backend_->log("s");
  if (!told(source)) return false;
  const KeptSnapshot other[] = {{.projection = "other", .sequence_number = 3, .text = secret}};
  return told(backend_->save_snapshots("s", **source, other)) && first;
}

bool World::save_note() {
  auto source = backend_->log("s");
  if (!told(source)) return false;
  const auto verified = log::verify(**source, "s", false);
  if (!told(verified)) return false;
  const auto saved = backend_->save_checkpoint("s", verified->events, "a note\n");
  if (saved) promise_.note = verified->events;
  return told(saved);
}

bool World::import_session(const std::string& lines) {
  if (!is_open()) return false;
  const auto each = test::lines_of(lines);
  std::size_t at = 0;
  std::string line;
  const Session session{.id = "s",
                        .name = "a name",
                        .labels = {},
                        .created_at = {1, 0},
                        .updated_at = {1, 0},
                        .event_count = 0};
  const auto done =
      backend_->import_session(session, [&]() -> Result<std::optional<std::string_view>> {
        if (at == each.size()) return std::nullopt;
        line = each[at++];
        line.pop_back();
        return line;
      });
  if (done) promise_.acked |= (std::uint64_t{1} << each.size()) - 1;
  return told(done);
}

void World::check_readers() {
  auto source = backend_->log("s");
  if (!source) return;
  auto reader = LogReader::open(
      std::move(*source), {.session_id = "s", .on_corrupt = OnCorrupt::skip, .start = {}}, {});
  require(reader.has_value(), "a reader cannot be opened");
  bool hidden = true;
  bool redacted = false;
  for (;;) {
    const auto events = (*reader)->next();
    require(events.has_value(), "a reader fails");
    if (events->empty()) break;
    for (const EventView& event : *events) {
      if (event.payload.find(secret) != std::string_view::npos) hidden = false;
      if (event.type == log::redacted_type) redacted = true;
    }
  }
  require(hidden || !redacted, "a reader shows the payload, and the event that redacts it");
}

void check_promise(const Disk& disk, const View& view, const std::vector<Event>& base,
                   const Promise& promise) {
  std::vector<std::uint8_t> seen(promise.counts.size());
  std::size_t next = 0;
  for (const Event& event : view.events) {
    if (event.type.starts_with("agentstore.")) continue;
    Place place;
    if (next < base.size()) {
      require(base[next].id == event.id,
              "event " + base[next].id + " is gone, or not in its place");
      const bool may_go = event.id.starts_with("secret") && event.payload == "null";
      require(may_go || event.payload == base[next].payload, "event " + event.id + " has changed");
      ++next;
      continue;
    }
    require(place_of(event.id, place) && place.write < seen.size(),
            "there is a stranger: " + event.id);
    require(place.index == seen[place.write], "event " + event.id + " is out of order");
    require(event.payload == payload_of(event.id), "event " + event.id + " has changed");
    ++seen[place.write];
  }
  require(next == base.size(), "event " + (next < base.size() ? base[next].id : "") + " is lost");
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const std::string name = "write " + std::to_string(i);
    require(seen[i] == 0 || seen[i] == promise.counts[i], name + " is there by half");
    require((promise.acked >> i & 1U) == 0 || seen[i] > 0, name + " was acknowledged, and is lost");
    require((promise.refused >> i & 1U) == 0 || seen[i] == 0, name + " was refused, and is there");
  }
  const auto files = disk.files();
  if (promise.redacted) require(!in_any_file(files, secret), "the redacted payload is on the disk");
  require(in_any_file(files, promise.tail) || promise.tail.empty(), "the torn bytes are lost");
  if (promise.created) {
    const int file = disk.find(root + "/sessions/s.json");
    require(file >= 0 && disk.node(file).content.find("a name") != std::string::npos,
            "the session is lost");
  }
  if (promise.note > 0) {
    const std::string name = "/" + std::to_string(promise.note) + ".note";
    require(std::any_of(files.begin(), files.end(),
                        [&](const auto& file) { return file.first.ends_with(name); }),
            "a checkpoint is lost");
    require(view.events.size() >= promise.note, "the log is shorter than its checkpoint");
  }
}

}  // namespace agentstore::reliability
