// An embedder's program: writes two events to a folder, opens it again, and reads them back.
//
//   consumer FOLDER     prints the types of the events, then the state

#include <agentstore/agentstore.hpp>
#include <cstdio>
#include <string>

namespace {

agentstore::Result<std::string> write_events(const char* folder) {
  auto store = agentstore::Store::open(folder);
  if (!store) return std::unexpected(store.error());
  const auto session = store->create_session({.name = "consumer"});
  if (!session) return std::unexpected(session.error());

  const agentstore::Draft drafts[] = {
      {.type = "user_message", .payload = R"({"content":"hi"})"},
      {.type = "tool_called", .payload = R"({"tool":"search"})"},
  };
  const auto receipts = store->append(session->id, drafts, {.expected_version = 0});
  if (!receipts) return std::unexpected(receipts.error());
  return session->id;
}

agentstore::Result<std::string> read_back(const char* folder, const std::string& session_id) {
  auto store = agentstore::Store::open(folder, {.create = false});
  if (!store) return std::unexpected(store.error());
  auto types = store->reduce(session_id, std::string{}, [](std::string& text, const auto& event) {
    text.append(event.type).append("\n");
  });
  if (!types) return types;
  const auto state = store->state(session_id);
  if (!state) return std::unexpected(state.error());
  return *types + state->json;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto session_id = write_events(argv[1]);
  const auto text = session_id ? read_back(argv[1], *session_id) : session_id;
  std::puts(text ? text->c_str() : text.error().message.c_str());
  return text ? 0 : 1;
}
