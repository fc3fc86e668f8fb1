#include "agentstore/checkpoint.hpp"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "agentstore/internal/base64.hpp"
#include "base/file.hpp"
#include "base/sha256.hpp"

namespace agentstore {
namespace {

constexpr std::size_t key_file_bytes_max = 1 << 16;
constexpr std::size_t note_bytes_max = 1 << 20;
constexpr std::size_t public_key_bytes = 32;
constexpr std::size_t signature_bytes = 64;
constexpr std::size_t key_id_bytes = 4;
constexpr char ed25519_type = '\x01';
constexpr std::string_view signature_start = "\u2014 ";  // an em dash

struct PkeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Pkey = std::unique_ptr<EVP_PKEY, PkeyDeleter>;
struct DigestDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, DigestDeleter>;

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

bool is_key_name(std::string_view name) {
  return !name.empty() && name.size() <= 255 && std::all_of(name.begin(), name.end(), [](char c) {
    return c > ' ' && c != '+' && c != 0x7F;
  });
}

std::string key_id(std::string_view name, std::string_view public_key) {
  const Hash hash = sha256({name, "\n", {&ed25519_type, 1}, public_key});
  return std::string{bytes_of(hash).substr(0, key_id_bytes)};
}

std::string body_of(const Checkpoint& checkpoint) {
  std::string root(32, '\0');
  from_hex(checkpoint.root, reinterpret_cast<unsigned char*>(root.data()), root.size());
  return checkpoint.origin + '\n' + std::to_string(checkpoint.size) + '\n' + to_base64(root) + '\n';
}

// A note's text up to the blank line, that line's end excluded, and the signatures behind it.
struct Note {
  std::string_view body;
  std::vector<std::string_view> signatures;
};

std::optional<Note> split_note(std::string_view text) {
  if (text.size() > note_bytes_max) return std::nullopt;
  const std::size_t blank = text.rfind("\n\n");
  if (blank == text.npos || text.back() != '\n') return std::nullopt;
  Note note{text.substr(0, blank + 1), {}};
  std::string_view rest = text.substr(blank + 2);
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    if (!rest.starts_with(signature_start)) return std::nullopt;
    note.signatures.push_back(rest.substr(signature_start.size(), end - signature_start.size()));
    rest.remove_prefix(end + 1);
  }
  if (note.signatures.empty()) return std::nullopt;
  return note;
}

std::optional<Checkpoint> parse_body(std::string_view body) {
  const std::size_t first = body.find('\n');
  const std::size_t second = body.find('\n', first + 1);
  const std::size_t third = second == body.npos ? body.npos : body.find('\n', second + 1);
  if (third == body.npos || first == 0) return std::nullopt;
  const std::string_view number = body.substr(first + 1, second - first - 1);
  Checkpoint checkpoint{.origin = std::string{body.substr(0, first)}, .root = {}};
  const auto [at, status] =
      std::from_chars(number.data(), number.data() + number.size(), checkpoint.size);
  const bool canonical = status == std::errc{} && at == number.data() + number.size() &&
                         std::to_string(checkpoint.size) == number;
  const auto root = from_base64(body.substr(second + 1, third - second - 1));
  if (!canonical || !root || root->size() != 32) return std::nullopt;
  checkpoint.root = to_hex(*root);
  return checkpoint;
}

// A verifier key, taken apart: "name+8 hex digits+base64(0x01 ‖ public key)".
struct Verifier {
  std::string name;
  std::string id;
  std::string public_key;
};

std::optional<Verifier> parse_verifier(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  const std::size_t plus = text.find('+');
  if (plus == text.npos || text.size() < plus + 10 || text[plus + 9] != '+') return std::nullopt;
  Verifier verifier{.name = std::string{text.substr(0, plus)},
                    .id = std::string(key_id_bytes, '\0'),
                    .public_key = {}};
  const auto key = from_base64(text.substr(plus + 10));
  if (!is_key_name(verifier.name) || !key || key->size() != public_key_bytes + 1 ||
      key->front() != ed25519_type ||
      !from_hex(text.substr(plus + 1, 8), reinterpret_cast<unsigned char*>(verifier.id.data()),
                key_id_bytes)) {
    return std::nullopt;
  }
  verifier.public_key = key->substr(1);
  if (verifier.id != key_id(verifier.name, verifier.public_key)) return std::nullopt;
  return verifier;
}

bool signature_fits(const Verifier& verifier, std::string_view body, std::string_view signature) {
  const Pkey key{EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw(verifier.public_key),
                                             public_key_bytes)};
  const DigestContext context{EVP_MD_CTX_new()};
  return key && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(body),
                          body.size()) == 1;
}

