#include "cmd/terminal.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "cmd/ending_signals.hpp"

namespace agentstore::cmd {
namespace {

constexpr int escape_wait_ms = 50;

void write_text(std::string_view text) {
  [[maybe_unused]] const auto written = ::write(1, text.data(), text.size());
}

termios modes_before{};

void leave_screen() {
  write_text("\x1b[?25h\x1b[?1049l");
  ::tcsetattr(0, TCSANOW, &modes_before);
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
  if (!more_follows()) return Key::quit;
  const char kind = read_byte();
  if (kind != '[' && kind != 'O') return Key::other;
  char last = read_byte();
  const char first = last;
  while (last >= '0' && last <= ';') last = read_byte();
  switch (last) {
    case 'A':
    case 'D': return Key::back;
    case 'B':
    case 'C': return Key::forward;
    case 'H': return Key::first;
    case 'F': return Key::last;
    case '~': return first == '5' ? Key::back : first == '6' ? Key::forward : Key::other;
    default: return Key::other;
  }
}

Key key_of(char byte) {
  switch (byte) {
    case '\0':
    case '\x03':
    case '\x04':
    case 'q': return Key::quit;
    case '\x1b': return escape_sequence();
    case '\r':
    case '\n': return Key::enter;
    case ' ':
    case 'n':
    case 'j':
    case 'l': return Key::forward;
    case '\x7f':
    case '\b':
    case 'b':
    case 'p':
    case 'k':
    case 'h': return Key::back;
    case 'g': return Key::first;
    case 'G': return Key::last;
    default: return byte >= '0' && byte <= '9' ? Key::digit : Key::other;
  }
}

}  // namespace

Result<Terminal> Terminal::open() {
  termios before{};
  if (::isatty(1) != 1 || ::tcgetattr(0, &before) != 0)
    return fail(Code::invalid, "--step needs a terminal",
                "--state prints the same from the first event to the last");
  modes_before = before;
  clean_up_at_signals(leave_screen);
  termios raw = before;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  ::tcsetattr(0, TCSANOW, &raw);
  write_text("\x1b[?1049h\x1b[?25l");
  return Terminal{};
}

Terminal::Terminal(Terminal&& other) noexcept : owned_{std::exchange(other.owned_, false)} {}

Terminal::~Terminal() {
  if (!owned_) return;
  leave_screen();
  nothing_to_clean_up(leave_screen);
}

KeyPress Terminal::read_key() {
  const char byte = read_byte();
  return {key_of(byte), byte};
}

ScreenSize Terminal::size() {
  winsize size{};
  if (::ioctl(1, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {.columns = size.ws_col, .lines = size.ws_row};
}

}  // namespace agentstore::cmd
