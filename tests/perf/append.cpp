// What a durable append costs: against a bare write and fdatasync of the same bytes, against
// SQLite, shared by threads, and in batches. All of it in turn, round for round, in one folder.
// Snapshots are off.
//
//   perf_append [ROUNDS] [FOLDER]       default: 11, TMPDIR: on the file system to be measured

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <thread>

#include "support/events.hpp"
#include "support/measure.hpp"

namespace agentstore::perf {
namespace {

constexpr int events_one = 600;
constexpr int batch_events = 100;
constexpr int batches = 20;

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(1);
}

// The last `count` lines of a log.
std::vector<std::string> last_lines(const std::filesystem::path& log, std::size_t count) {
  std::vector<std::string> lines;
  std::ifstream in{log};
  for (std::string line; std::getline(in, line);) lines.push_back(line + '\n');
  lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(count));
  return lines;
}

// A loop of write and fdatasync: what the disk lets anybody have.
class BareFile {
 public:
  explicit BareFile(const std::filesystem::path& path)
      : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
    if (file_ < 0) give_up(path.c_str());
  }
  BareFile(const BareFile&) = delete;
  BareFile& operator=(const BareFile&) = delete;
  ~BareFile() { ::close(file_); }
  void append(const std::string& line) const {
    const auto count = ::write(file_, line.data(), line.size());
    if (count != static_cast<ssize_t>(line.size()) || ::fdatasync(file_) != 0) give_up("bare file");
  }

 private:
  int file_;
};

// The same events in a table, one commit each.
class Sqlite {
 public:
  explicit Sqlite(const std::filesystem::path& path) {
    check(sqlite3_open(path.c_str(), &database_));
    execute("PRAGMA journal_mode=WAL");
    execute("PRAGMA synchronous=FULL");
    execute(
        "CREATE TABLE events (session_id TEXT, sequence_number INTEGER, type TEXT, "
        "timestamp INTEGER, metadata TEXT, payload TEXT, "
        "PRIMARY KEY (session_id, sequence_number))");
    check(sqlite3_prepare_v2(database_, "INSERT INTO events VALUES ('a', ?, ?, ?, ?, ?)", -1,
                             &insert_, nullptr));
  }
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;
  ~Sqlite() {
    sqlite3_finalize(insert_);
    sqlite3_close(database_);
  }
  void append(const Draft& draft) {
    sqlite3_bind_int64(insert_, 1, ++number_);
    bind(2, draft.type);
    sqlite3_bind_int64(insert_, 3, now().seconds);
    bind(4, draft.metadata);
    bind(5, draft.payload);
    if (sqlite3_step(insert_) != SQLITE_DONE) check(SQLITE_ERROR);
    sqlite3_reset(insert_);
  }

 private:
  void bind(int column, const std::string& text) {
    sqlite3_bind_text(insert_, column, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  }
  void execute(const char* text) {
    check(sqlite3_exec(database_, text, nullptr, nullptr, nullptr));
  }
  void check(int status) const {
    if (status == SQLITE_OK) return;
    std::fprintf(stderr, "sqlite: %s\n", sqlite3_errmsg(database_));
    std::exit(1);
  }
  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  sqlite3_int64 number_ = 0;
};

// How many a second, where `count` threads do `each` of them.
double rate_of_threads(int count, int each, const std::function<void(int thread)>& work) {
  const double taken_s = seconds([&] {
    std::vector<std::jthread> threads;
    for (int t = 0; t < count; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < each; ++i) work(t);
      });
    }
  });
  return count * each / taken_s;
}

// The rates of every round, by what was done.
struct Rates {
  std::vector<double> bare, one, sqlite, eight, thirty_two, own, bare_own, batches, bare_batches;
};

