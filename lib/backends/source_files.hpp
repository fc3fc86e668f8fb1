// sources/ID/N.zst: the files that a session was imported from, as they were read. Frames are
// written and synced before the event that names them; what no event names, after a crash, is cut
// off or written over by the next import.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/append.hpp"
#include "agentstore/source_file.hpp"
#include "agentstore/verification.hpp"
#include "backends/data_folder.hpp"
#include "backends/source_versions.hpp"
#include "log/draft.hpp"
#include "log/kept_sources.hpp"
#include "log/source.hpp"
#include "log/source_scrub.hpp"

namespace agentstore {

/// Thread-safe. `folder` outlives it.
class SourceFiles {
 public:
  /// What it needs of the sessions' logs.
  struct Logs {
    std::function<Result<std::unique_ptr<log::ByteSource>>(std::string_view id)> open;
    std::function<Result<void>(std::string_view id, std::span<const log::CheckedDraft> drafts)>
        append;
    std::function<Labels(std::string_view id)> labels;
  };

  SourceFiles(const DataFolder& folder, Durability durability, Logs logs)
      : folder_(folder), durability_(durability), logs_(std::move(logs)) {}

  /// The session was made by this store: until something is kept, its log names no files.
  void made(std::string_view id);
  /// Its log is no longer what this store alone has made of it.
  void changed(std::string_view id);

  /// Keeps what is new of a file. Durable on return, the event included; with Durability::deferred
  /// the event is appended by tell_kept, and until then no other process keeps files of the
  /// session. Errors: those of the file's reader; io, and what was kept before stands.
  Result<KeepReport> keep(std::string_view id, const SourceFile& file);
  /// The session's log is to say that another session keeps the file. Once it does, does nothing.
  Result<void> keep_elsewhere(std::string_view id, const KeptElsewhere& file);

  /// Makes durable what was kept since, file by file where that is little. False: it is much, and
  /// left to a sync of the whole file system. Errors: io.
  Result<bool> sync();
  /// Appends the events of what was kept since, which has to be durable by now. Errors: as append,
  /// of the first session that could not be told; what is kept of it is not known to its log then.
  Result<void> tell_kept();

  /// Errors: io.
  Result<KeptFiles> list(std::string_view id);
  /// Gives a version to `take`. Errors: not_found; corrupt (it is not what was kept), before the
  /// last piece was given; io; those of `take`.
  Result<void> read(std::string_view id, std::uint64_t number, const TakeBytes& take);
  /// What is wrong with the files of a session.
  std::vector<Finding> check(std::string_view id);

  /// Removes lines of the files, durably: the log says so first, and which bytes are kept from then
  /// on; done again after a crash, it goes on. What no event names is deleted. Errors: busy (they
  /// are being kept right now); corrupt (what cannot be read cannot be searched); io; as append.
  Result<void> redact(std::string_view id, const log::SourceScrubber& scrubber,
                      std::int64_t lock_timeout_ms);

  /// The session's log, which names kept files, was copied here without them.
  Result<void> left_behind(std::string_view id);

 private:
  using SharedWork = std::shared_ptr<SourceWork>;

  SharedWork work_on(std::string_view id);
  Result<bool> begin(std::string_view id, SourceWork& work);
  Result<log::SourceScrubber> scrubber_for(std::string_view id, const SourceWork& work,
                                           const SourceFile& file);
  Result<void> finish(std::string_view id, SourceWork& work);
  Result<void> make_durable(std::string_view id, const SourceWork& work);
  std::map<std::string, SharedWork, std::less<>> works();
  void drop(std::string_view id);
  Result<log::Sources> sources_of(std::string_view id);
  Path folder_of(std::string_view id) const { return folder_.sources(id); }
  bool is_left_behind(std::string_view id) const;
  Result<void> delete_unnamed(std::string_view id, log::Sources& sources);
  Result<void> rewrite(std::string_view id, const log::SourceVersion& version,
                       const log::SourceScrubber& scrubber);

  const DataFolder& folder_;
  const Durability durability_;
  const Logs logs_;
  std::mutex mutex_;
  std::map<std::string, SharedWork, std::less<>> works_;  // what is kept, and not told
  std::set<std::string, std::less<>> made_;
};

}  // namespace agentstore
