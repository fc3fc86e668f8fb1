#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "agentstore/json.hpp"
#include "cmd/commands.hpp"
#include "cmd/input/input_lines.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/input/write_target.hpp"
#include "cmd/read_whole.hpp"
#include "cmd/words/drafts.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t batch_bytes_max = std::size_t{64} << 20;

/// Appends drafts to one session and acknowledges them on standard output.
class Appender {
 public:
  Appender(Context& context, Store& store, std::string session_id,
           agentstore::AppendOptions options)
      : context_{context},
        store_{store},
        session_id_{std::move(session_id)},
        options_{std::move(options)} {}

  Result<void> append(std::span<const Draft> drafts) {
    const auto receipts = store_.append(session_id_, drafts, options_);
    if (!receipts) return std::unexpected{receipts.error()};
    for (const Receipt& receipt : *receipts) {
      context_.out.write(receipt_line(receipt));
      // The next drafts expect what these have made of the session.
      if (options_.expected_version && !receipt.duplicate)
        options_.expected_version = receipt.sequence_number;
      if (!options_.expected_head.empty() && !receipt.duplicate)
        options_.expected_head = receipt.hash.hex();
    }
    context_.out.flush();
    return {};
  }

  /// Whether acknowledgements are wanted that can no longer be given.
  bool must_stop() const { return context_.out.done() && !context_.out.unread(); }

  /// Nobody has to listen: a closed output is no reason to lose events.
  int finish(int status) {
    if (auto closed = store_.close(); !closed) context_.warn(closed.error().message);
    return context_.out.unread() ? status : context_.finish(status);
  }

 private:
  Context& context_;
  Store& store_;
  std::string session_id_;
  agentstore::AppendOptions options_;
};

int refuse_at(Context& context, Error error, std::uint64_t line, bool earlier_stand) {
  error = context.advised(std::move(error));
  const std::string place = fmt::format("stdin:{}", line);
  error.message = place + ": " + error.message;
  if (!error.hint.empty()) error.hint += "; ";
  error.hint += earlier_stand ? "events before " + place + " are stored, go on from that line"
                              : "nothing of this batch is stored";
  return context.refuse(error);
}

/// Appends a group; where one draft is refused, those before it on their own.
int append_group(Context& context, Appender& appender, std::span<const Draft> drafts,
                 std::span<const InputLine> lines) {
  const auto appended = appender.append(drafts);
  if (appended) return Status::fine;
  Error error = appended.error();
  std::size_t refused = error.draft_index < drafts.size() ? error.draft_index : 0;
  if (refused > 0)
    if (auto first = appender.append(drafts.first(refused)); !first) {
      error = first.error();
      refused = error.draft_index < refused ? error.draft_index : 0;
    }
  return refuse_at(context, error, lines[refused].number, true);
}

int append_lines(Context& context, Appender& appender) {
  InputLines input{0};
  std::uint64_t blank_line = 0;  // Harmless only as the last.
  while (true) {
    const auto lines = input.next_group();
    if (!lines) return refuse_at(context, lines.error(), input.next_number(), true);
    if (lines->empty()) return Status::fine;
    std::vector<Draft> drafts;
    std::optional<Error> bad;
    std::uint64_t bad_line = 0;
    for (const auto& [number, text] : *lines) {
      auto draft = blank_line != 0 ? Result<Draft>{fail(Code::invalid, "the line is blank")}
                                   : parse_draft(text);
      if (blank_line == 0 && text.empty()) {
        blank_line = number;
      } else if (draft) {
        drafts.push_back(std::move(*draft));
      } else {
        bad = draft.error();
        bad_line = blank_line != 0 ? blank_line : number;
        break;
      }
    }
    if (!drafts.empty())
      if (const int status = append_group(context, appender, drafts, *lines); status != 0)
        return status;
    if (appender.must_stop()) {
      context.warn(fmt::format(
          "events up to stdin:{} are stored; their acknowledgements could not be written",
          lines->front().number + drafts.size() - 1));
      return Status::io_failed;
    }
    if (bad) return refuse_at(context, *bad, bad_line, true);
  }
}

