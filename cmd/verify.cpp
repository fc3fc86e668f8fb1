#include "formats/verify.hpp"

#include "cmd/commands.hpp"
#include "cmd/select.hpp"

namespace agentstore::cmd {
namespace {

Result<Verification> verify_one(Selector& selector, const Chosen& chosen) {
  if (!chosen.path.empty()) return verify_log(chosen.path);
  auto store = selector.store();
  if (!store) return std::unexpected{store.error()};
  return (*store)->verify(chosen.session.id);
}

}  // namespace

int run(Context& context, const VerifyOptions& options) {
  Selector selector{context};
  int status = Status::fine;
  const auto note_status = [&](int other) {
    if (status == Status::fine) status = other;
  };

  std::vector<Chosen> chosen;
  if (options.sessions.empty()) {
    auto all = selector.all();
    if (!all) return context.refuse(all.error());
    chosen = std::move(*all);
  }
  for (const std::string& word : options.sessions) {
    auto one = selector.choose(word);
    if (one) chosen.push_back(std::move(*one));
    else note_status(context.refuse(one.error()));
  }

  std::vector<Verification> verifications;
  std::uint64_t unsealed = 0;
  for (const Chosen& one : chosen) {
    auto verification = verify_one(selector, one);
    if (!verification) {
      note_status(context.refuse(verification.error()));
      continue;
    }
    if (formats::has_findings(*verification)) note_status(Status::finding);
    unsealed += verification->unsealed;
    verifications.push_back(std::move(*verification));
  }
  context.start_pager();
  if (context.common.json) formats::write_verify_json(context.out, verifications);
  else if (!verifications.empty() || status == Status::fine)
    formats::write_verify_text(context.out, verifications, context.screen());
  if (options.require_sealed && unsealed > 0) {
    context.warn(std::to_string(unsealed) +
                 " events are not sealed, and --require-sealed is given");
    note_status(Status::finding);
  }
  return context.finish(status);
}

}  // namespace agentstore::cmd
