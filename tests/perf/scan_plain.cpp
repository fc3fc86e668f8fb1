// Lines of no form that the fast parser knows: other orders of keys, spaces between them. They are
// read in order, by one thread, each parsed and checked in whole; against simdjson On-Demand, which
// takes the same fields out of the same lines, and checks what it passes by for brackets and UTF-8.
//
//   perf_scan_plain [EVENTS]       default: 200,000, in TMPDIR

#include <simdjson.h>

#include <cstring>
#include <fstream>

#include "support/agent_events.hpp"
#include "support/measure.hpp"

namespace agentstore::perf {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::uint64_t seed = 20261121;
constexpr int rounds = 7;
constexpr std::size_t read_bytes = std::size_t{256} << 10;

// What both have to find.
struct Sums {
  std::uint64_t events = 0;
  std::uint64_t numbers = 0;
  std::uint64_t text_bytes = 0;  // of types, metadata and payloads
  bool operator==(const Sums&) const = default;
};

std::string line_of(const Draft& draft, std::uint64_t number) {
  const std::string type = R"("type": ")" + draft.type + '"';
  const std::string place = R"("session_id": "s", "sequence_number": )" + std::to_string(number);
  const Timestamp at{1'772'884'800 + static_cast<std::int64_t>(number / 5), 123'456'789};
  const std::string time = R"("timestamp": ")" + format_rfc3339(at) + '"';
  const std::string rest = R"("payload": )" + draft.payload + R"(, "metadata": )" + draft.metadata;
  if (number % 2 == 0) return "{" + type + ", " + time + ", " + place + ", " + rest + "}\n";
  return "{" + rest + ", " + place + ", " + time + ", " + type + "}\n";
}

void write_log(const std::filesystem::path& path, std::uint64_t events) {
  AgentEvents made{seed};
  std::ofstream log{path, std::ios::binary};
  for (std::uint64_t number = 1; number <= events; ++number) log << line_of(made.next(), number);
  if (log.flush()) return;
  std::perror(path.c_str());
  std::exit(1);
}

Sums read_ours(const std::filesystem::path& path) {
  Sums sums;
  const auto reader = must(read_log(path));
  for (auto events = must(reader->next()); !events.empty(); events = must(reader->next())) {
    for (const EventView& event : events) {
      ++sums.events;
      sums.numbers += event.sequence_number;
      sums.text_bytes += event.type.size() + event.metadata.size() + event.payload.size();
    }
  }
  return sums;
}

void take(ondemand::parser& parser, simdjson::padded_string_view line, Sums& sums) {
  ondemand::document event = parser.iterate(line);
  for (ondemand::field field : event.get_object()) {
    const std::string_view key = field.unescaped_key();
    if (key == "sequence_number") {
      sums.numbers += field.value().get_uint64();
    } else if (key == "type") {
      sums.text_bytes += std::string_view{field.value().get_string()}.size();
    } else if (key == "session_id" || key == "timestamp") {
      (void)std::string_view{field.value().get_string()};
    } else if (key == "payload" || key == "metadata") {
      sums.text_bytes += std::string_view{simdjson::to_json_string(field.value())}.size();
    }
  }
  ++sums.events;
}

Sums read_with_simdjson(const std::filesystem::path& path) {
  Sums sums;
  ondemand::parser parser;
  std::ifstream log{path, std::ios::binary};
  log.rdbuf()->pubsetbuf(nullptr, 0);
  std::vector<char> buffer(read_bytes + simdjson::SIMDJSON_PADDING);
  std::size_t kept = 0;
  for (;;) {
    if (kept == buffer.size() - simdjson::SIMDJSON_PADDING) buffer.resize(2 * buffer.size());
    const auto room = buffer.size() - simdjson::SIMDJSON_PADDING - kept;
    log.read(buffer.data() + kept, static_cast<std::streamsize>(room));
    const char* const end = buffer.data() + kept + log.gcount();
    if (log.gcount() == 0) return sums;
    const char* at = buffer.data();
    while (const void* const newline = std::memchr(at, '\n', static_cast<std::size_t>(end - at))) {
      const auto size = static_cast<std::size_t>(static_cast<const char*>(newline) - at);
      const auto left = static_cast<std::size_t>(end - at);
      take(parser, simdjson::padded_string_view{at, size, left + simdjson::SIMDJSON_PADDING}, sums);
      at += size + 1;
    }
    kept = static_cast<std::size_t>(end - at);
    std::memmove(buffer.data(), at, kept);
  }
}

void run(std::uint64_t events) {
  const WorkFolder folder{""};
  const auto path = folder.path() / "s.jsonl";
  write_log(path, events);
  const double bytes = static_cast<double>(std::filesystem::file_size(path));
  if (read_ours(path) != read_with_simdjson(path)) {
    std::fputs("scan-plain: the two read different events\n", stderr);
    std::exit(1);
  }
  std::vector<double> ours;
  std::vector<double> other;
  for (int i = 0; i < rounds; ++i) {
    ours.push_back(bytes / 1e9 / seconds([&] { read_ours(path); }));
    other.push_back(bytes / 1e9 / seconds([&] { read_with_simdjson(path); }));
  }
  row({.benchmark = "scan-plain",
       .work = "lines of other forms, read in order by one thread",
       .ours = median_of(ours),
       .unit = "GB/s",
       .peer = "simdjson On-Demand",
       .peer_value = median_of(other),
       .aim = 0.5});
}

}  // namespace
}  // namespace agentstore::perf

int main(int count, char** words) {
  agentstore::perf::run(count > 1 ? std::strtoull(words[1], nullptr, 10) : 200'000);
}
