#include "cmd/replay/feed_delivery.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "cmd/replay/waiting.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t events_between_commits = 500;
/// A reader that does not answer gets no more than this.
constexpr std::size_t pending_max = 10'000;
constexpr std::size_t ack_bytes_max = 4096;

}  // namespace

void FeedDelivery::event(const EventView& event, std::optional<std::int64_t> position, bool shown) {
  if (shown) printer_.event(event);
  ++given_;
  Given given{
      std::string{event.session_id},
      std::string{event.event_id},
      {event.sequence_number, std::string{event.hash}, event.offset_bytes + event.line.size() + 1},
      position};
  if (ack_) {
    if (shown) pending_.push_back(std::move(given));
    return;
  }
  if (position) position_ = position;
  else newest_.insert_or_assign(std::string{event.session_id}, std::move(given));
}

bool FeedDelivery::is_due() const {
  return given_ >= events_between_commits;
}

Result<bool> FeedDelivery::commit() {
  given_ = 0;
  if (!printer_.flush() || context_.out.done()) return false;
  if (ack_) {
    do {
      if (auto taken = take_acks(); !taken) return std::unexpected{taken.error()};
      if (closed_) return false;
      if (pending_.size() < pending_max) return true;
    } while (wait_a_moment(context_.out, 0));
    return false;
  }
  if (newest_.empty() && !position_) return true;
  if (!is_taken()) return false;
  for (auto& [session_id, given] : newest_) cursor_.move(session_id, given.place);
  newest_.clear();
  if (position_) cursor_.move(*position_);
  position_.reset();
  if (auto saved = cursor_.save(); !saved) return std::unexpected{saved.error()};
  return true;
}

// What is still in a pipe would be lost with its reader.
bool FeedDelivery::is_taken() const {
  struct stat status{};
  const int out = context_.out.descriptor();
  if (::fstat(out, &status) != 0 || !S_ISFIFO(status.st_mode)) return true;
  constexpr int moment_ms = 1;
  for (;;) {
    const bool last = is_interrupted();
    int unread = 0;
    if (::ioctl(out, FIONREAD, &unread) != 0 || unread == 0) return true;
    pollfd reader{out, 0, 0};
    ::poll(&reader, 1, moment_ms);
    if (last || (reader.revents & POLLERR) != 0) return false;
  }
}

Result<void> FeedDelivery::take_acks() {
  while (ack_ && !closed_) {
    pollfd input{0, POLLIN, 0};
    if (::poll(&input, 1, 0) <= 0) break;
    std::string part(std::size_t{1} << 16, '\0');
    const ssize_t got = ::read(0, part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return fail(Code::io,
                  "cannot read standard input: " + std::generic_category().message(errno));
    closed_ = got == 0;
    input_.append(part, 0, static_cast<std::size_t>(got));
    std::size_t start = 0;
    for (std::size_t end; (end = input_.find('\n', start)) != input_.npos; start = end + 1)
      acknowledge(std::string_view{input_}.substr(start, end - start));
    input_.erase(0, start);
    if (input_.size() > ack_bytes_max)
      return fail(Code::invalid, "a line on standard input is too long for an event id");
  }
  return cursor_.save();
}

// With an event all those before it in its session came back; in a database all before it.
void FeedDelivery::acknowledge(std::string_view word) {
  if (word.ends_with('\r')) word.remove_suffix(1);
  if (word.empty()) return;
  const auto found = std::ranges::find_if(pending_, [&](const Given& given) {
    return given.event_id.empty()
               ? word == fmt::format("{}#{}", given.session_id, given.place.sequence_number)
               : word == given.event_id;
  });
  if (found == pending_.end()) {
    context_.warn("no event " + in_quotes(word) + " waits for an acknowledgement");
    return;
  }
  const Given given = *found;
  move(given);
  const auto last = found + 1;
  const auto rest = std::remove_if(pending_.begin(), last, [&](const Given& one) {
    return given.position || one.session_id == given.session_id;
  });
  pending_.erase(rest, last);
}

void FeedDelivery::move(const Given& given) {
  if (given.position) cursor_.move(*given.position);
  else cursor_.move(given.session_id, given.place);
}

}  // namespace agentstore::cmd
