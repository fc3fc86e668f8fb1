#include <algorithm>
#include <utility>

#include "agentstore/json.hpp"
#include "base/sha256.hpp"
#include "store/keep.hpp"
#include "store/reader.hpp"
#include "store/snapshot.hpp"

namespace agentstore {
namespace {

struct Checked {
  Fold fold;
  std::vector<std::uint64_t> numbers;  // of its snapshots
  std::size_t next = 0;                // of numbers
};

class Checker {
 public:
  Checker(Backend& backend, std::string id) : backend_(backend), id_(std::move(id)) {}

  Result<std::vector<Finding>> run(std::span<const ProjectionFactory> projections) {
    key_ = backend_.cache_key(MissingKey::refuse);
    if (key_ == nullptr) return std::move(findings_);
    for (const ProjectionFactory& make : projections) {
      if (auto begun = begin(make); !begun) return std::unexpected(begun.error());
    }
    if (checked_.empty()) return std::move(findings_);
    if (auto done = fold(); !done) return std::unexpected(done.error());
    for (Checked& each : checked_) {
      for (; each.next < each.numbers.size(); ++each.next) {
        add(each, each.numbers[each.next],
            "is at event " + std::to_string(each.numbers[each.next]) +
                ", ahead of the log, which ends at " + std::to_string(last_));
      }
    }
    return std::move(findings_);
  }

 private:
  Result<void> begin(const ProjectionFactory& make) {
    Checked each{.fold = {.projection = make(id_), .position = {}, .report = {}}, .numbers = {}};
    const auto numbers = backend_.snapshots(id_, each.fold.projection->name());
    if (!numbers) return std::unexpected(numbers.error());
    for (const std::uint64_t number : *numbers) {
      const auto text = text_at(each, number);
      if (!text) return std::unexpected(text.error());
      if (*text) look_at(each, number, **text);
    }
    if (each.fold.projection->name() == "session")
      if (auto done = look_at_published(each); !done) return done;
    std::ranges::sort(each.numbers);
    const auto [again, end] = std::ranges::unique(each.numbers);
    each.numbers.erase(again, end);
    if (!each.numbers.empty()) checked_.push_back(std::move(each));
    return {};
  }

  // Those of other versions are never used, and prove nothing.
  void look_at(Checked& each, std::uint64_t number, const std::string& text) {
    if (json::check(text, json::rules_to_read)) return add(each, number, "is not JSON");
    if (!open_snapshot(text, id_, *key_))
      return add(each, number, "was altered or forged: it bears our key's name, and a wrong MAC");
    if (json::find_integer(text, "version") != static_cast<std::int64_t>(number))
      return add(each, number, "names another event than its file does");
    if (json::find_text(text, "projection") != each.fold.projection->name())
      return add(each, number, "is that of another projection");
    if (json::find_integer(text, "projection_version") != each.fold.projection->version()) return;
    each.numbers.push_back(number);
  }

  // The one for the Go library may be its own, or another user's: then it is none of ours.
  Result<void> look_at_published(Checked& each) {
    const auto text = backend_.published_snapshot(id_);
    if (!text) return std::unexpected(text.error());
    if (!*text || json::check(**text, json::rules_to_read) || key_id_of(**text) != key_->id())
      return {};
    const auto number = json::find_integer(**text, "version").value_or(0);
    look_at(each, number < 0 ? 0 : static_cast<std::uint64_t>(number), **text);
    published_ = **text;
    return {};
  }

  Result<std::optional<std::string>> text_at(const Checked& each, std::uint64_t number) {
    return backend_.snapshot(id_, each.fold.projection->name(), number);
  }

  Result<void> fold() {
    auto source = backend_.log(id_);
    if (!source) return std::unexpected(source.error());
    const auto reader = LogReader::open(
        std::move(*source),
        {.session_id = id_, .on_corrupt = OnCorrupt::prefix, .check_hashes = true}, {});
    if (!reader) return std::unexpected(reader.error());
    return for_each_event(**reader, [&](const EventView& event) -> Result<void> {
      last_ = event.sequence_number;
      for (Checked& each : checked_) {
        if (each.next == each.numbers.size()) continue;
        if (auto applied = each.fold.apply(event); !applied) {
          add(each, each.numbers[each.next], "cannot be folded: " + applied.error().message);
          each.next = each.numbers.size();
        } else if (each.numbers[each.next] == last_) {
          if (auto compared = compare(each, event); !compared) return compared;
          ++each.next;
        }
      }
      return {};
    });
  }

  Result<void> compare(Checked& each, const EventView& event) {
    each.fold.position = {.sequence_number = event.sequence_number,
                          .offset_bytes = event.offset_bytes + event.line.size() + 1};
    Hash& head = each.fold.position.head;
    from_hex(event.hash, head.data(), head.size());
    const auto text = text_at(each, event.sequence_number);
    if (!text) return std::unexpected(text.error());
    if (*text) compare(each, event, **text);
    const bool published =
        each.fold.projection->name() == "session" &&
        json::find_integer(published_, "version") == static_cast<std::int64_t>(last_);
    if (published && published_ != *text) compare(each, event, published_);
    return {};
  }

  void compare(const Checked& each, const EventView& event, const std::string& text) {
    if (!open_snapshot(text, id_, *key_)) return;  // It was told.
    const std::string at = " at #" + std::to_string(event.sequence_number);
    if (json::find_text(text, "log_head") != event.hash)
      return add(each, event.sequence_number, "names another event than the log has" + at);
    const auto created = parse_rfc3339(json::find_text(text, "created_at").value_or(""));
    if (text != snapshot_text(id_, each.fold, created.value_or(zero_time), *key_))
      add(each, event.sequence_number, "holds another state than a fold over the log" + at);
  }

  void add(const Checked& each, std::uint64_t number, const std::string& what) {
    findings_.push_back(
        {FindingKind::snapshot, 0, 0, number,
         "the snapshot of " + std::string{each.fold.projection->name()} + " " + what});
  }

  Backend& backend_;
  const std::string id_;
  std::vector<Checked> checked_;
  std::vector<Finding> findings_;
  const CacheKey* key_ = nullptr;
  std::string published_;  // by our key; empty: there is none
  std::uint64_t last_ = 0;
};

}  // namespace

Result<std::vector<Finding>> check_snapshots(Backend& backend, std::string_view session_id,
                                             std::span<const ProjectionFactory> projections) {
  return Checker{backend, std::string{session_id}}.run(projections);
}

}  // namespace agentstore
