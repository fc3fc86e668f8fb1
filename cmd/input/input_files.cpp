#include "cmd/input/input_files.hpp"

#include <algorithm>
#include <utility>

#include "agentstore/event.hpp"
#include "cmd/context.hpp"
#include "cmd/input/export_source.hpp"
#include "cmd/input/page_source.hpp"
#include "formats/sources/transcript.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{256} << 10;
constexpr std::size_t schema_bytes_max = 200;  // of an export, up to its schema
constexpr const char* white_space = " \t\r\n";

std::string_view without_leading_space(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(white_space), text.size()));
  return text;
}

/// Whether a file begins as an export does.
bool is_export(std::string_view head) {
  head = without_leading_space(head);
  if (!head.starts_with('{')) return false;
  head = without_leading_space(head.substr(1));
  return head.starts_with("\"schema\"") && head.find("\"agentstore/") < schema_bytes_max;
}

/// Whether there is an event of ours in it; the first one may be damaged.
bool has_own_event(std::string_view head) {
  return head.find(R"("sequence_number")") != head.npos &&
         head.find(R"("session_id")") != head.npos;
}

/// Whether a file begins as an array of events does, or is one without any.
bool is_array(std::string_view head, bool whole) {
  head = without_leading_space(head);
  if (!head.starts_with('[')) return false;
  const std::string_view first = without_leading_space(head.substr(1));
  if (first.starts_with(']')) return whole && without_leading_space(first.substr(1)).empty();
  return first.starts_with('{') && has_own_event(head);
}

}  // namespace

Result<InputKind> kind_of(ByteInput& input) {
  for (std::size_t size = chunk_bytes;; size *= 4) {
    const auto head = input.peek(size);
    if (!head) return std::unexpected{head.error()};
    const bool whole = head->size() < size;
    if (page_kind_of(*head)) return InputKind{.shape = InputKind::Shape::page};
    if (is_export(*head)) return InputKind{.shape = InputKind::Shape::export_};
    if (is_array(*head, whole)) return InputKind{.shape = InputKind::Shape::array};
    const auto source = formats::detect_source(*head, whole);
    if (source && *source == nullptr && !whole && size < line_bytes_max) continue;
    if (source && *source != nullptr)
      return InputKind{.shape = InputKind::Shape::transcript, .source = *source};
    if (source || head->empty() || has_own_event(*head)) return InputKind{};
    Error error = source.error();
    error.message = "cannot read " + in_quotes(input.path()) + ": " + error.message;
    return std::unexpected{std::move(error)};
  }
}

Result<const formats::Source*> source_named(const std::string& name) {
  if (name.empty()) return nullptr;
  if (const formats::Source* const source = formats::find_source(name)) return source;
  std::string names;
  for (const formats::Source* source : formats::sources())
    names += (names.empty() ? "" : ", ") + std::string{source->name};
  return fail(Code::invalid, "--as cannot be " + in_quotes(name), "it is one of " + names);
}

Result<const InputFile*> InputFiles::open(const std::string& word) {
  const auto known = known_.find(word);
  if (known != known_.end()) return answer(known->second);
  auto bytes = ByteInput::open(word);
  if (!bytes) return std::unexpected{bytes.error()};
  const auto kind = as_ == nullptr
                        ? kind_of(*bytes)
                        : InputKind{.shape = InputKind::Shape::transcript, .source = as_};
  if (!kind) return keep(word, std::unexpected{kind.error()});
  return open(word, std::move(*bytes), *kind);
}

Result<const InputFile*> InputFiles::open(const std::string& word, ByteInput bytes,
                                          const InputKind& kind) {
  return keep(word, make(word, std::move(bytes), kind));
}

void InputFiles::found_transcript(const std::string& path, const formats::Source& source) {
  known_.try_emplace(path, InputFile{.path = path, .origin = {.name = path}, .source = &source});
}

Result<const InputFile*> InputFiles::keep(const std::string& word, Result<InputFile> input) {
  return answer(known_.emplace(word, std::move(input)).first->second);
}

Result<const InputFile*> InputFiles::answer(const Result<InputFile>& kept) {
  if (!kept) return std::unexpected{kept.error()};
  return &*kept;
}

Result<InputFile> InputFiles::make(const std::string& word, ByteInput bytes,
                                   const InputKind& kind) {
  InputFile input{.path = word, .origin = {.name = word}, .source = kind.source};
  switch (kind.shape) {
    case InputKind::Shape::page: {
      auto unpacked = unpack(std::move(bytes));
      if (!unpacked) return std::unexpected{unpacked.error()};
      if (auto copied = copy_events(std::move(*unpacked), InputKind::Shape::export_, input);
          !copied)
        return std::unexpected{copied.error()};
      input.origin.lines_before = 0;
      return input;
    }
    case InputKind::Shape::export_:
    case InputKind::Shape::array:
      if (auto copied = copy_events(std::move(bytes), kind.shape, input); !copied)
        return std::unexpected{copied.error()};
      return input;
    case InputKind::Shape::log:
      // A folder's entry that is not a file says so when it is read as a log.
      if (word != "-" && !bytes.compressed()) return input;
      break;
    case InputKind::Shape::transcript:
      if (word != "-") return input;
      break;
  }
  auto copied = copy_bytes(bytes);
  if (!copied) return std::unexpected{copied.error()};
  input.path = std::move(*copied);
  return input;
}

Result<ByteInput> InputFiles::unpack(ByteInput page) {
  std::string name = page.path();
  const auto copied = copies_.make([&](Output& into) {
    into.keep_bytes();
    return unpack_page(std::move(page), into);
  });
  if (!copied) return std::unexpected{copied.error()};
  auto bytes = ByteInput::open(*copied);
  if (bytes) bytes->is_called(std::move(name));
  return bytes;
}

Result<std::string> InputFiles::copy_bytes(ByteInput& input) {
  input.limit_lines();
  return copies_.make([&](Output& into) -> Result<void> {
    std::string buffer(chunk_bytes, '\0');
    for (;;) {
      const auto got = input.read(buffer.data(), buffer.size());
      if (!got) return std::unexpected{got.error()};
      if (*got == 0) return {};
      into.write({buffer.data(), *got});
      if (into.done()) return {};
    }
  });
}

Result<void> InputFiles::copy_events(ByteInput bytes, InputKind::Shape shape, InputFile& into) {
  auto source = shape == InputKind::Shape::array ? ExportSource::open_array(std::move(bytes))
                                                 : ExportSource::open(std::move(bytes));
  if (!source) return std::unexpected{source.error()};
  auto copied = copies_.make([&](Output& copy) -> Result<void> {
    for (;;) {
      const auto line = source->next_line();
      if (!line) return std::unexpected{line.error()};
      if (!*line || copy.done()) return {};
      copy.write(**line);
      copy.write("\n");
    }
  });
  if (!copied) return std::unexpected{copied.error()};
  into.path = std::move(*copied);
  into.origin.lines_before = source->lines_before();
  into.origin.events_due = source->events_due();
  if (shape == InputKind::Shape::export_) into.session = source->session();
  into.laid_out_anew = source->laid_out_anew();
  return {};
}

}  // namespace agentstore::cmd
