#include "cmd/input/file_kinds.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>

namespace agentstore::cmd {
namespace {

constexpr std::size_t head_bytes = 512;
constexpr std::size_t tar_magic_at = 257;

struct Magic {
  std::string_view bytes;
  std::string_view name;
};

constexpr std::array magics = {
    Magic{std::string_view{"SQLite format 3\0", 16}, "SQLite files"},
    Magic{"PK\x03\x04", "ZIP files"},
    Magic{"PK\x05\x06", "ZIP files"},
    Magic{"\x1f\x8b", "gzip files"},
    Magic{"\x28\xb5\x2f\xfd", "zstd files"},
    Magic{"BZh", "bzip2 files"},
    Magic{"\xfd"
          "7zXZ",
          "xz files"},
    Magic{"7z\xbc\xaf\x27\x1c", "7-Zip files"},
    Magic{"PAR1", "Parquet files"},
    Magic{"ARROW1", "Arrow files"},
    Magic{"Obj\x01", "Avro files"},
    Magic{"%PDF-", "PDF files"},
    Magic{"\x89PNG", "images"},
    Magic{"\xff\xd8\xff", "images"},
    Magic{"GIF8", "images"},
    Magic{"\x7f"
          "ELF",
          "programs"},
};

constexpr std::array endings = {
    Magic{".md", "Markdown files"},
    Magic{".markdown", "Markdown files"},
    Magic{".yaml", "YAML files"},
    Magic{".yml", "YAML files"},
    Magic{".toml", "TOML files"},
    Magic{".csv", "CSV files"},
    Magic{".tsv", "TSV files"},
    Magic{".xml", "XML files"},
    Magic{".html", "HTML files"},
    Magic{".db-wal", "SQLite journals"},
    Magic{".db-shm", "SQLite journals"},
    Magic{".sqlite-wal", "SQLite journals"},
    Magic{".sqlite-shm", "SQLite journals"},
};

bool is_text(std::string_view head) {
  return std::ranges::all_of(head, [](char c) {
    return static_cast<unsigned char>(c) >= ' ' || c == '\n' || c == '\r' || c == '\t' ||
           c == '\f' || c == '\x1b';
  });
}

std::string_view kind_of_head(std::string_view head, std::string_view path) {
  if (head.empty()) return "empty files";
  for (const Magic& magic : magics)
    if (head.starts_with(magic.bytes)) return magic.name;
  if (head.size() > tar_magic_at && head.substr(tar_magic_at).starts_with("ustar"))
    return "tar files";
  for (const Magic& ending : endings)
    if (path.ends_with(ending.bytes)) return ending.name;
  const std::size_t first = head.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  const bool json = first != head.npos && (head[first] == '{' || head[first] == '[');
  if (json) return path.ends_with("l") ? "files of JSON lines" : "JSON documents";
  return is_text(head) ? "text files" : "other files";
}

}  // namespace

std::string kind_of_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) return "unreadable files";
  std::string head(head_bytes, '\0');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(file.gcount()));
  return std::string{kind_of_head(head, path)};
}

}  // namespace agentstore::cmd
