#include "backends/data_folder.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "support/events.hpp"

namespace agentstore {
namespace {

using test::code_of;
using test::TempFolder;
using test::write_text;

Result<DataFolder> open(const Path& root, bool create = false) {
  return DataFolder::open(linux_system(), root, create);
}

}  // namespace

TEST_SUITE("data folder") {
  TEST_CASE("what is missing or empty is a store only where one may be made") {
    const TempFolder folder;
    for (const Path& root : {folder / "missing", folder.path()}) {
      CHECK(code_of(open(root)) == Code::not_found);
      CHECK(open(root, true));
      CHECK_FALSE(std::filesystem::exists(root / "agentstore.json"));  // Opening writes nothing.
    }
  }

  TEST_CASE("a folder of something else is not touched") {
    const TempFolder folder;
    write_text(folder / "notes.txt", "mine");
    CHECK(code_of(open(folder.path(), true)) == Code::invalid);
    CHECK(code_of(open(folder / "notes.txt", true)) == Code::invalid);
  }

  TEST_CASE("one of the Go library is one of ours without a marker") {
    const TempFolder folder;
    std::filesystem::create_directory(folder / "events");
    const auto opened = open(folder.path());
    REQUIRE(opened);
    CHECK_FALSE(opened->marked());
  }

  TEST_CASE("the first write makes the folders, the marker, and keeps git from converting") {
    const TempFolder folder;
    const Path root = folder / "a/b";
    auto opened = open(root, true);
    REQUIRE(opened);
    REQUIRE(opened->prepare_for_writing());
    CHECK(opened->marked());
    CHECK(test::read_text(root / "agentstore.json") == "{\"format\":1}\n");
    CHECK(test::read_text(root / ".gitattributes") == "* -text\n");
    for (const char* const part : {"sessions", "events", "snapshots", "locks"})
      CHECK(std::filesystem::is_directory(root / part));
    CHECK(open(root));
  }

  TEST_CASE("git attributes that a user wrote stay") {
    const TempFolder folder;
    std::filesystem::create_directory(folder / "events");
    write_text(folder / ".gitattributes", "*.jsonl -diff\n");
    auto opened = open(folder.path());
    REQUIRE(opened);
    REQUIRE(opened->prepare_for_writing());
    CHECK(test::read_text(folder / ".gitattributes") == "*.jsonl -diff\n");
  }

  TEST_CASE("another format, or none that can be read, is not taken for ours") {
    const TempFolder folder;
    write_text(folder / "agentstore.json", "{\"format\":2}");
    CHECK(code_of(open(folder.path())) == Code::unsupported);
    for (const char* const marker : {"", "{", "{}", "{\"format\":\"1\"}"}) {
      write_text(folder / "agentstore.json", marker);
      CHECK(code_of(open(folder.path())) == Code::corrupt);
    }
  }

  TEST_CASE("an id names a file, or it can be none") {
    for (const std::string_view id : {"a", "a.b", "a b", "é", "-"}) CHECK(is_file_name(id));
    CHECK(is_file_name(std::string(240, 'x')));
    for (const std::string_view id : {"", ".", "..", ".a", "a/b", "/"})
      CHECK_FALSE(is_file_name(id));
    CHECK_FALSE(is_file_name(std::string(241, 'x')));
    CHECK_FALSE(is_file_name(std::string_view{"a\0b", 3}));
  }
}

}  // namespace agentstore
