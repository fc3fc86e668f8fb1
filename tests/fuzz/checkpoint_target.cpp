// Checkpoints: the first line is a verifier key, what follows it a note. What is opened is what is
// read without the key, and can be signed anew.

#include <algorithm>
#include <string>

#include "agentstore/checkpoint.hpp"
#include "fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace agentstore;
  const std::string_view input = fuzz::text_of(data, size);
  const auto verifier = input.substr(0, input.find('\n'));
  const auto note = input.substr(std::min(verifier.size() + 1, input.size()));
  const auto read = read_checkpoint(note);
  const auto opened = open_checkpoint(note, verifier);
  if (!read) fuzz::require(read.error().code == Code::invalid, "a refusal is about the input");
  if (!opened) {
    fuzz::require(opened.error().code == Code::invalid || opened.error().code == Code::corrupt,
                  "a note is malformed, or not signed");
    return 0;
  }
  fuzz::require(read.has_value(), "what is opened can be read");
  fuzz::require(
      read->origin == opened->origin && read->size == opened->size && read->root == opened->root,
      "and says the same");
  fuzz::require(opened->root.size() == 64, "a root is 64 hex digits");
  const std::string statement = opened->origin + '\n' + std::to_string(opened->size) + '\n';
  fuzz::require(note.starts_with(statement), "a note begins with what it says");
  return 0;
}
