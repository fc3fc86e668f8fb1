#include "cmd/input/unknown_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "agentstore/internal/nearest.hpp"
#include "cmd/quoting.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t candidates_max = 10;

std::string named(const Session& session) {
  return session.name.empty() ? session.id : session.id + " (" + session.name + ")";
}

std::string listed(const auto& found, const auto& name) {
  std::string list;
  for (std::size_t i = 0; i < std::min(found.size(), candidates_max); ++i)
    list += (i == 0 ? "" : ", ") + name(found[i]);
  if (found.size() > candidates_max)
    list += fmt::format(" and {} more", found.size() - candidates_max);
  return list;
}

}  // namespace

std::string candidates_text(const std::vector<Session>& found) {
  return listed(found, named);
}

Error ambiguous(std::string_view word, const Inputs& found) {
  return {Code::not_found, in_quotes(word) + " could be more than one session",
          "one of " + listed(found, [](const auto& one) {
            const std::string& store = one->store_name();
            return named(one->session()) + (store.empty() ? store : " in " + store);
          })};
}

Error ambiguous(std::string_view word, const std::vector<Session>& found) {
  return {Code::not_found, in_quotes(word) + " could be more than one session",
          "one of " + candidates_text(found)};
}

Error unknown(std::string_view word, const std::vector<Session>& sessions) {
  std::vector<std::string> words;
  for (const Session& session : sessions) {
    words.push_back(session.id);
    words.push_back(session.name);
  }
  const std::string near = nearest(word, words);
  return {Code::not_found, "there is no session " + in_quotes(word),
          near.empty() ? "`agentstore sessions` lists what is there"
                       : "did you mean " + in_quotes(near) + "?"};
}

bool is_refusal(const Error& error) {
  return error.code != Code::not_found && error.code != Code::invalid;
}

}  // namespace agentstore::cmd
