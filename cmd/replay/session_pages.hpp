// One session as a page of HTML: what is read for it, and in which order.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cmd/context.hpp"
#include "cmd/input/input.hpp"
#include "cmd/input/selector.hpp"
#include "formats/exports/secrets.hpp"
#include "formats/page/session_page.hpp"

namespace agentstore::cmd {

struct PageRequest {
  Filter filter = {};   ///< which events; one that leaves some out makes the page an extract
  bool redact = false;  ///< secrets are masked, and no stored line is in the page
  /// The sessions of sub-agents, by the id of who started them; absent: the store is asked.
  std::optional<std::map<std::string, std::vector<const Input*>, std::less<>>> children = {};
  /// The files of pages that are beside it, by session id.
  std::map<std::string, std::string, std::less<>> pages = {};
};

/// Reads a session for its page, then writes it. For one thread; everything given has to outlive
/// it.
class PageWriter {
 public:
  PageWriter(Context& context, Selector& selector, const Input& input, const PageRequest& request);
  ~PageWriter();

  /// Reads everything but the rows. Errors: as Input::read, with advice.
  Result<void> prepare();
  /// Of all that shapes the page; 64 hex digits.
  const std::string& fingerprint() const { return fingerprint_; }
  formats::PageKind kind() const { return kind_; }
  /// Writes the page to `context.out`, which is handed over by who opened it. The exit status; what
  /// went wrong was said. What is masked is counted in `masked`.
  int write(formats::SecretMask& masked);

 private:
  struct Read;
  /// Those of the session; `asked` keeps what the store was asked for. Errors: as
  /// Selector::children.
  Result<std::vector<const Input*>> children_of(Inputs& asked);
  Result<void> read_events(const EventView& event);
  Result<void> read_children();
  Result<void> choose_kind();
  formats::PageHead head() const;
  void mix(std::string_view bytes);

  Context& context_;
  Selector& selector_;
  const Input& input_;
  const PageRequest& request_;
  formats::SecretMask uncounted_;
  formats::PageKind kind_ = formats::PageKind::whole;
  bool partial_ = false;  // events of the session are left out
  std::string fingerprint_;
  std::unique_ptr<Read> read_;
};

}  // namespace agentstore::cmd
