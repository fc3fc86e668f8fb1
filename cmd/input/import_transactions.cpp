#include "cmd/input/import_transactions.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "agentstore/json.hpp"
#include "cmd/input/byte_input.hpp"
#include "cmd/input/write_target.hpp"
#include "formats/answers/import.hpp"
#include "formats/sources/transactions.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t page_bytes_max = std::size_t{64} << 20;

Result<std::string> read_page(const std::string& path) {
  auto input = ByteInput::open(path);
  if (!input) return std::unexpected{input.error()};
  std::string text;
  std::string part(std::size_t{1} << 18, '\0');
  for (;;) {
    const auto got = input->read(part.data(), part.size());
    if (!got) return std::unexpected{got.error()};
    if (*got == 0) return text;
    text.append(part, 0, *got);
    if (text.size() > page_bytes_max)
      return fail(Code::invalid, in_quotes(path) + " is larger than 64 MiB");
  }
}

/// The id of the last event that came from there; empty: none did.
Result<std::string> newest_id(const Store& store, const std::string& session_id) {
  const auto last_of = [&](std::uint64_t newest) -> Result<std::string> {
    ReadOptions options{.raw = true};
    options.filter.newest = newest;
    const auto reader = store.read(session_id, std::move(options));
    if (!reader) return std::unexpected{reader.error()};
    std::string id;
    const auto read = for_each_event(**reader, [&](const EventView& event) {
      if (json::find_text(event.metadata, "source") == formats::purpleflea)
        id = std::string{event.event_id};
    });
    if (!read) return std::unexpected{read.error()};
    return id;
  };
  constexpr std::uint64_t few = 64;
  auto id = last_of(few);
  return id && id->empty() ? last_of(0) : id;
}

class TransactionImporter {
 public:
  TransactionImporter(Context& context, const ImportCommand& options)
      : context_{context}, options_{options} {}

  Result<void> run() {
    auto target = open_to_write(context_, options_.session);
    if (!target) return std::unexpected{target.error()};
    answer_.dry_run = options_.dry_run;
    for (const std::string& path : options_.paths)
      if (auto imported = import(*target, path); !imported) return imported;
    if (options_.print_cursor) {
      const auto id = newest_id(target->store, target->session_id);
      if (!id) return std::unexpected{id.error()};
      if (!id->empty()) context_.out.write(*id + "\n");
    } else if (context_.common.json) {
      formats::write_import_json(context_.out, answer_);
    }
    if (auto closed = target->store.close(); !closed) context_.warn(closed.error().message);
    return {};
  }

 private:
  Result<void> import(WriteTarget& target, const std::string& path) {
    auto text = read_page(path);
    if (!text) return std::unexpected{text.error()};
    const auto drafts = formats::read_transactions(*text);
    if (!drafts) return at(path, drafts.error());
    formats::ImportedSession done{.path = path, .session_id = target.session_id, .error = {}};
    if (options_.dry_run) {
      done.events = drafts->size();
    } else if (!drafts->empty()) {
      const auto receipts = target.store.append(target.session_id, *drafts);
      if (!receipts) return at(path, receipts.error());
      done.already = static_cast<std::uint64_t>(
          std::ranges::count_if(*receipts, [](const Receipt& one) { return one.duplicate; }));
      done.events = receipts->size() - done.already;
    }
    tell(done);
    answer_.sessions.push_back(std::move(done));
    answer_.files.push_back({path, std::string{formats::purpleflea}, std::nullopt});
    return {};
  }

  void tell(const formats::ImportedSession& done) {
    if (context_.common.json || options_.print_cursor) return;
    context_.note(options_.dry_run ? fmt::format("{}: {} transactions would be imported",
                                                 done.session_id, done.events)
                                   : fmt::format("{}: {} events imported, {} were here before",
                                                 done.session_id, done.events, done.already));
  }

  static std::unexpected<Error> at(const std::string& path, Error error) {
    error.message = "cannot import " + in_quotes(path) + ": " + error.message;
    return std::unexpected{std::move(error)};
  }

  Context& context_;
  const ImportCommand& options_;
  formats::ImportAnswer answer_;
};

Result<void> check_use(const ImportCommand& options) {
  if (options.session.empty())
    return fail(Code::invalid, "transactions do not say whose session they are of",
                "give --session S");
  if (options.strict || options.keep_all || options.again)
    return fail(Code::invalid, "--strict, --keep-all and --again are about transcripts",
                "leave them out");
  return {};
}

}  // namespace

bool is_of_transactions(const ImportCommand& options) {
  return options.as == formats::purpleflea;
}

int import_transactions(Context& context, const ImportCommand& options) {
  if (auto use = check_use(options); !use) return context.refuse(use.error());
  TransactionImporter importer{context, options};
  if (auto done = importer.run(); !done) return context.refuse(done.error());
  return context.finish(Status::fine);
}

}  // namespace agentstore::cmd
