#include "base/file.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>

#include "support/fault_system.hpp"
#include "support/folder.hpp"

namespace agentstore {
namespace {

using test::FaultSystem;
using test::TempFolder;

}  // namespace

TEST_SUITE_BEGIN("file");

TEST_CASE("a FIFO, a symbolic link, a folder and a device are refused, and not waited for") {
  const TempFolder folder;
  REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
  test::write_text(folder / "target", "x");
  std::filesystem::create_symlink("target", folder / "link");
  std::filesystem::create_directory(folder / "folder");
  std::filesystem::create_symlink("/dev/zero", folder / "device");
  for (const int flags : {O_RDONLY, O_RDWR | O_APPEND}) {
    for (const char* const name : {"fifo", "link", "folder", "device"}) {
      CAPTURE(name);
      const auto file = open_file(linux_system(), folder / name, flags);
      REQUIRE_FALSE(file);
      CHECK(file.error().code == Code::io);
      CHECK(file.error().message.find(name) != std::string::npos);
    }
  }
}

TEST_CASE("a missing file is not found, and the error names it and the reason") {
  const TempFolder folder;
  const auto text = read_file(linux_system(), folder / "missing", 100);
  REQUIRE_FALSE(text);
  CHECK(text.error().code == Code::not_found);
  CHECK(text.error().message.find("missing: No such file or directory") != std::string::npos);
}

TEST_CASE("a file over the limit is refused") {
  const TempFolder folder;
  test::write_text(folder / "f", "12345");
  CHECK(read_file(linux_system(), folder / "f", 5) == "12345");
  CHECK(read_file(linux_system(), folder / "f", 4).error().code == Code::invalid);
}

TEST_CASE("writing and reading go on after an interrupt and after short counts") {
  const TempFolder folder;
  FaultSystem system;
  system.interrupt_every = 2;
  system.bytes_max = 3;
  const std::string text = "a text that is longer than three bytes";
  const Path path = folder / "f";
  {
    auto file = open_file(system, path, O_WRONLY | O_CREAT);
    REQUIRE(file);
    REQUIRE(write_all(system, *file, path, text));
  }
  CHECK(test::read_text(path) == text);
  CHECK(read_file(system, path, 100) == text);
}

TEST_CASE("a file is replaced whole or not at all, whichever call fails") {
  const TempFolder folder;
  const Path path = folder / "f";
  for (int k = 1;; ++k) {
    CAPTURE(k);
    test::write_text(path, "old");
    FaultSystem system;
    system.fail_at(k, EIO);
    const auto replaced = replace_file(system, path, "new", 0600);
    if (!system.fired()) break;
    CAPTURE(system.fired_call());
    const std::string now = test::read_text(path);
    // Syncing the folder comes last: it opens it, and then syncs it.
    const bool in_folder = system.fired_call() == "folder sync" || system.fired_call() == "open";
    if (replaced) CHECK(now == "new");
    else CHECK(now == (in_folder ? "new" : "old"));
    const bool left_over =
        std::distance(std::filesystem::directory_iterator{folder.path()}, {}) > 1;
    CHECK(left_over == (system.fired_call() == "unlink"));
    REQUIRE(k < 50);
  }
}

TEST_CASE("a temporary file's name begins with a dot and does not end in .json") {
  const std::string name = sibling_temp("/x/session.json").filename();
  CHECK(name.front() == '.');
  CHECK_FALSE(name.ends_with(".json"));
  CHECK(sibling_temp("/x/session.json").parent_path() == "/x");
  CHECK(sibling_temp("/x/a") != sibling_temp("/x/a"));
}

TEST_CASE("a lock that somebody has is waited for as long as allowed, and no longer") {
  const TempFolder folder;
  const Path path = folder / "lock";
  System& system = linux_system();
  auto one = open_file(system, path, O_RDWR | O_CREAT);
  auto two = open_file(system, path, O_RDWR | O_CREAT);
  REQUIRE(one);
  REQUIRE(two);
  CHECK(lock_file(system, *one, path, LOCK_EX, 0) == true);
  CHECK(lock_file(system, *two, path, LOCK_EX, 20) == false);
  CHECK(lock_file(system, *two, path, LOCK_SH, 0) == false);
  one = Descriptor{};
  CHECK(lock_file(system, *two, path, LOCK_EX, 0) == true);
}

TEST_CASE("a folder is made once, and nothing else may stand in its place") {
  const TempFolder folder;
  CHECK(make_folder(linux_system(), folder / "f", 0700));
  CHECK(make_folder(linux_system(), folder / "f", 0700));
  test::write_text(folder / "file", "");
  CHECK_FALSE(make_folder(linux_system(), folder / "file", 0700));
  CHECK(make_folder(linux_system(), folder / "a/b", 0700).error().code == Code::not_found);
}

TEST_SUITE_END();

}  // namespace agentstore
