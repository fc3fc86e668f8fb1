#include "base/confined_system.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <cerrno>
#include <filesystem>

#include "base/file.hpp"
#include "support/folder.hpp"

namespace agentstore {
namespace {

namespace fs = std::filesystem;

// A folder with a link to another one and to a file in it, and one link on the way to the folder.
struct Links {
  Links() {
    fs::create_directories(folder / "real/part");
    fs::create_directories(folder / "elsewhere");
    fs::create_directory_symlink(folder / "real", folder / "root");
    fs::create_directory_symlink(folder / "elsewhere", folder / "real/link");
    test::write_text(folder / "elsewhere/thesis", "mine");
    test::write_text(folder / "real/part/file", "ours");
    fs::create_symlink(folder / "elsewhere/thesis", folder / "real/part/thesis");
  }
  std::string in(const char* name) const { return (folder / "root" / name).string(); }

  test::TempFolder folder;
  ConfinedSystem system{linux_system(), (folder / "root").string()};
};

}  // namespace

TEST_SUITE_BEGIN("confined system");

TEST_CASE("nothing is opened, listed, deleted or replaced through a link in the folder") {
  Links links;
  ConfinedSystem& system = links.system;
  struct stat status{};
  std::vector<std::string> names;
  const std::string file = links.in("part/file");
  CHECK(system.open(links.in("link/thesis").c_str(), O_RDONLY, 0) == -ELOOP);
  CHECK(system.open(links.in("link/new").c_str(), O_WRONLY | O_CREAT, 0600) == -ELOOP);
  CHECK(system.open(links.in("link").c_str(), O_RDONLY | O_DIRECTORY, 0) == -ELOOP);
  CHECK(system.open(links.in("part/thesis").c_str(), O_RDWR | O_APPEND, 0) == -ELOOP);
  CHECK(system.lstat(links.in("link/thesis").c_str(), status) == -ELOOP);
  CHECK(system.list(links.in("link").c_str(), names) == -ELOOP);
  CHECK(system.unlink(links.in("link/thesis").c_str()) == -ELOOP);
  CHECK(system.unlink(links.in("part/thesis").c_str()) == -ELOOP);
  CHECK(system.rename(file.c_str(), links.in("link/thesis").c_str()) == -ELOOP);
  CHECK(system.rename(links.in("link/thesis").c_str(), file.c_str()) == -ELOOP);
  CHECK(system.rename(links.in("part/thesis").c_str(), file.c_str()) == -ELOOP);
  CHECK(system.mkdir(links.in("link/new").c_str(), 0700) == -ELOOP);
  CHECK(system.mkdir(links.in("link").c_str(), 0700) == -ELOOP);
  CHECK(system.unlink(links.in("part/../link/thesis").c_str()) == -ELOOP);
  CHECK(names.empty());
  CHECK(test::read_text(links.folder / "elsewhere/thesis") == "mine");
  CHECK(test::read_text(links.folder / "real/part/file") == "ours");
}

TEST_CASE("the folder itself may be a link, and what lies in it is reached as ever") {
  Links links;
  ConfinedSystem& system = links.system;
  const Path from = links.in("part/file");
  const auto text = read_file(system, from, 100);
  REQUIRE(text);
  CHECK(*text == "ours");
  REQUIRE(make_folder(system, links.in("part/more"), 0700));
  REQUIRE(replace_file(system, links.in("part/more/file"), "new", 0600));
  CHECK(system.rename(links.in("part/more/file").c_str(), from.c_str()) == 0);
  CHECK(test::read_text(links.folder / "real/part/file") == "new");
  const auto names = list_folder(system, links.in("part"));
  REQUIRE(names);
  CHECK(*names == std::vector<std::string>{"file", "more", "thesis"});
  CHECK(system.unlink(from.c_str()) == 0);
  CHECK(system.unlink(links.in("part/none").c_str()) == -ENOENT);
  CHECK(system.unlink(links.in("none/none").c_str()) == -ENOENT);
}

TEST_CASE("an error names the link, wherever on the way it is") {
  Links links;
  const auto file = open_file(links.system, links.in("link/thesis"), O_RDONLY);
  REQUIRE(!file);
  CHECK(file.error().code == Code::io);
  CHECK(file.error().message ==
        "cannot open " + links.in("link/thesis") + ": " + links.in("link") + " is a symbolic link");
}

TEST_SUITE_END();

}  // namespace agentstore
