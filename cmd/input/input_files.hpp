// Files outside of the store: what a path, or "-", on the command line holds. This is the one
// place that finds it out, and makes all of it a file that can be read at any offset.
//
//   a log, or lines taken out of one    is read where it is
//   an export, an array of events       its events are copied, a line each, their bytes as they are
//   a page of ours                      likewise
//   another tool's transcript           is converted while it is read
//   compressed bytes, standard input    are copied first

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "agentstore/result.hpp"
#include "agentstore/session.hpp"
#include "agentstore/store.hpp"
#include "cmd/input/byte_input.hpp"
#include "cmd/input/input_copies.hpp"
#include "formats/sources/source.hpp"

namespace agentstore::cmd {

/// What bytes turn out to be.
struct InputKind {
  enum class Shape {
    log,         ///< events, one a line; also what is none of the others
    export_,     ///< agentstore/export/1, a document or lines
    array,       ///< a JSON array of events
    transcript,  ///< another tool's
    page,        ///< HTML of ours, which carries the stored lines
  };
  Shape shape = Shape::log;
  const formats::Source* source = nullptr;  ///< of a transcript
};

/// Looks at the beginning of an input, without taking it. Errors: as ByteInput; invalid (it is of
/// no known kind).
Result<InputKind> kind_of(ByteInput& input);

/// The kind that --as names; null where the name is empty. Errors: invalid.
Result<const formats::Source*> source_named(const std::string& name);

/// A file that can be read at any offset.
struct InputFile {
  std::string path;  ///< of the file to read: the one that was named, or a copy
  LogOrigin origin;  ///< for messages; where the events come from
  const formats::Source* source = nullptr;  ///< not null: a transcript of this kind
  std::optional<Session> session = {};      ///< of an export, as it says
  /// Some event was laid out over several lines by another program. The copy is without that white
  /// space: it is not what was exported, though its seals may fit.
  bool laid_out_anew = false;
};

class InputFiles {
 public:
  /// What a path, or "-", holds; looked at, and copied where need be, once. The answer lives as
  /// long as this object. Errors: as kind_of; io; invalid (an export that is none).
  Result<const InputFile*> open(const std::string& word);
  /// The same of bytes that were looked at already.
  Result<const InputFile*> open(const std::string& word, ByteInput bytes, const InputKind& kind);
  /// What a page holds, as an export of JSON lines; lives as long as this object. Errors: as
  /// unpack_page.
  Result<ByteInput> unpack(ByteInput page);
  /// From here on, what is opened is a transcript of this kind, whatever it says.
  void read_as(const formats::Source& source) { as_ = &source; }
  bool knows(const std::string& word) const { return known_.contains(word); }
  /// The file at a path was found to be a transcript of this kind: it is not looked at again.
  void found_transcript(const std::string& path, const formats::Source& source);

 private:
  /// Also that it cannot be read: what was taken of a pipe does not come again.
  Result<const InputFile*> keep(const std::string& word, Result<InputFile> input);
  static Result<const InputFile*> answer(const Result<InputFile>& kept);
  Result<InputFile> make(const std::string& word, ByteInput bytes, const InputKind& kind);
  Result<std::string> copy_bytes(ByteInput& input);
  Result<void> copy_events(ByteInput input, InputKind::Shape shape, InputFile& into);

  const formats::Source* as_ = nullptr;
  InputCopies copies_;
  std::map<std::string, Result<InputFile>> known_;
};

}  // namespace agentstore::cmd
