// The files that sessions were imported from, and syncs that were put off.

#include "agentstore/store.hpp"
#include "store/store_impl.hpp"

namespace agentstore {

Result<KeepReport> Store::keep_source(std::string_view session_id, const SourceFile& file) {
  const auto impl = writable();
  if (!impl) return std::unexpected(impl.error());
  return (*impl)->write([&] { return (*impl)->backend->keep_source(session_id, file); });
}

Result<void> Store::keep_source_elsewhere(std::string_view session_id, const KeptElsewhere& file) {
  const auto impl = writable();
  if (!impl) return std::unexpected(impl.error());
  return (*impl)->write([&] { return (*impl)->backend->keep_source_elsewhere(session_id, file); });
}

Result<KeptFiles> Store::kept_files(std::string_view session_id) const {
  const auto impl = held();
  if (!impl) return std::unexpected(impl.error());
  return (*impl)->backend->kept_files(session_id);
}

Result<void> Store::read_kept_file(std::string_view session_id, std::uint64_t number,
                                   const TakeBytes& take) const {
  const auto impl = held();
  if (!impl) return std::unexpected(impl.error());
  return (*impl)->backend->read_kept_file(session_id, number, take);
}

Result<void> Store::sync() {
  const auto impl = writable();
  if (!impl) return std::unexpected(impl.error());
  return (*impl)->write([&] { return (*impl)->backend->sync(); });
}

}  // namespace agentstore
