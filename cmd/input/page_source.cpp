#include "cmd/input/page_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <fstream>

#include "agentstore/event.hpp"
#include "agentstore/internal/base64.hpp"
#include "cmd/quoting.hpp"

namespace agentstore::cmd {
namespace {

using formats::PageKind;

constexpr std::size_t head_bytes = 8192;
constexpr std::size_t chunk_bytes = std::size_t{256} << 10;
// A block holds one line at the least, and little more than that where the line is long.
constexpr std::size_t block_bytes_max = line_bytes_max + (std::size_t{1} << 20);
constexpr std::size_t page_line_bytes_max = 2 * block_bytes_max;

/// The value of the mark: "whole 8f3a…"; empty: there is none.
std::string_view mark_in(std::string_view head) {
  if (!head.starts_with("<!doctype html>\n")) return {};
  const std::size_t begun = head.find(formats::page_mark);
  if (begun == head.npos) return {};
  const std::string_view value = head.substr(begun + formats::page_mark.size());
  return value.substr(0, std::min(value.find('"'), value.size()));
}

class PageReader {
 public:
  PageReader(ByteInput input, formats::Sink& into) : input_{std::move(input)}, into_{into} {}

  Result<void> run() {
    while (true) {
      const auto line = next_line();
      if (!line) return std::unexpected{line.error()};
      if (!*line) break;
      if (auto taken = take(**line); !taken) return taken;
    }
    if (!ended_) return damaged("it ends early");
    return {};
  }

 private:
  std::unexpected<Error> damaged(const std::string& why) const {
    return fail(Code::invalid, "cannot read the page " + in_quotes(input_.path()) + ": " + why,
                "it has to be as `agentstore export --format html` wrote it");
  }

  Result<void> take(std::string_view line) {
    if (line == "</html>") ended_ = true;
    const bool is_session = line.starts_with(formats::session_mark);
    const bool is_stored = line.starts_with(formats::stored_mark);
    if (!is_session && !is_stored) return {};
    if (!line.ends_with(formats::script_end)) return damaged("a block does not end");
    line.remove_suffix(formats::script_end.size());
    if (is_session) {
      if (session_) return damaged("it has two sessions");
      session_ = true;
      into_.write(R"({"schema":"agentstore/export/1","session":)");
      into_.write(line.substr(formats::session_mark.size()));
      into_.write("}\n");
      return {};
    }
    if (!session_) return damaged("it does not say of which session it is");
    line.remove_prefix(std::min(line.find('>'), line.size() - 1) + 1);
    const auto packed = from_base64(line);
    if (!packed) return damaged("its lines are not base64");
    return inflate(*packed);
  }

  Result<void> inflate(std::string_view packed) {
    const auto inflater = make_inflater(packed.substr(0, 2));
    if (!inflater) return damaged("its lines are not gzip");
    std::string room(chunk_bytes, '\0');
    std::size_t sum = 0;
    while (true) {
      const std::size_t left = packed.size();
      const auto got = inflater->inflate(packed, room.data(), room.size());
      if (!got) return damaged(got.error().message);
      sum += *got;
      if (sum > block_bytes_max) return damaged("a block of it expands beyond all measure");
      into_.write({room.data(), *got});
      if (packed.empty() && *got < room.size()) break;
      if (*got == 0 && packed.size() == left) return damaged("its gzip is damaged");
    }
    if (!inflater->may_end()) return damaged("its gzip ends early");
    return {};
  }

  Result<std::optional<std::string_view>> next_line() {
    buffer_.erase(0, std::exchange(at_, 0));
    std::size_t searched = 0;
    while (true) {
      const std::size_t newline = buffer_.find('\n', searched);
      if (newline != buffer_.npos) {
        at_ = newline + 1;
        return std::string_view{buffer_}.substr(0, newline);
      }
      searched = buffer_.size();
      if (searched > page_line_bytes_max) return damaged("a line of it is too long");
      buffer_.resize(searched + std::max(chunk_bytes, searched));
      const auto got = input_.read(buffer_.data() + searched, buffer_.size() - searched);
      buffer_.resize(searched + got.value_or(0));
      if (!got) return std::unexpected{got.error()};
      if (*got > 0) continue;
      if (buffer_.empty()) return std::nullopt;
      at_ = buffer_.size();
      return buffer_;
    }
  }

  ByteInput input_;
  formats::Sink& into_;
  std::string buffer_;
  std::size_t at_ = 0;
  bool session_ = false;
  bool ended_ = false;
};

}  // namespace

std::optional<PageKind> page_kind_of(std::string_view head) {
  const std::string_view mark = mark_in(head.substr(0, head_bytes));
  for (const PageKind kind :
       {PageKind::whole, PageKind::extract, PageKind::masked, PageKind::overview})
    if (mark.substr(0, mark.find(' ')) == formats::page_kind_name(kind)) return kind;
  return std::nullopt;
}

std::string page_fingerprint_of(std::string_view head) {
  const std::string_view mark = mark_in(head.substr(0, head_bytes));
  const std::size_t blank = mark.find(' ');
  return blank == mark.npos ? std::string{} : std::string{mark.substr(blank + 1)};
}

std::string head_of_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::string head(head_bytes, '\0');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount())));
  return head;
}

Result<void> unpack_page(ByteInput input, formats::Sink& into) {
  const auto head = input.peek(head_bytes);
  if (!head) return std::unexpected{head.error()};
  const auto kind = page_kind_of(*head);
  if (kind == PageKind::overview)
    return fail(Code::invalid,
                in_quotes(input.path()) + " is an overview: it holds no session's lines",
                "the pages beside it do");
  if (kind == PageKind::masked)
    return fail(Code::invalid,
                in_quotes(input.path()) +
                    " is an extract: secrets are masked in it, and it holds no stored line",
                "a page that was exported without --redact holds them");
  return PageReader{std::move(input), into}.run();
}

}  // namespace agentstore::cmd