int append_batch(Context& context, Appender& appender) {
  const auto input = read_whole(0, batch_bytes_max, "-");
  if (!input) return context.refuse(input.error());
  std::vector<Draft> drafts;
  std::string_view rest = *input;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.empty() && rest.empty()) break;
    auto draft = parse_draft(line);
    if (!draft) return refuse_at(context, draft.error(), drafts.size() + 1, false);
    drafts.push_back(std::move(*draft));
  }
  if (drafts.empty()) return Status::fine;
  const auto appended = appender.append(drafts);
  if (appended) return Status::fine;
  const std::size_t index = appended.error().draft_index;
  return refuse_at(context, appended.error(), index < drafts.size() ? index + 1 : 1, false);
}

/// What is no JSON at all may be a text for which the quotes were forgotten.
Result<void> check_payload(std::string_view typed, std::string_view payload) {
  const auto wrong = json::check(payload, json::rules_to_store);
  if (!wrong) return {};
  std::string hint;
  if (!typed.starts_with('@') && wrong->offset_bytes == 0)
    hint = "a text stands in quotes: '" + json::quote(typed.substr(0, 60)) + "'; or give --text";
  return fail(Code::invalid,
              fmt::format("the payload {} (byte {})", wrong->what, wrong->offset_bytes), hint);
}

Result<Draft> draft_of(const AppendCommand& options, const Zone& zone) {
  Draft draft;
  draft.type = *options.type;
  if (options.payload) {
    auto payload = read_payload(*options.payload);
    if (!payload) return std::unexpected{payload.error()};
    if (payload->empty()) return fail(Code::invalid, "the payload is empty", "write {} for none");
    if (auto json = check_payload(*options.payload, *payload); !json)
      return std::unexpected{json.error()};
    draft.payload = std::move(*payload);
  }
  if (options.text) draft.payload = "{\"content\":" + json::quote(*options.text) + "}";
  if (options.metadata) {
    if (options.metadata->empty())
      return fail(Code::invalid, "the metadata is empty", "write {} for none");
    draft.metadata = *options.metadata;
  }
  if (auto read = read_flags(options.event, zone, draft.event_id, draft.timestamp); !read)
    return std::unexpected{read.error()};
  return draft;
}

Result<void> check_use(const AppendCommand& options) {
  const bool flags = options.type || options.payload || options.text || options.metadata ||
                     options.event.event_id || options.event.timestamp;
  if (!options.input.empty() && options.input != "-")
    return fail(Code::invalid, "unexpected " + in_quotes(options.input),
                "`append SESSION -` reads drafts from standard input");
  if (options.input == "-" && flags)
    return fail(Code::invalid, "an event is given by flags, and - is given too",
                "give one of them");
  if (options.input.empty() && !options.type)
    return fail(Code::invalid, "no event is given",
                "give --type and --payload or --text, or - to read drafts from standard input");
  if (options.payload && options.text)
    return fail(Code::invalid, "--payload and --text are given", "give one of them");
  if (options.batch && options.input.empty())
    return fail(Code::invalid, "--batch is for drafts on standard input", "add -");
  if (options.durability != "fsync" && options.durability != "none")
    return fail(Code::invalid, "--durability cannot be " + in_quotes(options.durability),
                "it is fsync or none");
  return {};
}

}  // namespace

int run(Context& context, const AppendCommand& options) {
  if (auto use = check_use(options); !use) return context.refuse(use.error());
  StoreOptions store_options{.create = false};
  if (options.durability == "none") {
    store_options.durability = Durability::none;
    context.note("--durability none: a power cut may lose what is acknowledged");
  }
  if (options.lock_timeout_ms)
    store_options.lock_timeout = std::chrono::milliseconds{*options.lock_timeout_ms};
  auto target = open_to_write(context, options.session, std::move(store_options));
  if (!target) return context.refuse(target.error());
  Appender appender{context,
                    target->store,
                    std::move(target->session_id),
                    {options.expected_version, options.expected_head}};

  if (options.batch) return appender.finish(append_batch(context, appender));
  if (options.input == "-") return appender.finish(append_lines(context, appender));
  const auto draft = draft_of(options, context.zone);
  if (!draft) return context.refuse(draft.error());
  const auto appended = appender.append({&*draft, 1});
  return appender.finish(appended ? Status::fine : context.refuse(appended.error()));
}

}  // namespace agentstore::cmd
