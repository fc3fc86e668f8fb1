#include "base/system.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <set>

namespace agentstore {

TEST_SUITE_BEGIN("system");

TEST_CASE("a process keeps its number, and the child of a fork has another") {
  const std::uint64_t mine = process_epoch();
  CHECK(process_epoch() == mine);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::uint64_t its = process_epoch();
    const bool fine = its != mine && process_epoch() == its;
    const pid_t grandchild = ::fork();
    if (grandchild == 0) ::_exit(process_epoch() != its && process_epoch() != mine ? 0 : 1);
    int status = -1;
    ::waitpid(grandchild, &status, 0);
    ::_exit(fine && status == 0 ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(process_epoch() == mine);
}

TEST_CASE("a pool gives no bytes twice, however many are taken at a time") {
  RandomPool pool;
  std::set<std::array<unsigned char, 16>> seen;
  std::array<unsigned char, RandomPool::bytes_max> many{};
  for (int i = 0; i < 2000; ++i) {
    std::array<unsigned char, 16> bytes{};
    pool.take(bytes.data(), bytes.size());
    CHECK(seen.insert(bytes).second);
    if (i % 500 == 0) pool.take(many.data(), many.size());
  }
}

}  // namespace agentstore
