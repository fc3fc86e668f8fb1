// Torn writes: every write of every shape of log is cut at every byte, and what stands behind the
// cut is nothing, zeros, or garbage. The whole writes before it are read, and nothing else; the
// next append cuts the rest off, keeps it, and chains.

#include <algorithm>

#include "log/verify.hpp"
#include "reliability/logs.hpp"
#include "reliability/scenarios.hpp"
#include "support/lines.hpp"

namespace agentstore::reliability {
namespace {

enum class Fill { nothing, zeros, garbage };

struct Cut {
  const Shape* shape;
  std::size_t start;  // of the write that is torn
  std::size_t end;
  std::size_t at;
  Fill fill;
  std::size_t filled;  // bytes behind the cut
};

std::string text_of(const Cut& cut, Random& random) {
  std::string text = cut.shape->log.text().substr(0, cut.at);
  for (std::size_t i = 0; i < cut.filled; ++i) {
    text += cut.fill == Fill::garbage ? static_cast<char>(below(random, 256)) : '\0';
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

void check(const Cut& cut, Random& random) {
  const std::string text = text_of(cut, random);
  // What stands behind the cut may make the write whole by chance: a newline.
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

// How many bytes stand behind a cut: the rest of the write; up to the end of its sector; or any.
std::size_t filled_bytes(const Cut& cut, int round, Random& random) {
  if (cut.fill == Fill::nothing) return 0;
  if (round == 0) return cut.end - cut.at;
  if (round == 1) return sector_bytes - cut.at % sector_bytes;
  return 1 + below(random, 3000);
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
          for (const Fill fill : {Fill::nothing, Fill::zeros, Fill::garbage}) {
            Cut cut{&shape, start, ends[i], at, fill, 0};
            cut.filled = filled_bytes(cut, round, random);
            try {
              check(cut, random);
            } catch (const Violation& violation) {
              throw Violation{std::string{violation.what()} + "\n  shape: " + shape.name +
                              ", byte " + std::to_string(at) + ", then " +
                              std::to_string(cut.filled) + " bytes of kind " +
                              std::to_string(static_cast<int>(fill))};
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
