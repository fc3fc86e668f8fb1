#include "cmd/terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cmd/ending_signals.hpp"
#include "cmd/quoting.hpp"

namespace agentstore::cmd {
namespace {

constexpr int escape_wait_ms = 50;

void write_text(std::string_view text) {
  [[maybe_unused]] const auto written = ::write(1, text.data(), text.size());
}

termios modes_before{};
// A byte in it: the size has changed. However many signals come, one is enough.
int resized[2] = {-1, -1};

void leave_screen() {
  write_text("\x1b[?7h\x1b[?25h\x1b[?1049l");
  ::tcsetattr(0, TCSANOW, &modes_before);
}

void note_resize(int) {
  const int before = errno;
  [[maybe_unused]] const auto written = ::write(resized[1], "", 1);
  errno = before;
}

void watch_size() {
  if (resized[0] < 0 && ::pipe2(resized, O_CLOEXEC | O_NONBLOCK) != 0) return;
  struct sigaction action{};
  action.sa_handler = note_resize;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGWINCH, &action, nullptr);
}

/// Waits for a byte; true: the size has changed meanwhile.
bool wait_for_byte() {
  pollfd both[2] = {{.fd = 0, .events = POLLIN, .revents = 0},
                    {.fd = resized[0], .events = POLLIN, .revents = 0}};
  while (::poll(both, 2, -1) < 0 && errno == EINTR) {
  }
  if ((both[1].revents & POLLIN) == 0) return false;
  char bytes[64];
  while (::read(resized[0], bytes, sizeof bytes) > 0) {
  }
  return true;
}

/// The next byte; '\0' at the end of the input.
char read_byte() {
  char byte = '\0';
  ssize_t got = 0;
  do got = ::read(0, &byte, 1);
  while (got < 0 && errno == EINTR);
  return got == 1 ? byte : '\0';
}

bool more_follows() {
  pollfd input{.fd = 0, .events = POLLIN, .revents = 0};
  return ::poll(&input, 1, escape_wait_ms) == 1;
}

/// What follows an escape: "[C" is the right arrow.
Key escape_sequence() {
  if (!more_follows()) return Key::escape;
  const char kind = read_byte();
  if (kind != '[' && kind != 'O') return Key::other;
  char last = read_byte();
  const char first = last;
  while (last >= '0' && last <= ';') last = read_byte();
  switch (last) {
    case 'A': return Key::up;
    case 'B': return Key::down;
    case 'C': return Key::right;
    case 'D': return Key::left;
    case 'H': return Key::first;
    case 'F': return Key::last;
    case '~': break;
    default: return Key::other;
  }
  switch (first) {
    case '1':
    case '7': return Key::first;
    case '4':
    case '8': return Key::last;
    case '5': return Key::page_up;
    case '6': return Key::page_down;
    default: return Key::other;
  }
}

Key key_of(char byte) {
  switch (byte) {
    case '\0': return Key::end_of_input;
    case '\x03':
    case '\x04': return Key::interrupt;
    case '\x1b': return escape_sequence();
    case '\r':
    case '\n': return Key::enter;
    case '\x7f':
    case '\b': return Key::erase;
    case '\x06': return Key::page_down;
    case '\x02': return Key::page_up;
    default: return static_cast<unsigned char>(byte) >= ' ' ? Key::text : Key::other;
  }
}

/// Terminals that all take the same few sequences, whether this machine describes them or not.
bool is_of_known_family(std::string_view name) {
  constexpr std::string_view families[] = {
      "xterm",   "screen", "tmux",   "rxvt",   "linux",   "vt1",       "vt2",     "vt3",
      "ansi",    "putty",  "kitty",  "foot",   "konsole", "gnome",     "vte",     "st-",
      "iterm",   "mintty", "cygwin", "eterm",  "nsterm",  "alacritty", "wezterm", "ghostty",
      "contour", "dtterm", "aterm",  "mlterm", "zellij"};
  return name == "st" || std::ranges::any_of(families, [&](std::string_view family) {
           return name.starts_with(family);
         });
}

/// Whether this machine describes it: terminfo(5) has a file for each, by its first letter, or by
/// that letter's code.
bool is_described(const std::string& name) {
  if (name.empty() || name.find('/') != name.npos) return false;
  std::vector<std::string> folders{"/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo",
                                   "/usr/lib/terminfo", "/usr/local/share/terminfo"};
  if (const char* const own = std::getenv("TERMINFO")) folders.emplace_back(own);
  if (const char* const home = std::getenv("HOME"))
    folders.push_back(std::string{home} + "/.terminfo");
  constexpr char digits[] = "0123456789abcdef";
  const auto first = static_cast<unsigned char>(name.front());
  const std::string code{digits[first / 16], digits[first % 16]};
  return std::ranges::any_of(folders, [&](const std::string& folder) {
    return ::access((folder + "/" + name.front() + "/" + name).c_str(), R_OK) == 0 ||
           ::access((folder + "/" + code + "/" + name).c_str(), R_OK) == 0;
  });
}

Result<void> check_terminal() {
  const char* const named = std::getenv("TERM");
  const std::string name = named == nullptr ? std::string{} : named;
  constexpr const char* hint = "--state prints the same from the first event to the last";
  if (name.empty() || name == "dumb" || name == "unknown")
    return fail(Code::invalid,
                "--step needs a terminal that can place its cursor: TERM is " +
                    (name.empty() ? std::string{"not set"} : name),
                hint);
  if (is_of_known_family(name) || is_described(name)) return {};
  return fail(Code::invalid,
              "--step does not know the terminal " + in_quotes(name) + ": no terminfo describes it",
              hint);
}

}  // namespace

Result<Terminal> Terminal::open() {
  termios before{};
  if (::isatty(1) != 1 || ::tcgetattr(0, &before) != 0)
    return fail(Code::invalid, "--step needs a terminal",
                "--state prints the same from the first event to the last");
  if (auto known = check_terminal(); !known) return std::unexpected{known.error()};
  modes_before = before;
  clean_up_at_signals(leave_screen);
  watch_size();
  termios raw = before;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG | IEXTEN);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  ::tcsetattr(0, TCSANOW, &raw);
  // A screen of its own, without a cursor; what is too wide is cut off, not wrapped.
  write_text("\x1b[?1049h\x1b[?25l\x1b[?7l");
  return Terminal{};
}

Terminal::Terminal(Terminal&& other) noexcept : owned_{std::exchange(other.owned_, false)} {}

Terminal::~Terminal() {
  if (!owned_) return;
  std::signal(SIGWINCH, SIG_DFL);
  leave_screen();
  nothing_to_clean_up(leave_screen);
}

KeyPress Terminal::read_key() {
  if (wait_for_byte()) return {Key::resize, '\0'};
  const char byte = read_byte();
  return {key_of(byte), byte};
}

ScreenSize Terminal::size() {
  winsize size{};
  if (::ioctl(1, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {.columns = size.ws_col, .lines = size.ws_row};
}

}  // namespace agentstore::cmd
