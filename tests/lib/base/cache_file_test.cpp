#include "base/cache_file.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>

#include "support/folder.hpp"

namespace agentstore {

TEST_SUITE_BEGIN("cache file");

TEST_CASE("a half-written file is swept once its writer is gone, and not before") {
  const test::TempFolder folder;
  const Path temp = folder / ".sessions.0123456789abcdef.tmp";
  test::write_text(temp, "half");
  {
    const auto writer = open_file(linux_system(), temp, O_WRONLY);
    REQUIRE(writer);
    REQUIRE(linux_system().flock(writer->get(), LOCK_EX) == 0);
    sweep_cache_temp(linux_system(), temp);
    CHECK(std::filesystem::exists(temp));
  }
  sweep_cache_temp(linux_system(), temp);
  CHECK_FALSE(std::filesystem::exists(temp));
}

TEST_CASE("a file that is being written is not swept") {
  const test::TempFolder folder;
  const Path path = folder / "sessions";
  const auto saved = save_cache_file(linux_system(), path, 0600, linux_system().clock(),
                                     [&](std::int64_t) -> std::vector<std::string_view> {
                                       const auto names =
                                           list_folder(linux_system(), folder.path());
                                       REQUIRE(names);
                                       for (const std::string& name : *names)
                                         sweep_cache_temp(linux_system(), folder / name);
                                       return {"whole"};
                                     });
  REQUIRE(saved);
  CHECK(test::read_text(path) == "whole");
}

TEST_SUITE_END();

}  // namespace agentstore
