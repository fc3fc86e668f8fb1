// Signed notes and verifier keys from anywhere. The input is a key, a newline, a note; a genuine
// pair stands in the corpus.

#include "agentstore/checkpoint.hpp"
#include "fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace agentstore;
  const std::string_view input = fuzz::text_of(data, size);
  const std::string_view key = input.substr(0, input.find('\n'));
  const std::string_view note = input.substr(std::min(size, key.size() + 1));
  const auto read = read_checkpoint(note);
  const auto opened = open_checkpoint(note, key);
  if (read) {
    fuzz::require(read->root.size() == 64, "a root has 64 digits");
    fuzz::require(!read->origin.empty(), "a note has an origin");
  }
  if (opened) {
    fuzz::require(read.has_value(), "a note that can be trusted can be read");
    fuzz::require(
        read->origin == opened->origin && read->size == opened->size && read->root == opened->root,
        "and says the same");
  } else {
    const Code code = opened.error().code;
    fuzz::require(code == Code::invalid || code == Code::corrupt, "it is malformed, or not signed");
    fuzz::require(!opened.error().message.empty(), "and a message says so");
  }
  return 0;
}
