#include "reliability/scenarios.hpp"

#include "log/redaction.hpp"
#include "log/verify.hpp"
#include "reliability/logs.hpp"
#include "support/lines.hpp"

namespace agentstore::reliability {
namespace {

using Draft = LogText::Draft;

void put(Disk& disk, const std::string& path, const std::string& content) {
  int parent = 0;
  std::size_t from = 1;
  for (std::size_t slash = path.find('/', 1); slash != path.npos;
       from = slash + 1, slash = path.find('/', from)) {
    const std::string part = path.substr(from, slash - from);
    const auto found = disk.node(parent).entries.find(part);
    parent =
        found == disk.node(parent).entries.end() ? disk.create(parent, part, true) : found->second;
  }
  disk.write(disk.create(parent, path.substr(from), false), 0, content);
}

LogText base_log() {
  LogText log;
  log.write({Draft{.id = "b1"}});
  log.write({Draft{.id = "secret", .payload = "{\"text\":\"" + secret + "\"}"}, Draft{.id = "b3"}});
  return log;
}

LogText two_secrets() {
  LogText log = base_log();
  log.write({Draft{.id = "secret-2", .payload = "{\"text\":\"" + secret + " again\"}"}});
  return log;
}

Scenario scenario(std::string name, const std::string& log, std::function<void(World&)> run) {
  Scenario made{.name = std::move(name),
                .start = store_of(log),
                .base = look(log).events,
                .run = std::move(run),
                .log = log};
  std::erase_if(made.base,
                [](const Event& event) { return event.type.starts_with("agentstore."); });
  made.promise.created = true;
  made.promise.tail = look(log).tail;
  return made;
}

Scenario redaction(const char* name, LogText log, const std::vector<std::uint64_t>& numbers) {
  Scenario made = scenario(name, log.text(), [numbers](World& world) {
    world.open() && world.save_snapshots() && world.append(1);
    world.redact(numbers);
    world.append(2);
  });
  put(made.start, root + "/quarantine/s/0-cafe.bytes", "some bytes with " + secret + " in them");
  put(made.start, root + "/events/.s.jsonl.0123456789abcdef.tmp", log.text());
  put(made.start, root + "/snapshots/.s.json.0123456789abcdef.tmp", secret);
  put(made.start, root + "/snapshots/s.json", R"({"state":")" + secret + "\"}");
  put(made.start, root + "/folds/s/other/3.json", secret);
  made.start.sync_all();
  made.redacts = true;
  return made;
}

// An event in the middle is damaged, two are glued, and a checkpoint is longer than what is left.
Scenario salvage() {
  LogText log = base_log();
  log.write("b4").write("b5").write("b6");
  const auto lines = test::lines_of(log.text());
  std::string text = lines[0] + lines[1] + lines[2] + lines[3].substr(0, 100) + '\n';
  text += lines[4].substr(0, lines[4].size() - 1) + lines[5];
  Scenario made = scenario("salvage", text, [](World& world) {
    world.open() && world.repair(true);
    world.append(1);
  });
  made.base = {{"b1", "user_message", R"({"n":1})"},
               {"secret", "user_message", "{\"text\":\"" + secret + "\"}"},
               {"b3", "user_message", R"({"n":1})"},
               {"b5", "user_message", R"({"n":1})"},
               {"b6", "user_message", R"({"n":1})"}};
  put(made.start, root + "/checkpoints/s/9.note", "a note\n");
  made.start.sync_all();
  made.damaged = true;
  made.promise.tail = text;
  return made;
}

Scenario checkpoints(const std::string& log) {
  Scenario made = scenario("checkpoint", log, [](World& world) {
    world.open() && world.append(1) && world.save_note();
    world.append(1) && world.save_note();
  });
  made.notes = true;
  return made;
}

Scenario accepted_loss() {
  Scenario made = scenario("accept loss", base_log().text(), [](World& world) {
    world.open() && world.repair(false, true);
    world.append(1);
  });
  put(made.start, root + "/checkpoints/s/7.note", "a note\n");
  made.start.sync_all();
  made.lost = true;
  return made;
}

Scenario creation() {
  Scenario made{.name = "create", .start = {}, .base = {}, .run = [](World& world) {
                  world.open() && world.create();
                  world.append(1);
                  world.append(1);
                }};
  made.creates = true;
  return made;
}

Scenario deferred_creation() {
  Scenario made{.name = "create, and sync later", .start = {}, .base = {}, .run = [](World& world) {
                  world.open(Durability::deferred) && world.create();
                  world.append(1);
                  world.append(2);
                  world.sync() && world.append(1) && world.sync();
                }};
  made.creates = true;
  return made;
}

std::string importable() {
  LogText log;
  for (const char* const id : {"w0-0", "w1-0", "w2-0"})
    log.write({Draft{.id = id, .payload = payload_of(id)}});
  return log.text();
}

Scenario importing(const char* name, bool some_is_there) {
  Scenario made{.name = name, .start = {}, .base = {}, .run = [](World& world) {
                  world.open() && world.import_session(importable()) && world.append(1);
                }};
  if (some_is_there) {
    made.start = store_of(test::lines_of(importable())[0]);
    made.promise.acked = 1;
  }
  made.imports = importable();
  made.promise.counts = {1, 1, 1};
  made.creates = true;
  return made;
}

}  // namespace

