// Torn writes: every write of every shape of log is cut at every byte, with zeros behind the cut's
// sector or not, and with any of its sectors lost. The whole writes before it are read, and nothing
// else; the next append cuts the rest off, keeps it, and chains.

#include <algorithm>

#include "log/verify.hpp"
#include "reliability/logs.hpp"
#include "reliability/scenarios.hpp"
#include "support/lines.hpp"

namespace agentstore::reliability {
namespace {

enum class Loss { end, zeros, sectors };

struct Cut {
  const Shape* shape;
  std::size_t start;  // of the write that is torn
  std::size_t end;
  std::size_t at;
  Loss loss;
};

std::string text_of(const Cut& cut, int round, Random& random) {
  std::string text = cut.shape->log.text().substr(0, cut.at);
  if (cut.loss == Loss::zeros) {
    text.resize(std::max(cut.start, cut.at / sector_bytes * sector_bytes));
    const std::size_t most = cut.end - text.size();
    const std::size_t few = std::min(most, sector_bytes - text.size() % sector_bytes);
    text.append(round == 0 ? most : round == 1 ? few : below(random, most + 1), '\0');
  }
  if (cut.loss == Loss::sectors) {
    std::uint64_t lost = random();
    for (std::size_t at = cut.start; at < text.size(); ++at) {
      if (at % sector_bytes == 0) lost >>= 1U;
      if ((lost & 1U) != 0) text[at] = '\0';
    }
  }
  return text;
}

void check_appended(const Cut& cut, const View& before, const std::string& text) {
  Promise promise{.counts = {}};
  SimSystem system{store_of(text)};
  World world{system, promise};
  require(world.open() && world.append(1), "the next append fails: " + world.error());
  require(world.append(2), "the append behind it fails: " + world.error());
  const int log = system.disk.find(log_path);
  const std::string after = system.disk.node(log).content;
  require(
      after.starts_with(cut.shape->log.text().substr(0, before.log.size() - before.tail.size())),
      "the whole writes have changed");
  test::TextSource source{after};
  const auto verified = log::verify(source, "s", false);
  require(verified && verified->verdict == Verdict::clean && verified->finding_count == 0,
          "the log does not verify clean");
  require(verified->events == before.events.size() + 3 + (before.tail.empty() ? 0 : 1),
          "the log has " + std::to_string(verified->events) + " events");
  if (before.tail.empty()) return;
  const auto files = system.disk.files();
  require(std::any_of(files.begin(), files.end(),
                      [&](const auto& file) { return file.second == before.tail; }),
          "the torn bytes are not kept");
}

void check(const Cut& cut, int round, Random& random) {
  const std::string text = text_of(cut, round, random);
  const bool complete = text.starts_with(cut.shape->log.text().substr(0, cut.end));
  const std::size_t whole = complete ? cut.end : cut.start;
  const View before = look(text);
  const bool torn = whole < text.size();
  require(before.tail.size() == text.size() - whole, "other events are read than the whole ones");
  require(torn ? before.verdict == Verdict::torn
               : before.verdict == Verdict::clean || before.verdict == Verdict::unsealed,
          "the verdict is wrong");
  require(before.events.size() ==
              static_cast<std::size_t>(std::count(
                  text.begin(), text.begin() + static_cast<std::ptrdiff_t>(whole), '\n')),
          "not all of the whole events are read");
  check_appended(cut, before, text);
}

}  // namespace

std::uint64_t torn_campaign(const Settings& settings) {
  Random random{settings.seed};
  std::uint64_t states = 0;
  int round = 0;
  do {
    for (const Shape& shape : shapes()) {
      if (shape.name.find(settings.only) == std::string::npos) continue;
      const auto& ends = shape.log.ends();
      for (std::size_t i = shape.settled == 0 ? 0 : shape.settled + 1; i < ends.size(); ++i) {
        const std::size_t start = i == 0 ? 0 : ends[i - 1];
        for (std::size_t at = start; at <= ends[i]; ++at) {
          for (const Loss loss : {Loss::end, Loss::zeros, Loss::sectors}) {
            const Cut cut{&shape, start, ends[i], at, loss};
            try {
              check(cut, round, random);
            } catch (const Violation& violation) {
              throw Violation{std::string{violation.what()} + "\n  shape: " + shape.name +
                              ", byte " + std::to_string(at) + ", loss of kind " +
                              std::to_string(static_cast<int>(loss))};
            }
            ++states;
          }
        }
      }
    }
    ++round;
  } while (settings.go_on(states));
  return states;
}

}  // namespace agentstore::reliability
