// What a store notices, told to its embedder.

#pragma once

#include <functional>
#include <string>
#include <vector>

namespace agentstore {

/// Thread-safe, as far as the callbacks are.
class Notices {
 public:
  using Tell = std::function<void(const std::string&)>;
  Notices(Tell notice, Tell detail) : notice_(std::move(notice)), detail_(std::move(detail)) {}
  Notices(const Notices&) = delete;
  Notices& operator=(const Notices&) = delete;

  // Told at once, so that what the callback throws reaches the caller of the store; while this
  // thread is inside a write, once that is over.
  void notice(const std::string& text) const { tell(notice_, text); }
  void detail(const std::string& text) const { tell(detail_, text); }

  /// A write by this thread. A callback must neither run under the locks of a write, where it could
  /// not call the store, nor make what is durable look failed by what it throws.
  class Write {
   public:
    explicit Write(const Notices& notices);
    Write(const Write&) = delete;
    Write& operator=(const Write&) = delete;
    /// Tells what waits, or leaves it to the write that this one is within; what the callback
    /// throws is dropped.
    ~Write();
    /// The same, but throws what the callback throws: for a write that failed.
    void tell();

   private:
    friend class Notices;
    struct Waiting {
      const Tell* tell;
      std::string text;
    };

    bool leave_to_outer();

    const Notices& notices_;
    Write* const outer_;  // of this thread, of whatever store
    std::vector<Waiting> waiting_;
  };

 private:
  void tell(const Tell& to, const std::string& text) const;
  // The first write of these notices from `write` outwards; null: there is none.
  Write* innermost_of(Write* write) const;

  const Tell notice_;
  const Tell detail_;
};

}  // namespace agentstore