Disk store_of(const std::string& log) {
  Disk disk;
  put(disk, root + "/agentstore.json", "{\"format\":1}\n");
  put(disk, root + "/sessions/s.json",
      R"({"id":"s","name":"a name","labels":{},"created_at":"2026-03-07T12:00:00Z",)"
      R"("updated_at":"2026-03-07T12:00:00Z","event_count":0})");
  put(disk, log_path, log);
  put(disk, root + "/locks/s.lock", "");
  disk.create(disk.find(root), "snapshots", true);
  disk.sync_all();
  return disk;
}

const std::vector<Scenario>& scenarios() {
  const auto open_and = [](std::vector<std::size_t> counts) {
    return [counts](World& world) {
      if (!world.open()) return;
      for (const std::size_t count : counts) world.append(count);
    };
  };
  const auto repair_first = [](World& world) {
    world.open() && world.repair(false);
    world.append(1);
  };
  const auto snapshots = [](World& world) {
    world.open() && world.append(1) && world.save_snapshots() && world.append(2) &&
        world.save_snapshots();
  };
  static const std::vector<Scenario> all = [&] {
    const std::string base = base_log().text();
    LogText longer = base_log();
    longer.write({Draft{.id = "t1"}, Draft{.id = "t2"}, Draft{.id = "t3"}});
    const std::string torn = longer.text().substr(base.size());
    const std::size_t line = torn.find('\n') + 1;
    const std::string of_first_sector = torn.substr(0, sector_bytes - base.size() % sector_bytes);
    return std::vector<Scenario>{
        creation(),
        scenario("append", base, open_and({1, 1})),
        scenario("batches", base, open_and({3, 2})),
        scenario("append, and sync later", base,
                 [](World& world) {
                   world.open(Durability::deferred) && world.append(3) && world.append(1) &&
                       world.sync();
                   world.append(2) && world.sync();
                 }),
        deferred_creation(),
        scenario("append to an empty log", "", open_and({1, 2})),
        scenario("append to a Go log", LogText{}.go_line().go_line().text(), open_and({1, 1})),
        scenario("append after a torn line", base + torn.substr(0, line - 40), open_and({1, 2})),
        scenario("append after half a batch", base + torn.substr(0, line), open_and({1, 1})),
        scenario("append after zeros", base + of_first_sector + std::string(900, '\0'),
                 open_and({2})),
        scenario("repair", base + torn.substr(0, line + 90), repair_first),
        checkpoints(base),
        scenario("snapshot", base, snapshots),
        redaction("redact", base_log(), {2}),
        redaction("redact several", two_secrets(), {4, 2}),
        salvage(),
        accepted_loss(),
        importing("adopt", false),
        importing("adopt the rest", true),
    };
  }();
  return all;
}

View check_as_found(const Scenario& scenario, const Disk& disk, bool durable, Promise& promise) {
  View view = look(disk);
  const bool untouched = scenario.damaged && view.log == scenario.log;
  require(untouched || view.verdict != Verdict::damaged, "the log is damaged");
  require(!untouched || !promise.salvaged, "the log is damaged again");
  if (!untouched) check_promise(disk, view, scenario.base, promise);
  if (durable && !scenario.damaged && !view.tail.empty()) promise.tail = view.tail;
  if (promise.redacted) promise.tail.clear();
  return view;
}

void recover(const Scenario& scenario, const View& found, SimSystem& system, Promise& promise) {
  World world{system, promise};
  const auto must = [&](bool done, const char* what) {
    require(done, std::string{what} + " fails: " + world.error());
  };
  must(world.open(), "opening");
  if (scenario.creates && scenario.imports.empty() && !promise.created) {
    must(world.create() || world.error().find("exists") != std::string::npos, "creating");
  }
  if (scenario.waits_for_import(promise)) {
    must(world.import_session(scenario.imports), "adopting");
  }
  if (scenario.redacts) world.check_readers();
  if (scenario.notes && found.tail.empty()) must(world.save_note(), "saving a checkpoint");
  if (scenario.damaged) must(world.repair(true), "salvaging");
  if (scenario.lost) must(world.repair(false, true), "accepting the loss");
  for (std::size_t i = 0; i < promise.counts.size(); ++i) {
    if ((promise.acked >> i & 1U) == 0) must(world.append_again(i), "appending again");
  }
  must(world.append(1), "appending");
  if (scenario.redacts && found.has(log::redacted_type)) {
    promise.redacted = true;  // Whoever appends has finished it.
  }
  const View view = look(system.disk);
  require(view.verdict == Verdict::clean && view.findings == 0, "the log does not verify clean");
  if (scenario.redacts) {  // What else a verifier looks at, the scan has seen.
    test::TextSource source{view.log};
    const auto verified = log::verify(source, "s", false);
    require(verified && verified->finding_count == 0, "the log has findings");
  }
  check_promise(system.disk, view, scenario.base, promise);
}

}  // namespace agentstore::reliability
