// What responses used: figures, and how they are put together.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "agentstore/analysis/responses.hpp"

namespace agentstore {

/// What an event tells.
ResponseUse use_of(const Usage& usage);

inline Usage usage_of(const ResponseUse& use, std::string_view cost) {
  Usage usage;
  static_cast<TokenCounts&>(usage) = use;
  usage.cost = cost;
  return usage;
}

inline void add_count(std::int64_t& sum, std::int64_t more) {
  if (__builtin_add_overflow(sum, more, &sum)) sum = INT64_MAX;
}

template <class Combine>
void combine(ResponseUse& into, const ResponseUse& use, Combine each) {
  each(into.tokens_in, use.tokens_in);
  each(into.tokens_out, use.tokens_out);
  each(into.tokens_cache_read, use.tokens_cache_read);
  each(into.tokens_cache_write, use.tokens_cache_write);
  each(into.tokens_cache_write_1h, use.tokens_cache_write_1h);
  each(into.tokens_reasoning, use.tokens_reasoning);
  each(into.cost_usd, use.cost_usd);
}

/// Of each figure the larger one.
inline void raise(ResponseUse& largest, const ResponseUse& use) {
  largest.overflows = largest.overflows || use.overflows;
  combine(largest, use, [](auto& into, const auto& told) {
    if (told && (!into || *into < *told)) into = told;
  });
}

/// What a session's records add up to.
inline void add_up(ResponseUse& sum, const ResponseUse& more) {
  bool overflows = sum.overflows || more.overflows;
  struct Add {
    bool& overflows;
    void operator()(std::optional<std::int64_t>& into, const std::optional<std::int64_t>& one) {
      if (!one) return;
      std::int64_t both = 0;
      overflows = __builtin_add_overflow(into.value_or(0), *one, &both) || overflows;
      into = both;
    }
    void operator()(std::optional<Decimal>& into, const std::optional<Decimal>& one) {
      if (!one) return;
      const auto both = into.value_or(Decimal{}).plus(*one);
      if (both) into = *both;
      overflows = overflows || !both;
    }
  };
  combine(sum, more, Add{overflows});
  sum.overflows = overflows;
}

}  // namespace agentstore
