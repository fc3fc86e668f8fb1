#include "base/zstd_frames.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>

#include <string>

#include "support/folder.hpp"
#include "support/lines.hpp"

namespace agentstore {
namespace {

struct Read {
  std::string content;
  std::size_t frames = 0;
  Result<void> end = {};
};

Read read_all(const Path& path, std::uint64_t content_bytes_max = 1 << 20) {
  const auto file = open_file(linux_system(), path, O_RDONLY).value();
  FrameReader reader{linux_system(), file, path, content_bytes_max};
  Read read;
  for (;;) {
    const auto frame = reader.next();
    if (!frame) read.end = std::unexpected(frame.error());
    if (!frame || !*frame) return read;
    const auto content = reader.expand(**frame);
    if (!content) read.end = std::unexpected(content.error());
    if (!content) return read;
    read.content += *content;
    ++read.frames;
  }
}

}  // namespace

TEST_SUITE_BEGIN("zstd frames");

TEST_CASE("frames one after the other give what was put into them") {
  const test::TempFolder folder;
  std::string packed;
  std::string content;
  for (std::size_t size : {1U, 300'000U, 5U, 700'000U}) {
    std::string part;
    for (std::size_t i = 0; part.size() < size; ++i) part += std::to_string(i * size) + '\n';
    append_frame(packed, part);
    content += part;
  }
  test::write_text(folder / "f", packed);
  const Read read = read_all(folder / "f");
  CHECK(read.end);
  CHECK(read.frames == 4);
  CHECK(read.content == content);
}

TEST_CASE("a frame in memory gives its content, cut or too long it gives nothing") {
  std::string packed;
  append_frame(packed, "some text");
  CHECK(content_of_frame(packed, 9) == "some text");
  CHECK_FALSE(content_of_frame(packed, 8));
  for (std::size_t size = 0; size < packed.size(); ++size)
    CHECK_FALSE(content_of_frame(packed.substr(0, size), 9));
  CHECK_FALSE(content_of_frame("no frame", 9));
}

TEST_CASE("a file cut at any byte gives the frames before it, and an error or the end") {
  const test::TempFolder folder;
  std::string packed;
  append_frame(packed, "one\n");
  const std::size_t first = packed.size();
  append_frame(packed, "two\n");
  for (std::size_t size = 0; size <= packed.size(); ++size) {
    CAPTURE(size);
    test::write_text(folder / "f", packed.substr(0, size));
    const Read read = read_all(folder / "f");
    CHECK(read.content == (size < first ? "" : size < packed.size() ? "one\n" : "one\ntwo\n"));
    CHECK(read.end.has_value() == (size == 0 || size == first || size == packed.size()));
  }
}

TEST_CASE("a frame that claims more than there may be is damage") {
  const test::TempFolder folder;
  std::string packed;
  append_frame(packed, std::string(5000, 'x'));
  test::write_text(folder / "f", packed);
  CHECK(read_all(folder / "f", 5000).end);
  CHECK(read_all(folder / "f", 4999).end.error().code == Code::corrupt);
  test::write_text(folder / "f", "this is no frame");
  CHECK(read_all(folder / "f").end.error().code == Code::corrupt);
}

TEST_SUITE_END();

}  // namespace agentstore
