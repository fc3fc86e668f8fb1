// campaign NAME [--states N] [--seed S] [--only PART] [--minutes M]
//
// Exit status 1, and the way to the state, where an invariant does not hold.

#include <malloc.h>
#include <sys/random.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

#include "reliability/campaign.hpp"

namespace {

agentstore::reliability::Random& random_source() {
  static agentstore::reliability::Random random;
  return random;
}

}  // namespace

// The kernel's source of random bytes, as far as this program knows: what the library draws is
// part of a state, and has to be the same in every run.
extern "C" ssize_t getrandom(void* into, std::size_t size, unsigned) noexcept(false) {
  auto* const bytes = static_cast<unsigned char*>(into);
  for (std::size_t at = 0; at < size; at += sizeof(std::uint64_t)) {
    const std::uint64_t word = random_source()();
    std::memcpy(bytes + at, &word, std::min(sizeof word, size - at));
  }
  return static_cast<ssize_t>(size);
}

namespace agentstore::reliability {

void seed_random_bytes(std::uint64_t seed) {
  random_source().seed(seed);
}

namespace {

using Run = std::function<std::uint64_t(const Settings&)>;

const std::map<std::string, Run>& campaigns() {
  static const std::map<std::string, Run> all{
      {"crash", [](const Settings& settings) { return crash_campaign(settings); }},
      {"torn", torn_campaign},
      {"bits", bits_campaign},
      {"faults", [](const Settings& settings) { return faults_campaign(settings); }},
      {"mutants", mutants_campaign},
  };
  return all;
}

int usage() {
  std::fputs("usage: campaign NAME [--states N] [--seed S] [--only PART] [--minutes M]\n", stderr);
  for (const auto& [name, run] : campaigns()) std::fprintf(stderr, "  %s\n", name.c_str());
  return 2;
}

int run(int argc, char** argv) {
  if (argc < 2 || argc % 2 != 0) return usage();
  const auto found = campaigns().find(argv[1]);
  if (found == campaigns().end()) return usage();
  Settings settings;
  for (int i = 2; i < argc; i += 2) {
    const std::string_view option = argv[i];
    if (option == "--states") settings.states = std::strtoull(argv[i + 1], nullptr, 10);
    else if (option == "--seed") settings.seed = std::strtoull(argv[i + 1], nullptr, 10);
    else if (option == "--only") settings.only = argv[i + 1];
    else if (option == "--minutes") {
      settings.until = std::chrono::steady_clock::now() +
                       std::chrono::minutes{std::strtol(argv[i + 1], nullptr, 10)};
    } else return usage();
  }
  std::printf("%s: seed %llu\n", argv[1], static_cast<unsigned long long>(settings.seed));
  std::fflush(stdout);
  try {
    const std::uint64_t states = found->second(settings);
    std::printf("%s: %llu states, 0 violations\n", argv[1],
                static_cast<unsigned long long>(states));
    return 0;
  } catch (const Violation& violation) {
    std::printf("%s: VIOLATION (seed %llu, states %llu): %s\n", argv[1],
                static_cast<unsigned long long>(settings.seed),
                static_cast<unsigned long long>(settings.states), violation.what());
    return 1;
  }
}

}  // namespace
}  // namespace agentstore::reliability

int main(int argc, char** argv) {
  // Large buffers come and go with every state: they are to stay in the process.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  return agentstore::reliability::run(argc, argv);
}
