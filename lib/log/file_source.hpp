// A log file as a source of bytes.

#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "base/file.hpp"
#include "log/source.hpp"

namespace agentstore::log {

class FileSource : public ByteSource {
 public:
  using AskDue = std::function<DueEvents()>;
  /// Opens a log to read it without a lock. `lock` is its lock file, never made here; it may be
  /// missing or empty. A missing log is an empty one, if `missing_is_empty`. `ask_due` says how
  /// many events have to be there; null: any number. `name` is for messages; empty: the path.
  static Result<std::unique_ptr<FileSource>> open(System& system, Path log, Path lock,
                                                  bool missing_is_empty, AskDue ask_due = nullptr,
                                                  std::string name = {});

  std::uint64_t size_bytes() const override { return status_.size_bytes; }
  Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) override;
  Result<Tail> settle() override;
  Result<Change> refresh() override;
  std::string name() const override { return name_.empty() ? log_.string() : name_; }
  DueEvents due() const override { return due_; }

 private:
  FileSource(System& system, Path log, Path lock, AskDue ask_due, std::string name)
      : system_(system),
        log_(std::move(log)),
        lock_(std::move(lock)),
        ask_due_(std::move(ask_due)),
        name_(std::move(name)),
        due_(asked()) {}
  DueEvents asked() const { return ask_due_ ? ask_due_() : DueEvents{}; }
  void lower_due();
  Result<void> reopen(bool missing_is_empty);
  Result<bool> grew();

  System& system_;
  Path log_;
  Path lock_;
  AskDue ask_due_;
  std::string name_;
  DueEvents due_;
  Descriptor file_;  // not open: the log is missing
  FileStatus status_;
};

/// A log seen by its writer, who holds the lock: it keeps still.
class LockedSource : public ByteSource {
 public:
  LockedSource(System& system, const Path& log, const Descriptor& file, std::uint64_t size_bytes,
               const DueEvents& due = {})
      : system_(system), log_(log), file_(file), size_bytes_(size_bytes), due_(due) {}

  std::uint64_t size_bytes() const override { return size_bytes_; }
  Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) override {
    return agentstore::read_at(system_, file_, log_, offset, into, size);
  }
  Result<Tail> settle() override { return Tail::settled; }
  Result<Change> refresh() override { return Change::none; }
  std::string name() const override { return log_.string(); }
  DueEvents due() const override { return due_; }

 private:
  System& system_;
  const Path& log_;
  const Descriptor& file_;
  std::uint64_t size_bytes_;
  DueEvents due_;
};

}  // namespace agentstore::log
