#include <sys/stat.h>

#include <filesystem>

#include "agentstore/json.hpp"
#include "cmd/commands.hpp"
#include "cmd/export_source.hpp"
#include "cmd/select.hpp"

namespace agentstore::cmd {
namespace {

bool is_folder(const std::string& path) {
  struct stat found{};
  return ::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

bool is_data_folder(const std::string& path) {
  return is_folder(path + "/events") || is_folder(path + "/sessions");
}

class Importer {
 public:
  Importer(Context& context, Store& store) : context_{context}, store_{store} {}

  void import(const std::string& path) {
    if (!is_folder(path)) import_export(path);
    else if (is_data_folder(path)) import_folder(path);
    else
      refuse(path, {},
             {Code::invalid, "cannot import " + in_quotes(path) + ": it is no data folder",
              "a data folder has the folders events and sessions"});
  }

  int finish() {
    if (auto closed = store_.close(); !closed) context_.warn(closed.error().message);
    if (context_.common.json)
      context_.out.write("{\"schema\":\"agentstore/import/1\",\"sessions\":[" + receipts_ + "]}\n");
    return context_.finish(status_);
  }

 private:
  void import_export(const std::string& path) {
    auto source = ExportSource::open(path);
    if (!source) return refuse(path, {}, source.error());
    const auto adopted = store_.adopt(source->session(), [&] { return source->next_line(); });
    if (!adopted) return refuse(path, source->session().id, adopted.error());
    tell(path, source->session().id, *adopted);
  }

  void import_folder(const std::string& path) {
    auto from = Store::open(path, {.create = false, .on_notice = [this](const std::string& notice) {
                                     context_.warn(notice);
                                   }});
    if (!from) return refuse(path, {}, from.error());
    const auto sessions = from->sessions({.fresh_counts = false});
    if (!sessions) return refuse(path, {}, sessions.error());
    for (const Session& session : *sessions) import_session(path, *from, session);
  }

  void import_session(const std::string& path, const Store& from, const Session& session) {
    auto reader = from.read(session.id, {.raw = true});
    if (!reader) return refuse(path, session.id, reader.error());
    std::span<const EventView> batch;
    std::size_t next = 0;
    const auto next_line = [&]() -> Result<std::optional<std::string_view>> {
      if (next == batch.size()) {
        const auto events = (*reader)->next();
        if (!events) return std::unexpected{events.error()};
        if (events->empty()) return std::nullopt;
        batch = *events;
        next = 0;
      }
      return batch[next++].line;
    };
    const auto adopted = store_.adopt(session, next_line);
    if (!adopted) return refuse(path, session.id, adopted.error());
    note_status(tell_report(context_, (*reader)->report(), OnCorrupt::strict));
    tell(path, session.id, *adopted);
  }

  void tell(const std::string& path, const std::string& session_id, const Adopted& adopted) {
    if (!context_.common.json) {
      context_.note(session_id + ": " + std::to_string(adopted.events) + " events imported, " +
                    std::to_string(adopted.already) + " were here before");
      return;
    }
    receive(path, session_id, adopted, "null");
  }

  void refuse(const std::string& path, const std::string& session_id, Error error) {
    if (!session_id.empty())
      error.message = "cannot import the session " + in_quotes(session_id) + ": " + error.message;
    note_status(context_.refuse(error));
    receive(path, session_id, {}, json::quote(error.message));
  }

  void receive(const std::string& path, const std::string& session_id, const Adopted& adopted,
               const std::string& error_json) {
    if (!receipts_.empty()) receipts_ += ',';
    receipts_ += "{\"path\":" + json::quote(path) +
                 ",\"session_id\":" + (session_id.empty() ? "null" : json::quote(session_id)) +
                 ",\"events\":" + std::to_string(adopted.events) +
                 ",\"already\":" + std::to_string(adopted.already) +
                 ",\"created\":" + (adopted.session_created ? "true" : "false") +
                 ",\"error\":" + error_json + "}";
  }

  void note_status(int status) {
    if (status_ == Status::fine) status_ = status;
  }

  Context& context_;
  Store& store_;
  int status_ = Status::fine;
  std::string receipts_;
};

}  // namespace

int run(Context& context, const ImportOptions& options) {
  auto store = context.open_store({.create = true});
  if (!store) return context.refuse(store.error());
  Importer importer{context, *store};
  for (const std::string& path : options.paths) importer.import(path);
  return importer.finish();
}

}  // namespace agentstore::cmd
