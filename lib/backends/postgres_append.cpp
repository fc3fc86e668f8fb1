#include "backends/postgres_append.hpp"

#include <optional>
#include <utility>

#include "backends/naming.hpp"
#include "base/ids.hpp"

namespace agentstore {

PostgresAppend::PostgresAppend(log::Request& request) : request_(request) {
  const log::ValidationContext nothing{
      0, [] { return std::string{}; },
      [](std::string_view) -> Result<std::optional<log::StoredEvent>> { return std::nullopt; }};
  // What is expected is for the server to see.
  static const AppendOptions any;
  log::Request judged{.drafts = request.drafts, .options = any};
  log::AppendValidator judge{nothing};
  if (auto done = judge.judge(judged); !done) request.result = std::unexpected(done.error());
  else request.result = std::move(judged.result);
  if (!request.result) return;
  for (const log::AppendValidator::New& one : judge.news())
    news_.push_back(static_cast<std::size_t>(one.draft - request.drafts.data()));
  const Timestamp at = now();
  for (const std::size_t i : news_)
    new_ids_.push_back(request.drafts[i].event_id.empty() ? uuid7(at, request.sealings[i].id_bytes)
                                                          : std::string{});
}

PostgresValues PostgresAppend::values(std::string_view id, bool again) const {
  PostgresArray types, payloads, metadatas, ids, times, salts, new_ids;
  for (std::size_t n = 0; n < news_.size(); ++n) {
    const log::CheckedDraft& draft = request_.drafts[news_[n]];
    types.add(draft.type);
    payloads.add(draft.payload);
    metadatas.add(draft.metadata);
    if (draft.event_id.empty()) ids.add_null();
    else ids.add(draft.event_id);
    if (draft.timestamp) times.add(format_rfc3339(*draft.timestamp));
    else times.add_null();
    salts.add_bytes(bytes_of(request_.sealings[news_[n]].salt));
    if (new_ids_[n].empty()) new_ids.add_null();
    else new_ids.add(new_ids_[n]);
  }
  PostgresValues values;
  values.add(id);
  for (const PostgresArray* const array :
       {&types, &payloads, &metadatas, &ids, &times, &salts, &new_ids})
    values.add(array->text());
  const auto& expected = request_.options.expected_version;
  if (expected) values.add(static_cast<std::int64_t>(*expected));
  else values.add_null();
  if (request_.options.expected_head.empty()) values.add_null();
  else values.add(request_.options.expected_head);
  return values.add(again);
}

Result<void> PostgresAppend::take(const PostgresRows& rows, const PostgresStore& store,
                                  std::string_view id) {
  if (!rows.is_null(0, 5)) return refuse(rows, store, id);
  std::vector<Receipt> receipts(news_.size());
  for (int row = 0; row < rows.size(); ++row) {
    if (rows.is_null(row, 3))
      return fail(Code::corrupt, store.name_of(id) + " acknowledged an event without a hash");
    receipts.at(static_cast<std::size_t>(rows.integer(row, 0)) - 1) = {
        static_cast<std::uint64_t>(rows.integer(row, 1)), std::string{rows.text(row, 2)},
        std::string{rows.text(row, 3)}, rows.is_true(row, 4)};
  }
  for (Receipt& receipt : *request_.result) {
    const bool repeated = receipt.duplicate;
    receipt = receipts[receipt.sequence_number - 1];
    receipt.duplicate = receipt.duplicate || repeated;
  }
  return {};
}

Result<void> PostgresAppend::refuse(const PostgresRows& rows, const PostgresStore& store,
                                    std::string_view id) {
  const std::string_view problem = rows.text(0, 5);
  if (problem == "unknown") return no_session(id);
  const std::int64_t number = rows.integer(0, 1);
  if (problem == "lost") return store.lost(id, number);
  if (problem == "damaged") return store.damaged(id, number, not_the_head);
  const char* const hint = "read what is new, and try again";
  if (problem == "version") {
    request_.result = fail(Code::conflict,
                           "version " + std::to_string(*request_.options.expected_version) +
                               " was expected, and the session is at " + std::to_string(number),
                           hint);
  } else if (problem == "head") {
    request_.result = fail(Code::conflict, "the head is not the one that was expected", hint);
  } else {
    const std::size_t index = news_[static_cast<std::size_t>(rows.integer(0, 0)) - 1];
    Error taken{Code::conflict,
                "event id \"" + request_.drafts[index].event_id +
                    "\" is taken by an event with another type, metadata or payload"};
    taken.draft_index = index;
    request_.result = std::unexpected(std::move(taken));
  }
  return {};
}

}  // namespace agentstore
