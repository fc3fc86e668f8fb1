// Opening and closing a store.

#include "agentstore/store.hpp"

#include <utility>

#include "backends/postgres_address.hpp"
#include "store/rules.hpp"
#include "store/store_impl.hpp"

namespace agentstore {
namespace {

constexpr std::string_view database_scheme = "sqlite:";

}  // namespace

Result<void> Store::Impl::writable() const {
  if (closed) return fail(Code::closed, "the store is closed");
  if (process_epoch() != opened_by) {
    return fail(Code::closed, "the store was opened before a fork", "open it again in the child");
  }
  return {};
}

Store::Store(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;

Store& Store::operator=(Store&& other) noexcept {
  if (this == &other) return *this;
  let_go();
  impl_ = std::move(other.impl_);
  return *this;
}

Store::~Store() {
  let_go();
}

// Readers may go on: it is the writers that are closed.
void Store::let_go() noexcept {
  try {
    if (impl_) (void)close();
  } catch (...) {  // NOLINT(bugprone-empty-catch): nobody is there to be told
  }
  impl_.reset();
}

Result<Store> Store::open(const std::filesystem::path& folder, StoreOptions options) {
  const auto impl = std::make_shared<Impl>(std::move(options));
  const StoreOptions& chosen = impl->options;
  const Notices& notices = impl->notices;
  const BackendOptions how{
      .create = chosen.create,
      .durability = chosen.durability,
      .lock_timeout = chosen.lock_timeout,
      .on_notice = [&notices](const std::string& text) { notices.notice(text); },
      .on_detail = [&notices](const std::string& text) { notices.detail(text); },
      .on_wait = chosen.on_wait,
      .on_made = chosen.on_made,
      .cache_key = chosen.cache_key};
  const std::string name = folder.string();
  const bool postgres = is_postgres_address(name);
  const bool database = postgres || name.starts_with(database_scheme);
  auto backend = postgres   ? open_postgres_backend(name, how)
                 : database ? open_sqlite_backend(name.substr(database_scheme.size()), how)
                            : open_file_backend(folder, how);
  if (!backend) return std::unexpected(backend.error());
  impl->backend = std::move(*backend);
  if (database) {
    impl->upcasts = chosen.upcasts.value_or(Upcasts{});
    impl->ledger = chosen.ledger.value_or(chosen.default_ledger);
    return Store{impl};
  }
  impl->upcasts = chosen.upcasts ? *chosen.upcasts : read_upcasts(folder);
  impl->ledger = chosen.ledger ? *chosen.ledger : read_ledger(folder, chosen.default_ledger);
  return Store{impl};
}

Store Store::in_memory(StoreOptions options) {
  const auto impl = std::make_shared<Impl>(std::move(options));
  const StoreOptions& chosen = impl->options;
  impl->backend = make_memory_backend();
  impl->upcasts = chosen.upcasts.value_or(Upcasts{});
  impl->ledger = chosen.ledger.value_or(chosen.default_ledger);
  return Store{impl};
}

Result<Store::Impl*> Store::held() const {
  if (!impl_) return fail(Code::closed, "the store was moved to another one");
  return impl_.get();
}

Result<Store::Impl*> Store::writable() const {
  auto impl = held();
  if (!impl) return impl;
  if (auto allowed = (*impl)->writable(); !allowed) return std::unexpected(allowed.error());
  return impl;
}

Result<void> Store::close() {
  const auto impl = held();
  if (!impl) return std::unexpected(impl.error());
  // In the child of a fork the files are the parent's: they are not to be touched.
  if ((*impl)->closed.exchange(true) || process_epoch() != (*impl)->opened_by) return {};
  return (*impl)->write([&] { return (*impl)->backend->close(); });
}

Result<Ledger> Store::ledger() const {
  const auto impl = held();
  if (!impl) return std::unexpected(impl.error());
  return (*impl)->ledger;
}

Result<const Upcasts*> Store::upcasts() const {
  const auto impl = held();
  if (!impl) return std::unexpected(impl.error());
  if (!(*impl)->upcasts) return std::unexpected((*impl)->upcasts.error());
  return &*(*impl)->upcasts;
}

}  // namespace agentstore
