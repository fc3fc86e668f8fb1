// Puts a file's page cache into a known state; what a reader is given moves every figure, up to 3x.
//
//   perf_prime r|a FILE
//
//   r  dropped, then read back by readahead: large folios, as after a restart
//   a  written anew by one small write a line: pages of 4 KiB, as in a log that is being written

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

[[noreturn]] void fail(const std::string& path) {
  std::perror(path.c_str());
  std::exit(1);
}

int open_or_fail(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (file < 0) fail(path);
  return file;
}

/// Every block of a file in turn.
template <class Use>
void read_all(const std::string& path, Use use) {
  const int file = open_or_fail(path, O_RDONLY);
  std::vector<char> block(1 << 20);
  for (;;) {
    const ssize_t size = ::read(file, block.data(), block.size());
    if (size < 0) fail(path);
    if (size == 0) break;
    use(std::string_view(block.data(), static_cast<std::size_t>(size)));
  }
  ::close(file);
}

void write_or_fail(int file, std::string_view bytes, const std::string& path) {
  if (::write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) fail(path);
}

void read_back(const std::string& path) {
  const int file = open_or_fail(path, O_RDONLY);
  if (::fsync(file) != 0) fail(path);
  ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
  ::close(file);
  read_all(path, [](std::string_view) {});
}

void write_by_line(const std::string& path) {
  const std::string temp = path + ".primed";
  const int file = open_or_fail(temp, O_WRONLY | O_CREAT | O_TRUNC);
  std::string line;
  read_all(path, [&](std::string_view block) {
    for (std::size_t newline; (newline = block.find('\n')) != std::string_view::npos;) {
      line += block.substr(0, newline + 1);
      write_or_fail(file, line, temp);
      line.clear();
      block.remove_prefix(newline + 1);
    }
    line += block;
  });
  write_or_fail(file, line, temp);
  // What is not on disk yet would be written back while others are measured.
  if (::fsync(file) != 0 || ::close(file) != 0) fail(temp);
  if (std::rename(temp.c_str(), path.c_str()) != 0) fail(path);
}

}  // namespace

int main(int count, char** words) {
  const std::string_view state = count == 3 ? words[1] : "";
  if (state == "r") read_back(words[2]);
  else if (state == "a") write_by_line(words[2]);
  else return std::fputs("usage: perf_prime r|a FILE\n", stderr), 2;
}
