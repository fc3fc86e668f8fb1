#include "formats/answers/import.hpp"

#include "cmd/commands.hpp"
#include "cmd/import/importer.hpp"
#include "cmd/input/import_transactions.hpp"
#include "cmd/input/log_files.hpp"

namespace agentstore::cmd {
int run(Context& context, const ImportCommand& options) {
  const bool only_asks = is_of_transactions(options) && options.print_cursor;
  if (options.paths.empty() && !only_asks)
    return context.refuse(Code::invalid, "no PATH is given",
                          "`agentstore import --help` shows how");
  if (is_of_transactions(options)) return import_transactions(context, options);
  if (!options.session.empty() || options.print_cursor)
    return context.refuse(Code::invalid, "--session and --print-cursor are about transactions",
                          "add --as purpleflea, or leave them out");
  const auto as = source_named(options.as);
  if (!as) return context.refuse(as.error());
  auto store = context.open_store(store_to_import_into(options.dry_run));
  const bool nothing_yet = options.dry_run && !store && store.error().code == Code::not_found;
  if (!store && !nothing_yet) return context.refuse(store.error());
  Importer importer{context, store ? &*store : nullptr, context.store_names().front(), options,
                    *as};
  LogFiles files{[&](const Error& error) { importer.refuse(error); }};
  for (const std::string& path : options.paths)
    if (!files.add(path))
      context.note(in_quotes(path) + " is named more than once; it is imported once");
  if (const std::string note = files.note_of_links(); !note.empty()) context.note(note);
  importer.import(files.files());
  importer.pass_over(files.others());
  const formats::ImportAnswer& answer = importer.finish();
  if (context.common.json) formats::write_import_json(context.out, answer);
  else if (importer.met_transcripts())
    formats::write_import_text(context.out, answer, context.screen());
  return context.finish(importer.status());
}

}  // namespace agentstore::cmd
