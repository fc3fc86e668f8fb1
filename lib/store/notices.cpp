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
  if (Write* const write = innermost_of(innermost)) write->waiting_.push_back({&to, text});
  else to(text);
}

Notices::Write* Notices::innermost_of(Write* write) const {
  while (write != nullptr && &write->notices_ != this) write = write->outer_;
  return write;
}

Notices::Write::Write(const Notices& notices)
    : notices_(notices), outer_(std::exchange(innermost, this)) {}

bool Notices::Write::leave_to_outer() {
  if (innermost == this) innermost = outer_;
  Write* const outer = notices_.innermost_of(outer_);
  if (outer == nullptr) return false;
  for (Waiting& one : std::exchange(waiting_, {})) outer->waiting_.push_back(std::move(one));
  return true;
}

Notices::Write::~Write() {
  if (leave_to_outer()) return;
  for (const Waiting& one : waiting_) {
    try {
      (*one.tell)(one.text);
    } catch (...) {  // NOLINT(bugprone-empty-catch): see the header
    }
  }
}

void Notices::Write::tell() {
  if (leave_to_outer()) return;
  for (const Waiting& one : std::exchange(waiting_, {})) (*one.tell)(one.text);
}

}  // namespace agentstore
