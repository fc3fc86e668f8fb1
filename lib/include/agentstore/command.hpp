// Commands: wishes that can be refused (PlaceBet), checked against the state that a session's
// events make before any event (BetPlaced) is written.
//
//   agentstore::Submitter account{store, "agent-001", agentstore::casino_commands()};
//   auto receipts = account.submit("PlaceBet", R"({"bet_id":"b-1","amount":10,"game":"dice"})");
//
// Two that submit at once never decide on the same state: what a command becomes is appended under
// the version that it was decided on, and is decided anew where somebody else was faster.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/append.hpp"
#include "agentstore/event.hpp"
#include "agentstore/projection.hpp"
#include "agentstore/result.hpp"
#include "agentstore/store.hpp"

namespace agentstore {

/// What decides a family of commands. Write one of your own for the commands of your domain.
class CommandHandler {
 public:
  virtual ~CommandHandler() = default;

  /// The commands that it takes, for messages.
  virtual std::span<const std::string_view> commands() const = 0;

  /// The empty state that its decisions look at; of long sessions snapshots of it are kept. An
  /// event of which the state notes that it could not be read (FoldNote::Kind::incomplete) has
  /// every command refused.
  virtual std::unique_ptr<Projection> make_state(std::string_view session_id) const = 0;

  /// What a command becomes: events, all of them or none. `state` is one that make_state made;
  /// `data` is any text. Changes nothing, and may be asked again with a newer state.
  /// Errors: invalid (no such command; data that it cannot read); conflict (refused, saying why).
  virtual Result<std::vector<Draft>> decide(std::string_view command, std::string_view data,
                                            const Projection& state) const = 0;
};

/// RegisterAgent, DepositFunds, WithdrawFunds, PlaceBet, SettleBet, ChargeFee, ClaimFaucet,
/// LockEscrow, ReleaseEscrow, decided by the built-in ledger; see agentstore(1).
const CommandHandler& casino_commands();

/// The same, decided by `ledger`, which is copied. Give that of the store (`Store::ledger`), or
/// what is allowed here is not what its balances show. A payment that the ledger does not count, or
/// cannot read, is refused.
std::unique_ptr<CommandHandler> casino_commands(const Ledger& ledger);

struct SubmitOptions {
  /// Of the first event; those that follow in the batch have it with -2, -3… appended.
  /// Empty: the store makes them.
  std::string event_id = {};
  /// When it happened. Absent: the writer's clock.
  std::optional<Timestamp> timestamp = std::nullopt;
  /// How often it is decided anew, where another writer was faster.
  int attempts_max = 200;
};

/// Submits commands to one session. Folds its events once, from the newest snapshot, then those
/// that are new; the seal of every event that it folds is checked. Movable; one thread at a time;
/// `store` and `handler` have to outlive it.
class Submitter {
 public:
  Submitter(Store& store, std::string session_id, const CommandHandler& handler);

  /// Durable on return, in one write; no event where it is refused.
  /// Errors: as decide; conflict (an event id that is taken); busy (others were faster every time);
  /// as Store::read and Store::append.
  Result<std::vector<Receipt>> submit(std::string_view command, std::string_view data,
                                      const SubmitOptions& options = {});

 private:
  Result<void> start();
  Result<void> catch_up();
  void start_anew();
  Result<std::vector<Draft>> decide(std::string_view command, std::string_view data,
                                    const SubmitOptions& options) const;

  Store* store_;
  std::string session_id_;
  const CommandHandler* handler_;
  std::unique_ptr<Projection> state_;
  std::uint64_t version_ = 0;  ///< the last event folded
  std::string head_;           ///< its hash
};

}  // namespace agentstore
