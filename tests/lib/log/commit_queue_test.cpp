#include "log/commit_queue.hpp"

#include <doctest/doctest.h>

#include <latch>
#include <stdexcept>
#include <string>
#include <thread>

namespace agentstore::log {
namespace {

CheckedDraft draft(std::string event_id, std::size_t payload_bytes = 2) {
  return {"custom", '"' + std::string(payload_bytes - 2, 'x') + '"', "{}", std::move(event_id), {}};
}

// Commits in memory, each draft with the next number, and notes which ids went together. While the
// gate is shut a commit waits in it.
class Commits {
 public:
  Result<void> operator()(std::span<Request* const> requests) {
    ++under_way_;
    CHECK(under_way_ == 1);
    if (!begun_.try_wait()) begun_.count_down();
    gate_.wait();
    std::vector<std::string> ids;
    for (Request* const request : requests) {
      std::vector<Receipt> receipts;
      for (const CheckedDraft& one : request->drafts) {
        CHECK(request->sealings.size() == request->drafts.size());
        ids.push_back(one.event_id);
        receipts.push_back({++numbers_, one.event_id, {}, false});
      }
      request->result = std::move(receipts);
    }
    groups.push_back(std::move(ids));
    --under_way_;
    return {};
  }
  /// Returns once a commit waits at the gate.
  void wait_for_first() { begun_.wait(); }
  void open_gate() { gate_.count_down(); }

  std::vector<std::vector<std::string>> groups;

 private:
  std::latch begun_{1};
  std::latch gate_{1};
  std::atomic<int> under_way_ = 0;
  std::uint64_t numbers_ = 0;
};

CommitQueue queue_of(Commits& commits) {
  return {[&](auto requests) { return commits(requests); }, [] {}};
}

void wait_for_waiting(const CommitQueue& queue, std::size_t count) {
  while (queue.waiting() != count) std::this_thread::yield();
}

}  // namespace

TEST_SUITE_BEGIN("commit queue");

TEST_CASE("a caller who is alone leads its own commit, in its own thread") {
  std::thread::id committed_by;
  CommitQueue queue{[&](std::span<Request* const> requests) -> Result<void> {
                      committed_by = std::this_thread::get_id();
                      requests[0]->result = std::vector{Receipt{7, {}, {}, false}};
                      return {};
                    },
                    [] {}};
  const CheckedDraft one = draft("a");
  const auto receipts = queue.append({&one, 1}, {});
  REQUIRE(receipts);
  CHECK(receipts->front().sequence_number == 7);
  CHECK(committed_by == std::this_thread::get_id());
}

TEST_CASE("those who come during a commit share the next one, in the order in which they came") {
  Commits commits;
  CommitQueue queue = queue_of(commits);
  std::vector<CheckedDraft> drafts;
  for (const char* const id : {"a", "b", "c", "d"}) drafts.push_back(draft(id));
  std::vector<Result<std::vector<Receipt>>> results(drafts.size());
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    threads.emplace_back([&, i] { results[i] = queue.append({&drafts[i], 1}, {}); });
    if (i == 0) commits.wait_for_first();
    else wait_for_waiting(queue, i);
  }
  commits.open_gate();
  threads.clear();
  CHECK(commits.groups == std::vector<std::vector<std::string>>{{"a"}, {"b", "c", "d"}});
  for (std::size_t i = 0; i < results.size(); ++i) {
    REQUIRE(results[i]);
    CHECK(results[i]->front().sequence_number == i + 1);
  }
}

TEST_CASE("a commit holds no more than it may, unless one caller alone has more") {
  const auto groups_of = [](std::span<const std::vector<CheckedDraft>> calls) {
    Commits commits;
    CommitQueue queue = queue_of(commits);
    std::vector<std::jthread> threads;
    const CheckedDraft first = draft("first");
    threads.emplace_back([&] { CHECK(queue.append({&first, 1}, {})); });
    commits.wait_for_first();
    for (std::size_t i = 0; i < calls.size(); ++i) {
      threads.emplace_back([&, i] { CHECK(queue.append(calls[i], {})); });
      wait_for_waiting(queue, i + 1);
    }
    commits.open_gate();
    threads.clear();
    std::vector<std::size_t> sizes;
    for (const auto& group : commits.groups) sizes.push_back(group.size());
    return sizes;
  };
  const std::vector<CheckedDraft> half(group_drafts_max / 2, draft(""));
  const std::vector<CheckedDraft> over(group_drafts_max + 1, draft(""));
  const std::vector<CheckedDraft> large{draft("", group_bytes_max)};
  const std::vector<CheckedDraft> small{draft("")};
  CHECK(groups_of(std::vector{half, half, small}) ==
        std::vector<std::size_t>{1, group_drafts_max, 1});
  CHECK(groups_of(std::vector{over, small}) == std::vector<std::size_t>{1, over.size(), 1});
  CHECK(groups_of(std::vector{small, large, small}) == std::vector<std::size_t>{1, 1, 1, 1});
}