class Bench {
 public:
  explicit Bench(const std::filesystem::path& folder)
      : folder_(folder),
        store_(must(Store::open(folder / "store", {.snapshot_interval = 0}))),
        sqlite_(folder / "sqlite") {
    for (const char* const id : {"one", "shared", "batches"}) must(store_.create_session({id}));
    for (int t = 0; t < 8; ++t) {
      must(store_.create_session({own(t)}));
      bare_own_.push_back(std::make_unique<BareFile>(folder / ("bare" + std::to_string(t))));
    }
    bare_ = std::make_unique<BareFile>(folder / "bare");
    bare_batches_ = std::make_unique<BareFile>(folder / "bare_batches");
  }

  void round(Rates& rates) {
    const auto append_to = [&](const std::string& id) { must(store_.append(id, event_)); };
    rates.one.push_back(rate_of(events_one, [&](int) { append_to("one"); }));
    const auto lines = last_lines(folder_ / "store" / "events" / "one.jsonl", events_one);
    rates.bare.push_back(
        rate_of(events_one, [&](int i) { bare_->append(lines[static_cast<std::size_t>(i)]); }));
    rates.sqlite.push_back(rate_of(events_one, [&](int) { sqlite_.append(event_); }));
    rates.eight.push_back(rate_of_threads(8, 150, [&](int) { append_to("shared"); }));
    rates.thirty_two.push_back(rate_of_threads(32, 100, [&](int) { append_to("shared"); }));
    rates.own.push_back(rate_of_threads(8, 100, [&](int t) { append_to(own(t)); }));
    rates.bare_own.push_back(rate_of_threads(
        8, 100, [&](int t) { bare_own_[static_cast<std::size_t>(t)]->append(lines.front()); }));
    const std::vector<Draft> drafts(batch_events, event_);
    rates.batches.push_back(batch_events *
                            rate_of(batches, [&](int) { must(store_.append("batches", drafts)); }));
    std::string whole;
    for (int i = 0; i < batch_events; ++i) whole += lines[static_cast<std::size_t>(i)];
    rates.bare_batches.push_back(batch_events *
                                 rate_of(batches, [&](int) { bare_batches_->append(whole); }));
  }

 private:
  static double rate_of(int count, const std::function<void(int)>& work) {
    return count / seconds([&] {
             for (int i = 0; i < count; ++i) work(i);
           });
  }
  static std::string own(int thread) { return "own" + std::to_string(thread); }

  std::filesystem::path folder_;
  Store store_;
  Sqlite sqlite_;
  const Draft event_ = typical_event();
  std::unique_ptr<BareFile> bare_;
  std::unique_ptr<BareFile> bare_batches_;
  std::vector<std::unique_ptr<BareFile>> bare_own_;
};

void print(const Rates& rates) {
  const auto report = [&](const char* work, const std::vector<double>& ours, const char* peer,
                          const std::vector<double>& other, std::optional<double> aim) {
    row({.benchmark = "append",
         .work = work,
         .ours = median_of(ours),
         .unit = "events/s",
         .peer = peer,
         .peer_value = median_of(other),
         .aim = aim});
  };
  report("durable append, one writer", rates.one, "write+fdatasync", rates.bare, 0.9);
  report("durable append, one writer", rates.one, "SQLite, WAL, synchronous=FULL", rates.sqlite,
         1.1);
  report("8 threads on one session", rates.eight, "one writer", rates.one, 4);
  report("32 threads on one session", rates.thirty_two, "one writer", rates.one, 9);
  report("8 threads on sessions of their own", rates.own, "one writer", rates.one, 3);
  report("8 threads on sessions of their own", rates.own, "8 bare loops", rates.bare_own, {});
  report("batches of 100", rates.batches, "one by one", rates.one, 50);
  report("batches of 100", rates.batches, "write+fdatasync of 100 lines", rates.bare_batches, {});
}

void run(const std::filesystem::path& parent, int rounds) {
  const WorkFolder folder{parent};
  Bench bench{folder.path()};
  Rates warm_up;
  bench.round(warm_up);
  Rates rates;
  for (int i = 0; i < rounds; ++i) bench.round(rates);
  print(rates);
}

}  // namespace
}  // namespace agentstore::perf

int main(int count, char** words) {
  agentstore::perf::run(count > 2 ? words[2] : "", count > 1 ? std::atoi(words[1]) : 11);
}
