// Usage that is told more than once, and what each response is called: records keep what they told,
// and which of it counts is decided when everything that tells of a response has been read.

#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agentstore/internal/bytes.hpp"
#include "formats/sources/event_maker.hpp"

namespace agentstore::formats {

/// Counts of tokens; `in` is without the cache's.
struct Usage {
  std::int64_t in = 0;
  std::int64_t cache_write = 0;
  std::int64_t cache_read = 0;
  std::int64_t out = 0;
  std::int64_t cache_write_1h = 0;  ///< of the cache's writes, those that are kept for an hour

  bool is_zero() const { return in == 0 && cache_write == 0 && cache_read == 0 && out == 0; }
  std::int64_t all_in() const;
};

/// What a record says of its response's identity; empty members are absent.
struct ResponseRecord {
  std::size_t session = 0;  ///< of the transcript's sessions
  std::string_view message_id;
  std::string_view request_id;
  std::string_view uuid;
  std::string_view time;  ///< as text
  bool history = false;   ///< copied from another session, which tells of it, too
};

/// What a record adds to what the transcript told of its response before.
struct ToldResponse {
  std::string identity;  ///< the same in every file that tells of the response; empty: none
  bool first = true;     ///< nothing was told of it before
  bool grew = true;      ///< some figure is larger than before
};

/// Names the responses of a transcript. A response is (message id, request id), else (message id,
/// uuid of its first record). Relays answer with one message id for ever: a user's prompt between
/// two records of a message id begins another response, unless the request id says otherwise.
class ResponseIds {
 public:
  /// Takes a record's usage; what repeats earlier records is counted in `tally`.
  ToldResponse take(const ResponseRecord& record, const Usage& told, Tally& tally);
  /// A user's prompt: the session's responses before it are complete.
  void prompt(std::size_t session) { ++prompts_[session]; }
  /// What it knows, for who reads the transcript on later.
  void list_state(auto& way) { way.fields(open_, by_ids_, prompts_); }

 private:
  struct Open {
    std::string identity;
    bool named = false;         ///< some record had a request id
    std::uint64_t prompts = 0;  ///< in the session when it was last told of
    std::uint64_t number = 1;   ///< of the responses that had these ids
    Usage largest;
  };
  friend void list_fields(auto& way, Any<Open> auto& open) {
    way.fields(open.identity, open.named, open.prompts, open.number, open.largest);
  }
  std::size_t open_of(const ResponseRecord& record, bool& is_new);
  static void begin(Open& open, const ResponseRecord& record, const Usage& told);

  std::vector<Open> open_;
  std::unordered_map<std::string, std::size_t> by_ids_;  // of a session; without a request id: the
                                                         // newest one of its message id
  std::unordered_map<std::size_t, std::uint64_t> prompts_;
};

}  // namespace agentstore::formats
