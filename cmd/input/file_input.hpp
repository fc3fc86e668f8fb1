// A file, or standard input, as an input: a log, an export, an extract, a transcript.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cmd/context.hpp"
#include "cmd/input/input.hpp"
#include "cmd/input/input_files.hpp"
#include "cmd/input/transcript_figures.hpp"
#include "cmd/input/transcript_reader.hpp"

namespace agentstore::cmd {

/// The file is opened, and found out to be what it is, when it is first read.
class FileInput final : public Input {
 public:
  /// `context` and `files` have to outlive it. `session` and `title`: what the listing of its
  /// folder told of it.
  FileInput(Context& context, InputFiles& files, std::string path)
      : FileInput{context, files, {std::move(path)}, {}, {}} {}
  /// A session of a folder, which lies in these files. `whole_file`: it is all that its one file
  /// holds. `sums`: what that came to, if
  /// it was summed up.
  FileInput(Context& context, InputFiles& files, std::vector<std::string> paths, Session session,
            std::string title, bool whole_file = true,
            std::shared_ptr<const FileSums> sums = nullptr)
      : Input{std::move(session), std::move(title)},
        context_{context},
        files_{files},
        path_{paths.front()},
        paths_{std::move(paths)},
        whole_file_{whole_file},
        sums_{std::move(sums)} {}

  std::string label() const override { return whole_file_ ? path_ : session().id; }
  std::string arguments() const override { return whole_file_ ? path_ : session().id; }
  std::string path() const override { return path_; }
  std::string identity() const override;
  bool of_store() const override { return false; }
  Result<Session> describe() const override;
  Result<std::string> session_id(OnCorrupt on_corrupt) const override;
  Labels labels() const override;
  std::string recorded_by() const override;
  Result<Ledger> ledger() const override { return casino_ledger(); }
  std::optional<std::map<std::uint64_t, std::string>> places_of(
      const std::set<std::uint64_t>& sequence_numbers) const override;
  Result<void> trace(const Trace& take) const override;
  Result<Folded> fold(const ProjectionFactory& make, const Point& point,
                      OnCorrupt on_corrupt) const override;
  Result<History> history() const override;
  Result<Verification> verify(const VerifyOptions& options) const override;
  Result<std::vector<Finding>> check_cached_aggregate(const Parts& parts) const override;

 private:
  Result<std::unique_ptr<EventReader>> open(ReadOptions options) const override;
  Result<ReadReport> open_parts(ReadOptions options, const Parts& parts,
                                formats::Made made) const override;

  Result<ReadReport> read_all_parts(ReadOptions options, const Parts& parts,
                                    formats::Made made) const;
  /// What the listing summed up, if it is what is asked for; `all_read`: and no part of it was
  /// known before.
  const FileSums* sums_of(const CachedAggregate& aggregate, bool all_read) const;
  /// The only session that counts; empty: all of them.
  std::string only_session() const { return whole_file_ ? std::string{} : session().id; }
  Result<std::unique_ptr<EventReader>> open_transcript(const InputFile& file, ReadOptions options,
                                                       formats::Made made) const;
  TranscriptFiles transcript_files(const InputFile& file) const;
  /// What the path holds. Errors: as InputFiles::open.
  Result<const InputFile*> file() const;
  /// With the upcasts of --upcasts. Errors: as Context::upcasts.
  Result<ReadOptions> with_upcasts(ReadOptions options) const;

  Context& context_;
  InputFiles& files_;
  const std::string path_;
  const std::vector<std::string> paths_;
  const bool whole_file_;
  mutable std::optional<Labels> told_labels_;   // by a transcript; nothing: not asked yet
  const std::shared_ptr<const FileSums> sums_;  // null: the file is to be read
};

}  // namespace agentstore::cmd
