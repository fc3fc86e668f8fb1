// Commands: wishes that can be refused (PlaceBet), checked against the state that a session's
// events make before any event (BetPlaced) is written.
//
//   agentstore::Submitter account{store, "agent-001", agentstore::casino_commands(ledger)};
//   auto receipts = account.submit("PlaceBet", R"({"bet_id":"b-1","amount":10,"game":"dice"})");
//
// Two that submit at once never decide on the same state: what a command becomes is appended under
// the version that it was decided on, and is decided anew where somebody else was faster.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/append.hpp"
#include "agentstore/event.hpp"
#include "agentstore/projection.hpp"
#include "agentstore/result.hpp"
#include "agentstore/store.hpp"

namespace agentstore {

/// Decides a family of commands for one session, by the state that its events make. Write a class
/// with `apply` and `decide` for the commands of your domain:
///
///   class Door final : public CommandHandler {
///    public:
///     Result<void> apply(const EventView& event) override;  // notes that it was shut
///     Result<std::vector<Draft>> decide(std::string_view command,
///                                       std::string_view data) const override;
///   };
///
/// For one thread at a time. An event that `notes` say could not be read
/// (FoldNote::Kind::incomplete) has every command refused. Where either of the two throws, the
/// exception reaches the caller of `submit`; nothing was written, and the next submit folds anew.
class CommandHandler : public Projection {
 public:
  /// What a command becomes: events, all of them or none. `data` is any text. Changes nothing, and
  /// may be asked again with a newer state.
  /// Errors: invalid (no such command; data that it cannot read); conflict (refused, saying why).
  virtual Result<std::vector<Draft>> decide(std::string_view command,
                                            std::string_view data) const = 0;

  /// Snapshots make submitting to a long session faster. For these, override all four; a handler
  /// without a name has none, and folds the session once for each Submitter.
  std::string_view name() const override { return {}; }
  int version() const override { return 0; }
  std::string to_json() const override { return "{}"; }
  Result<void> from_json(std::string_view /*json*/) override {
    return fail(Code::unsupported, "these commands have no snapshots");
  }
};

/// Makes a handler that has seen no event yet.
using CommandHandlerFactory =
    std::function<std::unique_ptr<CommandHandler>(std::string_view session_id)>;

/// RegisterAgent, DepositFunds, WithdrawFunds, PlaceBet, SettleBet, ChargeFee, ClaimFaucet,
/// LockEscrow, ReleaseEscrow, decided by `ledger`, which is copied; see agentstore(1). Give that of
/// the store (`Store::ledger`), or what is allowed here is not what its balances show. A payment
/// that the ledger does not count, or cannot read, is refused.
CommandHandlerFactory casino_commands(const Ledger& ledger);

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
/// that are new; the seal of every event that it folds is checked. Movable; one thread at a time.
/// `store` has to outlive it, and must not be moved.
class Submitter {
 public:
  /// `make` is called again where the events have to be folded anew.
  Submitter(Store& store, std::string session_id, CommandHandlerFactory make);

  /// Durable on return, in one write; no event where it is refused. Blocks as Store::append does.
  /// Errors: as decide; conflict (an event id that is taken); busy (others were faster every time);
  /// as Store::read and Store::append.
  Result<std::vector<Receipt>> submit(std::string_view command, std::string_view data,
                                      const SubmitOptions& options = {});

 private:
  Result<void> start();
  Result<void> catch_up();
  Result<void> fold_new();
  void start_anew();
  Result<std::vector<Draft>> decide(std::string_view command, std::string_view data,
                                    const SubmitOptions& options) const;

  Store* store_;
  std::string session_id_;
  CommandHandlerFactory make_;
  std::unique_ptr<CommandHandler> handler_;
  std::uint64_t version_ = 0;  ///< the last event folded
  std::string head_;           ///< its hash
};

}  // namespace agentstore
