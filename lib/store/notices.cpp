#include "store/notices.hpp"

#include <utility>

namespace agentstore {
namespace {

// The writes that this thread is inside of, the innermost first: what a call to another store is
// given may write to this one.
thread_local Notices::Write* innermost = nullptr;

}  // namespace

void Notices::tell(const Tell& to, const std::string& text) const {
  if (!to) return;
  for (Write* write = innermost; write != nullptr; write = write->outer_) {
    if (&write->notices_ == this) {
      write->waiting_.push_back({&to, text});
      return;
    }
  }
  to(text);
}

Notices::Write::Write(const Notices& notices)
    : notices_(notices), outer_(std::exchange(innermost, this)) {}

Notices::Write::~Write() {
  if (innermost == this) innermost = outer_;
  for (const Waiting& one : waiting_) {
    try {
      (*one.tell)(one.text);
    } catch (...) {  // NOLINT(bugprone-empty-catch): see the header
    }
  }
}

void Notices::Write::tell() {
  innermost = outer_;
  for (const Waiting& one : std::exchange(waiting_, {})) (*one.tell)(one.text);
}

}  // namespace agentstore
