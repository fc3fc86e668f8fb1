#include "backends/postgres_database.hpp"

#include <algorithm>
#include <utility>

#include "base/system.hpp"

namespace agentstore {
namespace {

// More do not make one server faster, and others want some, too.
constexpr int connections_max = 16;

// As long as a failover may take.
constexpr std::chrono::seconds outage_max{60};
constexpr std::chrono::milliseconds first_pause{20};
constexpr std::chrono::milliseconds pause_max{500};

}  // namespace

PostgresDatabase::PostgresDatabase(PostgresAddress address, const PostgresOptions& options,
                                   std::function<void(const std::string&)> on_wait)
    : address_(std::move(address)), options_(options), on_wait_(std::move(on_wait)) {}

Result<std::unique_ptr<PostgresDatabase>> PostgresDatabase::open(
    std::string_view store_name, const PostgresOptions& options,
    std::function<void(const std::string&)> on_wait) {
  auto address = PostgresAddress::parse(store_name);
  if (!address) return std::unexpected(address.error());
  std::unique_ptr<PostgresDatabase> database{
      new PostgresDatabase{std::move(*address), options, std::move(on_wait)}};
  auto connection = database->take();
  if (!connection) return std::unexpected(connection.error());
  database->give_back(std::move(*connection));
  return database;
}

Result<std::unique_ptr<PostgresConnection>> PostgresDatabase::take() {
  std::unique_lock guard{mutex_};
  free_.wait(guard, [&] { return taken_ < connections_max; });
  ++taken_;
  while (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    if (connection->is_usable()) return connection;
  }
  guard.unlock();
  auto opened = PostgresConnection::open(address_, options_);
  if (!opened) give_back(nullptr);
  return opened;
}

void PostgresDatabase::give_back(std::unique_ptr<PostgresConnection> connection) {
  {
    const std::lock_guard guard{mutex_};
    --taken_;
    if (connection && connection->is_usable()) idle_.push_back(std::move(connection));
  }
  free_.notify_one();
}

PostgresConnection* PostgresDatabase::current() {
  const std::lock_guard guard{mutex_};
  const auto found = current_.find(std::this_thread::get_id());
  return found == current_.end() ? nullptr : found->second;
}

void PostgresDatabase::tell_of_wait(const Error& why) const {
  try {
    if (on_wait_) on_wait_("waiting for the server: " + why.message);
  } catch (...) {  // NOLINT(bugprone-empty-catch): as its contract says
  }
}

Result<void> PostgresDatabase::attempts(
    const std::function<Result<void>(PostgresConnection&, bool&)>& one) {
  const auto start = std::chrono::steady_clock::now();
  auto pause = first_pause;
  bool told = false;
  bool was_lost = false;
  for (;;) {
    auto connection = take();
    Result<void> done;
    bool final = false;
    if (connection) {
      struct Taken {
        PostgresDatabase& database;
        std::unique_ptr<PostgresConnection> connection;
        ~Taken() { database.give_back(std::move(connection)); }
      } taken{*this, std::move(*connection)};
      done = one(*taken.connection, final);
      PostgresConnection& used = *taken.connection;
      if (done || final) return done;
      if (!used.is_lost() && !used.may_try_again() && !used.is_held_up()) return done;
      // A server that is to be promoted can only be read at first; so can one that was named alone.
      if (used.is_read_only() && !was_lost) return done;
      was_lost = was_lost || used.is_lost();
    } else {
      // A server that goes down or comes up says so, or is not there for a while.
      done = std::unexpected(connection.error());
      if (connection.error().code != Code::io && connection.error().code != Code::busy) return done;
      was_lost = true;
    }
    if (std::chrono::steady_clock::now() - start > outage_max) return done;
    if (!told && pause > first_pause) {
      tell_of_wait(done.error());
      told = true;
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, pause_max);
  }
}

Result<void> PostgresDatabase::in_transaction(PostgresConnection& connection, const char* begin,
                                              const Work& work, bool& committing) {
  if (auto begun = connection.run_all(begin); !begun) return begun;
  struct Current {
    PostgresDatabase& database;
    Current(PostgresDatabase& the_database, PostgresConnection& connection)
        : database(the_database) {
      const std::lock_guard guard{database.mutex_};
      database.current_[std::this_thread::get_id()] = &connection;
    }
    ~Current() {
      const std::lock_guard guard{database.mutex_};
      database.current_.erase(std::this_thread::get_id());
    }
  };
  // Whatever `work` throws: nothing of it is written.
  struct Undo {
    PostgresConnection& connection;
    bool armed = true;
    ~Undo() {
      if (armed && !connection.is_lost()) connection.roll_back();
    }
  } undo{connection};
  {
    const Current here{*this, connection};
    if (auto done = work(connection); !done) return done;
  }
  undo.armed = false;
  committing = true;
  return connection.run_all("COMMIT");
}

Result<void> PostgresDatabase::nested(PostgresConnection& connection, const Work& work) {
  if (auto begun = connection.run_all("SAVEPOINT part"); !begun) return begun;
  auto done = work(connection);
  if (done) return connection.run_all("RELEASE SAVEPOINT part");
  if (!connection.is_lost()) {
    auto undone = connection.run_all("ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part");
    if (!undone) return undone;
  }
  return done;
}

Result<void> PostgresDatabase::read(const Work& work) {
  if (PostgresConnection* const here = current()) return work(*here);
  return attempts([&](PostgresConnection& connection, bool& /*final*/) {
    bool committing = false;
    return in_transaction(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", work,
                          committing);
  });
}

Result<void> PostgresDatabase::look(const Work& work) {
  if (PostgresConnection* const here = current()) return work(*here);
  return attempts([&](PostgresConnection& connection, bool&) { return work(connection); });
}

Result<PostgresRows> PostgresDatabase::query(const char* statement, const PostgresValues& values) {
  std::optional<PostgresRows> rows;
  auto looked = look([&](PostgresConnection& connection) -> Result<void> {
    auto answer = connection.query(statement, values);
    if (!answer) return std::unexpected(answer.error());
    rows.emplace(std::move(*answer));
    return {};
  });
  if (!looked) return std::unexpected(looked.error());
  return std::move(*rows);
}

Result<void> PostgresDatabase::write(const Work& work) {
  if (PostgresConnection* const here = current()) return nested(*here, work);
  return attempts([&](PostgresConnection& connection, bool& final) -> Result<void> {
    bool committing = false;
    auto done = in_transaction(connection, "BEGIN", work, committing);
    final = committing && connection.is_lost();
    if (done || !final) return done;
    return fail(Code::io, "this may be committed or not: " + done.error().message,
                "look, and do it again where it is not");
  });
}

Result<void> PostgresDatabase::append(
    const std::function<Result<void>(PostgresConnection&, bool)>& work) {
  if (PostgresConnection* const here = current())
    return nested(*here, [&](PostgresConnection& connection) { return work(connection, false); });
  bool again = false;
  return attempts([&](PostgresConnection& connection, bool&) {
    auto done = work(connection, again);
    if (!done && connection.is_lost()) again = true;
    return done;
  });
}

}  // namespace agentstore
