// Checkpoints: a signed statement of how long a log was, and what it held. Kept elsewhere, one
// proves later that the log has only grown since.
//
// Form: a C2SP tlog-checkpoint (c2sp.org/tlog-checkpoint) in a C2SP signed note
// (c2sp.org/signed-note), Ed25519 (RFC 8032), over the Merkle tree of RFC 9162.

#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "agentstore/result.hpp"

namespace agentstore {

struct Checkpoint {
  std::string origin;      ///< the key's name, '/', the session's id
  std::uint64_t size = 0;  ///< events
  std::string root;        ///< 64 hex digits
};

/// An Ed25519 key that signs, and its name. Copies share the key, which is freed with the last of
/// them. Thread-safe once made. Nothing blocks but `load`.
class SigningKey {
 public:
  /// Reads PKCS#8 PEM, as `openssl genpkey -algorithm ed25519` makes it. `name` is a word without
  /// spaces and '+', by convention a URL without its scheme.
  /// Errors: invalid (others can read the file; encrypted; not Ed25519; a bad name); not_found; io.
  static Result<SigningKey> load(const std::filesystem::path& pem_file, std::string_view name);

  // No move: one that was moved from would have no key to sign with.
  SigningKey(const SigningKey&) = default;
  SigningKey& operator=(const SigningKey&) = default;

  const std::string& name() const;
  /// What an auditor needs: "name+8 hex digits+base64".
  std::string verifier_key() const;
  /// The signed note.
  Result<std::string> sign(const Checkpoint& checkpoint) const;

 private:
  struct Impl;
  explicit SigningKey(std::shared_ptr<const Impl> impl);
  std::shared_ptr<const Impl> impl_;
};

/// Reads a note and checks its signature by the key. Errors: invalid, saying which is malformed;
/// corrupt, where no signature of this key fits.
Result<Checkpoint> open_checkpoint(std::string_view note, std::string_view verifier_key);

/// Reads a note's statement without checking who signed it. Errors: invalid.
Result<Checkpoint> read_checkpoint(std::string_view note);

}  // namespace agentstore