TEST_CASE("the error of a commit is the answer to all of its callers, and the next goes on") {
  std::latch gate{1};
  std::latch begun{1};
  int commits = 0;
  CommitQueue queue{[&](std::span<Request* const> requests) -> Result<void> {
                      if (++commits == 1) {
                        begun.count_down();
                        gate.wait();
                      }
                      if (commits == 2) return fail(Code::io, "no space");
                      for (Request* const request : requests)
                        request->result = std::vector<Receipt>(1);
                      return {};
                    },
                    [] {}};
  const CheckedDraft one = draft("");
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        const auto done = queue.append({&one, 1}, {});
        if (!done && done.error().code == Code::io) ++refused;
      });
      if (i == 0) begun.wait();
      else wait_for_waiting(queue, i);
    }
    gate.count_down();
  }
  CHECK(refused == 3);
  CHECK(queue.append({&one, 1}, {}));
}

TEST_CASE("what a commit throws reaches each of its callers, and nobody waits for ever") {
  std::latch gate{1};
  std::latch begun{1};
  int commits = 0;
  CommitQueue queue{[&](std::span<Request* const> requests) -> Result<void> {
                      if (++commits == 1) {
                        begun.count_down();
                        gate.wait();
                      }
                      if (commits == 2) throw std::runtime_error{"thrown"};
                      for (Request* const request : requests)
                        request->result = std::vector<Receipt>(1);
                      return {};
                    },
                    [] {}};
  const CheckedDraft one = draft("");
  std::atomic<int> caught = 0;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        try {
          (void)queue.append({&one, 1}, {});
        } catch (const std::runtime_error&) {
          ++caught;
        }
      });
      if (i == 0) begun.wait();
      else wait_for_waiting(queue, i);
    }
    gate.count_down();
  }
  CHECK(caught == 3);
  CHECK(queue.append({&one, 1}, {}));
}

TEST_CASE("who is exclusive goes before callers that wait, and keeps them out") {
  Commits commits;
  CommitQueue queue = queue_of(commits);
  const CheckedDraft first = draft("first");
  const CheckedDraft second = draft("second");
  std::vector<std::jthread> threads;
  threads.emplace_back([&] { CHECK(queue.append({&first, 1}, {})); });
  commits.wait_for_first();
  std::latch alone{1};
  std::latch done{1};
  std::size_t groups_before = 0;
  std::size_t groups_after = 0;
  threads.emplace_back([&] {
    const CommitQueue::Exclusively exclusively{queue};
    groups_before = commits.groups.size();
    alone.count_down();
    done.wait();
    groups_after = commits.groups.size();
  });
  // Whoever comes first of these two, the commit under way is over before either of them.
  threads.emplace_back([&] { CHECK(queue.append({&second, 1}, {})); });
  commits.open_gate();
  alone.wait();
  done.count_down();
  threads.clear();
  CHECK(groups_before >= 1);
  CHECK(groups_after == groups_before);
  CHECK(commits.groups == std::vector<std::vector<std::string>>{{"first"}, {"second"}});
}

TEST_CASE("after a shared commit a leader waits for company, as long as half a sync") {
  Commits commits;
  const CheckedDraft one = draft("a");
  int pauses = 0;
  std::thread company;
  CommitQueue queue{[&](auto requests) { return commits(requests); },
                    [&] {
                      if (++pauses == 1)
                        company = std::thread{[&] { CHECK(queue.append({&one, 1}, {})); }};
                    }};
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < 3; ++i) {
      threads.emplace_back([&] { CHECK(queue.append({&one, 1}, {})); });
      if (i == 0) commits.wait_for_first();
      else wait_for_waiting(queue, i);
    }
    commits.open_gate();
  }
  REQUIRE(commits.groups.back().size() == 2);
  SUBCASE("which is no time at all, where no sync was noted") {
    CHECK(queue.append({&one, 1}, {}));
    CHECK(pauses == 0);
  }
  SUBCASE("and with pauses, where syncs are slow") {
    for (int i = 0; i < 20; ++i) queue.note_sync(std::chrono::minutes{1});
    CHECK(queue.append({&one, 1}, {}));
    company.join();
    CHECK(commits.groups.back().size() == 2);
  }
}

TEST_SUITE_END();

}  // namespace agentstore::log