// No key of ours is encrypted: asked for a password, say no instead of asking the terminal.
int no_password(char*, int, int, void*) {
  return 0;
}

std::unexpected<Error> malformed(const char* why) {
  return fail(Code::invalid, std::string{"the note is not a checkpoint: "} + why);
}

}  // namespace

struct SigningKey::Impl {
  Pkey key;
  std::string name;
  std::string public_key;
};

SigningKey::SigningKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

const std::string& SigningKey::name() const {
  return impl_->name;
}

std::string SigningKey::verifier_key() const {
  return impl_->name + '+' + to_hex(key_id(impl_->name, impl_->public_key)) + '+' +
         to_base64(ed25519_type + impl_->public_key);
}

Result<SigningKey> SigningKey::load(const std::filesystem::path& pem_file, std::string_view name) {
  if (!is_key_name(name)) {
    return fail(Code::invalid, "\"" + std::string{name} + "\" is not a key name",
                "use a word without spaces and '+', like example.com/agents");
  }
  System& system = linux_system();
  const auto file = open_file(system, pem_file, O_RDONLY);
  if (!file) return std::unexpected(file.error());
  const auto status = status_of(system, *file, pem_file);
  if (!status) return std::unexpected(status.error());
  if ((status->mode & 0077U) != 0) {
    return fail(Code::invalid, "others can read the key " + pem_file.string(),
                "let its owner alone read it");
  }
  const auto pem = read_file(system, pem_file, key_file_bytes_max);
  if (!pem) return std::unexpected(pem.error());
  BIO* const bio = BIO_new_mem_buf(pem->data(), static_cast<int>(pem->size()));
  Pkey key{PEM_read_bio_PrivateKey(bio, nullptr, no_password, nullptr)};
  BIO_free(bio);
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519) {
    const bool encrypted = pem->find("ENCRYPTED") != pem->npos;
    return fail(Code::invalid,
                pem_file.string() +
                    (encrypted ? " is an encrypted key" : " is not an Ed25519 private key in PEM"),
                "a key is PKCS#8, not encrypted, as OpenSSL makes it");
  }
  std::string public_key(public_key_bytes, '\0');
  std::size_t size = public_key.size();
  EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(public_key.data()),
                              &size);
  return SigningKey{
      std::make_shared<const Impl>(std::move(key), std::string{name}, std::move(public_key))};
}

Result<std::string> SigningKey::sign(const Checkpoint& checkpoint) const {
  const std::string body = body_of(checkpoint);
  std::string signature(signature_bytes, '\0');
  std::size_t size = signature.size();
  const DigestContext context{EVP_MD_CTX_new()};
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, impl_->key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     raw(body), body.size()) != 1) {
    return fail(Code::io, "the checkpoint could not be signed");
  }
  return body + '\n' + std::string{signature_start} + impl_->name + ' ' +
         to_base64(key_id(impl_->name, impl_->public_key) + signature) + '\n';
}

Result<Checkpoint> read_checkpoint(std::string_view note) {
  const auto parts = split_note(note);
  if (!parts) return malformed("it has no text, blank line and signatures");
  const auto checkpoint = parse_body(parts->body);
  if (!checkpoint) return malformed("its text is not origin, size and root");
  return *checkpoint;
}

Result<Checkpoint> open_checkpoint(std::string_view note, std::string_view verifier_key) {
  const auto verifier = parse_verifier(verifier_key);
  if (!verifier) {
    return fail(Code::invalid, "the verifier key is malformed",
                "it looks like name+8 hex digits+base64");
  }
  auto checkpoint = read_checkpoint(note);
  if (!checkpoint) return checkpoint;
  const auto parts = split_note(note);
  for (const std::string_view line : parts->signatures) {
    const std::size_t space = line.rfind(' ');
    if (space == line.npos || line.substr(0, space) != verifier->name) continue;
    const auto bytes = from_base64(line.substr(space + 1));
    if (!bytes || bytes->size() != key_id_bytes + signature_bytes ||
        !bytes->starts_with(verifier->id))
      continue;
    if (signature_fits(*verifier, parts->body, std::string_view{*bytes}.substr(key_id_bytes)))
      return checkpoint;
    return fail(Code::corrupt, "the note's signature by " + verifier->name + " is wrong");
  }
  return fail(Code::corrupt, "the note is not signed by " + verifier->name);
}

}  // namespace agentstore
