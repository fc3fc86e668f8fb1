#include "cmd/input/input_copies.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

#include "cmd/ending_signals.hpp"

namespace agentstore::cmd {
namespace {

constexpr int files_max = 10'000;
constexpr std::size_t number_bytes = 4;

// In arrays, for a handler of signals.
char folder_path[PATH_MAX];
char file_path[PATH_MAX];  // the folder's, a slash, the number of a file
volatile int file_count = 0;

void name_file(int number) {
  char* const end = file_path + std::strlen(folder_path) + 1 + number_bytes;
  for (char* digit = end; digit != end - number_bytes; number /= 10)
    *--digit = static_cast<char>('0' + number % 10);
}

void remove_files() {
  for (int number = 0; number < file_count; ++number) {
    name_file(number);
    ::unlink(file_path);
  }
  ::rmdir(folder_path);
}

std::unexpected<Error> cannot_copy(int error_number) {
  return fail(Code::io, std::string{"cannot keep a copy of the input in "} + folder_path + ": " +
                            std::strerror(error_number));
}

Result<void> make_folder() {
  const char* const parent = std::getenv("TMPDIR");
  const std::string folder =
      std::string{parent == nullptr ? "/tmp" : parent} + "/agentstore-XXXXXX";
  if (folder.size() + 1 + number_bytes + 1 > sizeof folder_path)
    return fail(Code::io, "the path in TMPDIR is too long");
  std::strcpy(folder_path, folder.c_str());
  if (::mkdtemp(folder_path) == nullptr) return cannot_copy(errno);
  std::strcpy(file_path, folder_path);
  std::strcat(file_path, "/0000");
  file_count = 0;
  clean_up_at_signals(remove_files);
  return {};
}

}  // namespace

InputCopies::~InputCopies() {
  if (!made_) return;
  remove_files();
  nothing_to_clean_up(remove_files);
}

Result<std::string> InputCopies::make(const std::function<Result<void>(Output&)>& fill) {
  if (!made_)
    if (auto made = make_folder(); !made) return std::unexpected{made.error()};
  made_ = true;
  if (file_count == files_max) return cannot_copy(EMFILE);
  std::string path = std::string{folder_path} + "/0000";
  std::string number = std::to_string(static_cast<int>(file_count));
  path.replace(path.size() - number.size(), number.size(), number);
  file_count = file_count + 1;
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return cannot_copy(errno);
  Output copy{file, path};
  auto filled = fill(copy);
  if (filled) filled = copy.commit();
  ::close(file);
  if (!filled) return std::unexpected{filled.error()};
  return path;
}

}  // namespace agentstore::cmd
