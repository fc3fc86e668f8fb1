#include "cmd/rerun/candidate.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "agentstore/json.hpp"
#include "cmd/quoting.hpp"
#include "cmd/rerun/running_groups.hpp"
#include "cmd/shell_command.hpp"

namespace agentstore::cmd {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t block_bytes = std::size_t{64} << 10;
constexpr std::size_t last_words_bytes_max = 2048;
constexpr std::size_t quoted_bytes_max = 200;
constexpr auto end_of_itself = 1000ms;  // a candidate whose input ends has so long
constexpr auto look_after_it = 100ms;   // one that says nothing may have ended

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(Code::io, "cannot make a pipe");
  return Pipe{Descriptor{ends[0]}, Descriptor{ends[1]}};
}

void never_block(const Descriptor& descriptor) {
  ::fcntl(descriptor.get(), F_SETFL, ::fcntl(descriptor.get(), F_GETFL) | O_NONBLOCK);
}

}  // namespace

Descriptor::Descriptor(Descriptor&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)} {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

void Descriptor::close() {
  if (is_open()) ::close(std::exchange(descriptor_, -1));
}

Result<Candidate> Candidate::start(const std::string& command) {
  auto input = make_pipe();
  auto output = make_pipe();
  auto errors = make_pipe();
  for (const auto* const pipe : {&input, &output, &errors})
    if (!*pipe) return std::unexpected{pipe->error()};
  const auto process = start_shell(command, {.input = input->read.get(),
                                             .output = output->write.get(),
                                             .errors = errors->write.get(),
                                             .own_group = true});
  if (!process) return std::unexpected{process.error()};
  running_groups().add(*process);
  Candidate candidate;
  candidate.process_ = *process;
  candidate.input_ = std::move(input->write);
  candidate.output_ = std::move(output->read);
  candidate.errors_ = std::move(errors->read);
  for (const auto* const end : {&candidate.input_, &candidate.output_, &candidate.errors_})
    never_block(*end);
  return candidate;
}

Candidate::Candidate(Candidate&& other) noexcept
    : process_{std::exchange(other.process_, 0)},
      ended_{other.ended_},
      input_{std::move(other.input_)},
      output_{std::move(other.output_)},
      errors_{std::move(other.errors_)},
      unsent_{std::move(other.unsent_)},
      unread_{std::move(other.unread_)},
      last_words_{std::move(other.last_words_)},
      useless_{other.useless_} {}

Candidate::~Candidate() {
  if (process_ == 0) return;
  input_.close();
  if (!useless_) wait_for_end(end_of_itself);
  end_group();
}

Result<void> Candidate::begin() {
  read_output();
  read_errors();
  last_words_.clear();
  answer_bytes_ = 0;
  if (unread_.size() == taken_bytes_) return {};
  useless_ = true;
  return fail(Code::invalid, "the candidate wrote something that it was not asked for: " +
                                 in_quotes(unread_.substr(taken_bytes_, quoted_bytes_max)));
}

bool Candidate::is_over() {
  return useless_ || wait_for_end(0ms).has_value();
}

bool Candidate::left_unheard() const {
  return ended_ && WIFEXITED(*ended_) && WEXITSTATUS(*ended_) == 0 && answer_bytes_ == 0;
}

Result<std::string> Candidate::next_line(Clock::time_point deadline) {
  for (;;) {
    if (auto line = take_line()) return std::move(*line);
    if (answer_bytes_ > answer_bytes_max) {
      useless_ = true;
      return fail(Code::invalid,
                  fmt::format("the answer is longer than {} MiB", answer_bytes_max >> 20U));
    }
    if (auto rest = take_rest()) return std::move(*rest);
    const bool unheard = !unsent_.empty() && !input_.is_open();
    if (!output_.is_open() || unheard) break;
    if (wait(std::min(deadline, Clock::now() + look_after_it))) continue;
    if (wait_for_end(0ms)) {
      // What it started and left behind may hold its output open.
      read_output();
      output_.close();
      continue;
    }
    if (Clock::now() < deadline) continue;
    useless_ = true;
    return fail(Code::invalid, with_last_words("there is no answer in time (--timeout)"));
  }
  useless_ = true;
  return std::unexpected{why_no_line()};
}

void Candidate::send_rest(Clock::time_point deadline) {
  while (!unsent_.empty() && input_.is_open() && wait(deadline)) continue;
}

std::optional<std::string> Candidate::take_line() {
  const std::size_t end = unread_.find('\n', searched_bytes_);
  searched_bytes_ = end == unread_.npos ? unread_.size() : end + 1;
  if (end == unread_.npos) return std::nullopt;
  std::string line = unread_.substr(taken_bytes_, end - taken_bytes_);
  taken_bytes_ = end + 1;
  if (taken_bytes_ == unread_.size() || taken_bytes_ > block_bytes) {
    unread_.erase(0, taken_bytes_);
    searched_bytes_ -= taken_bytes_;
    taken_bytes_ = 0;
  }
  return line;
}

std::optional<std::string> Candidate::take_rest() {
  const std::string_view rest = std::string_view{unread_}.substr(taken_bytes_);
  if (output_.is_open() || rest.empty() || json::check(rest, json::rules_to_read))
    return std::nullopt;
  std::string line{rest};
  taken_bytes_ = searched_bytes_ = unread_.size();
  return line;
}

bool Candidate::wait(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  std::array<pollfd, 3> ends{{{output_.get(), POLLIN, 0},
                              {errors_.get(), POLLIN, 0},
                              {unsent_.empty() ? -1 : input_.get(), POLLOUT, 0}}};
  const int ready = ::poll(ends.data(), ends.size(), static_cast<int>(std::max<long>(left, 0)));
  if (ready == 0) return false;
  if (ready < 0) return errno == EINTR;
  if (ends[1].revents != 0) read_errors();
  if (ends[0].revents != 0) read_output();
  if (ends[2].revents != 0) write_input();
  return true;
}

void Candidate::read_output() {
  std::array<char, block_bytes> block;
  while (output_.is_open() && answer_bytes_ <= answer_bytes_max) {
    const ssize_t got = ::read(output_.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return output_.close();
    unread_.append(block.data(), static_cast<std::size_t>(got));
    answer_bytes_ += static_cast<std::size_t>(got);
  }
}

void Candidate::read_errors() {
  std::array<char, block_bytes> block;
  while (errors_.is_open()) {
    const ssize_t got = ::read(errors_.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return errors_.close();
    last_words_.append(block.data(), static_cast<std::size_t>(got));
    if (last_words_.size() > last_words_bytes_max)
      last_words_.erase(0, last_words_.size() - last_words_bytes_max);
    if (static_cast<std::size_t>(got) < block.size()) return;
  }
}

void Candidate::write_input() {
  while (!unsent_.empty()) {
    const ssize_t sent = ::write(input_.get(), unsent_.data(), unsent_.size());
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) return;
    if (sent < 0) return input_.close();
    unsent_.erase(0, static_cast<std::size_t>(sent));
  }
}

Error Candidate::why_no_line() {
  const auto status = wait_for_end(end_of_itself);
  read_errors();
  const bool unread = !unsent_.empty();
  if (!status)
    return {Code::invalid,
            with_last_words(unread ? "the candidate closed its input before it had read the turn"
                                   : "the candidate closed its output before the turn's end")};
  if (WIFSIGNALED(*status))
    return {Code::invalid, with_last_words(fmt::format("the candidate was ended by signal {}",
                                                       WTERMSIG(*status)))};
  const int code = WEXITSTATUS(*status);
  if (code == 126 || code == 127)
    return {Code::not_found, with_last_words("the shell cannot run the candidate"),
            "check what --exec names"};
  return {Code::invalid,
          with_last_words(fmt::format("the candidate ended with exit status {}{}", code,
                                      unread ? ", and had not read all that it was told" : ""))};
}

std::string Candidate::with_last_words(std::string text) const {
  std::string_view words = last_words_;
  while (!words.empty() && (words.back() == '\n' || words.back() == ' ')) words.remove_suffix(1);
  words = words.substr(words.rfind('\n') + 1);
  if (!words.empty()) text += ": " + std::string{words.substr(0, quoted_bytes_max)};
  return text;
}

std::optional<int> Candidate::wait_for_end(std::chrono::milliseconds at_most) {
  constexpr int poll_ms = 5;
  const auto deadline = Clock::now() + at_most;
  while (process_ != 0) {
    int status = 0;
    const pid_t done = ::waitpid(process_, &status, WNOHANG);
    if (done == process_) {
      ended_ = status;
      // What it started and left behind would keep the pipes open.
      ::kill(-process_, SIGKILL);
      running_groups().remove(std::exchange(process_, 0));
    } else if (Clock::now() >= deadline) {
      return std::nullopt;
    } else {
      ::poll(nullptr, 0, poll_ms);
    }
  }
  return ended_;
}

void Candidate::end_group() {
  if (process_ == 0) return;
  ::kill(-process_, SIGKILL);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) continue;
  running_groups().remove(std::exchange(process_, 0));
}

}  // namespace agentstore::cmd
