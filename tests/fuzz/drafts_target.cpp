// Drafts on standard input: lines in groups however they come, and each line a draft or refused.

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "agentstore/json.hpp"
#include "cmd/input/input_lines.hpp"
#include "cmd/words/drafts.hpp"
#include "fuzz/require.hpp"
#include "log/draft.hpp"

namespace agentstore::fuzz {
namespace {

/// A pipe that holds the input; small enough that it never fills.
class Input {
 public:
  explicit Input(std::string_view bytes) {
    int ends[2];
    require(::pipe2(ends, O_CLOEXEC) == 0, "a pipe can be made");
    require(::write(ends[1], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
            "a pipe takes the input");
    ::close(ends[1]);
    descriptor_ = ends[0];
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input() { ::close(descriptor_); }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

void check_draft(std::string_view line) {
  const auto draft = cmd::parse_draft(line);
  if (!draft) {
    require(draft.error().code == Code::invalid, "a bad draft is invalid");
    return;
  }
  require(!draft->type.empty(), "a draft has a type");
  const auto checked = log::check_draft(*draft);
  if (!checked) {
    require(checked.error().code == Code::invalid, "what may not be stored is invalid");
    return;
  }
  for (const std::string& part : {checked->payload, checked->metadata}) {
    require(!json::check(part, json::rules_to_store), "what is stored is JSON");
    require(json::compact(part) == part, "and compact");
    require(part.find('\n') == part.npos, "and one line");
  }
}

}  // namespace
}  // namespace agentstore::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace agentstore;
  const std::string_view bytes = fuzz::text_of(data, size).substr(0, 60'000);
  const fuzz::Input input{bytes};
  cmd::InputLines lines{input.descriptor()};
  std::string seen;
  std::uint64_t number = 0;
  for (;;) {
    const auto group = lines.next_group();
    fuzz::require(group.has_value(), "lines of a short input can always be read");
    if (group->empty()) break;
    for (const auto& [at, text] : *group) {
      fuzz::require(at == ++number, "lines are numbered from 1");
      seen += text;
      seen += '\n';
      fuzz::check_draft(text);
    }
  }
  if (!bytes.empty() && bytes.back() != '\n') seen.pop_back();
  fuzz::require(seen == bytes, "every byte of the input is in a line");
  return 0;
}
