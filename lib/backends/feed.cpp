#include "agentstore/internal/feed.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <limits>
#include <map>
#include <utility>

#include "backends/data_folder.hpp"
#include "backends/postgres_address.hpp"
#include "backends/postgres_feed.hpp"
#include "backends/sqlite_database.hpp"
#include "base/file.hpp"

namespace agentstore {
namespace {

constexpr std::string_view database_scheme = "sqlite:";
constexpr std::string_view log_ending = ".jsonl";
constexpr std::int64_t lock_timeout_ms = 10'000;
/// A folder that changed this short a time ago may change again without another time.
constexpr std::chrono::seconds times_settle{1};

std::string absolute_path(const std::filesystem::path& path) {
  std::error_code error;
  const auto canonical = std::filesystem::weakly_canonical(path, error);
  return error ? path.string() : canonical.string();
}

class FolderFeed : public FeedSource {
 public:
  explicit FolderFeed(DataFolder folder) : folder_{std::move(folder)} {}

  std::string identity() const override { return absolute_path(folder_.root()); }
  bool has_positions() const override { return false; }

  Result<std::vector<ChangedLog>> changed() override {
    if (auto listed = list(); !listed) return std::unexpected(listed.error());
    std::vector<ChangedLog> changed;
    for (auto& [name, mark] : logs_) {
      struct stat now{};
      if (!events_ || linux_system().lstat_at(events_.get(), name.c_str(), now) != 0) continue;
      const Mark found{static_cast<std::uint64_t>(now.st_size), now.st_ino};
      if (std::exchange(mark, found) != found && found.size_bytes > 0)
        changed.push_back({name.substr(0, name.size() - log_ending.size()), found.size_bytes});
    }
    return changed;
  }

  Result<std::uint64_t> durable_bytes(std::string_view session_id) override {
    System& system = folder_.system();
    const Path lock_path = folder_.lock_file(session_id);
    const auto lock = open_file(system, lock_path, O_RDONLY);
    if (lock) {
      const auto held = lock_file(system, *lock, lock_path, LOCK_SH, lock_timeout_ms);
      if (!held) return std::unexpected(held.error());
      if (!*held)
        return fail(Code::busy, "a writer keeps session " + std::string{session_id} + " locked");
    }
    const Path path = folder_.log_file(session_id);
    const auto log = open_file(system, path, O_RDONLY);
    if (!log) return std::unexpected(log.error());
    const auto status = status_of(system, *log, path);
    if (!status) return std::unexpected(status.error());
    if (system.fdatasync(log->get()) != 0) return system_error("sync", path, errno);
    return status->size_bytes;
  }

  Result<std::vector<EventPlace>> behind(std::int64_t, std::int64_t, std::int64_t) override {
    return none();
  }
  Result<std::int64_t> newest() override { return none(); }

 private:
  struct Mark {
    std::uint64_t size_bytes = 0;
    std::uint64_t inode = 0;
    bool operator==(const Mark&) const = default;
  };

  static std::unexpected<Error> none() {
    return fail(Code::unsupported, "a folder has no position: each of its sessions has its own");
  }

  // Which logs there are, where the folder has changed.
  Result<void> list() {
    const Path path = folder_.root() / "events";
    std::error_code error;
    const auto changed_at = std::filesystem::last_write_time(path, error);
    if (error) return {};  // No event yet.
    if (events_ && changed_at == listed_at_ && settled_) return {};
    settled_ = std::filesystem::file_time_type::clock::now() - changed_at > times_settle;
    listed_at_ = changed_at;
    const int events =
        linux_system().open_at(AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (events < 0) return system_error("open", path, errno);
    events_ = Descriptor{linux_system(), events};
    const auto names = list_folder(folder_.system(), path);
    if (!names) return std::unexpected(names.error());
    for (const std::string& name : *names)
      if (name.ends_with(log_ending) && !name.starts_with('.')) logs_.try_emplace(name);
    return {};
  }

  DataFolder folder_;
  Descriptor events_;
  std::filesystem::file_time_type listed_at_{};
  bool settled_ = false;
  std::map<std::string, Mark> logs_;
};

class DatabaseFeed : public FeedSource {
 public:
  explicit DatabaseFeed(std::unique_ptr<SqliteDatabase> database)
      : database_{std::move(database)} {}

  std::string identity() const override { return "sqlite:" + absolute_path(database_->path()); }
  bool has_positions() const override { return true; }
  Result<std::vector<ChangedLog>> changed() override { return none(); }
  Result<std::uint64_t> durable_bytes(std::string_view) override { return none(); }

  Result<std::vector<EventPlace>> behind(std::int64_t position, std::int64_t count_max,
                                         std::int64_t bytes_max) override {
    std::vector<EventPlace> places;
    std::int64_t bytes = 0;
    auto read = database_->read([&]() -> Result<void> {
      if (const auto there = has_events(); !there) return std::unexpected(there.error());
      else if (!*there) return {};
      SqliteQuery query{*database_,
                        "SELECT id, stream_id, version, CASE WHEN ?1 THEN "
                        "length(CAST(data AS BLOB)) END FROM events "
                        "WHERE id > ?2 ORDER BY id LIMIT ?3"};
      query.bind(std::int64_t{bytes_max != any_bytes}).bind(position).bind(count_max);
      for (;;) {
        const auto row = query.step();
        if (!row) return std::unexpected(row.error());
        if (!*row || bytes >= bytes_max) return {};
        places.push_back({query.integer(0), std::string{query.text(1)},
                          static_cast<std::uint64_t>(query.integer(2) + 1)});
        bytes += query.integer(3);
      }
    });
    if (!read) return std::unexpected(read.error());
    return places;
  }

  Result<std::int64_t> newest() override {
    std::int64_t newest = 0;
    auto read = database_->read([&]() -> Result<void> {
      if (const auto there = has_events(); !there) return std::unexpected(there.error());
      else if (!*there) return {};
      SqliteQuery query{*database_, "SELECT max(id) FROM events"};
      const auto row = query.step();
      if (!row) return std::unexpected(row.error());
      if (*row && !query.is_null(0)) newest = query.integer(0);
      return {};
    });
    if (!read) return std::unexpected(read.error());
    return newest;
  }

 private:
  static std::unexpected<Error> none() {
    return fail(Code::unsupported, "a database has one position of all its sessions");
  }

  // A database that was just made has no table.
  Result<bool> has_events() {
    SqliteQuery query{*database_,
                      "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'events'"};
    return query.step();
  }

  std::unique_ptr<SqliteDatabase> database_;
};

}  // namespace

Result<std::unique_ptr<FeedSource>> FeedSource::open(const std::string& store_name) {
  if (is_postgres_address(store_name)) return open_postgres_feed(store_name);
  if (store_name.starts_with(database_scheme)) {
    auto database = SqliteDatabase::open(store_name.substr(database_scheme.size()), {});
    if (!database) return std::unexpected(database.error());
    return std::make_unique<DatabaseFeed>(std::move(*database));
  }
  auto folder = DataFolder::open(linux_system(), store_name, false);
  if (!folder) return std::unexpected(folder.error());
  return std::make_unique<FolderFeed>(std::move(*folder));
}

}  // namespace agentstore
