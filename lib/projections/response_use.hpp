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
  usage.tokens_in = use.tokens_in;
  usage.tokens_out = use.tokens_out;
  usage.tokens_cache_read = use.tokens_cache_read;
  usage.tokens_cache_write = use.tokens_cache_write;
  usage.tokens_cache_write_1h = use.tokens_cache_write_1h;
  usage.tokens_reasoning = use.tokens_reasoning;
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
  combine(largest, use, [](auto& into, const auto& told) {
    if (told && (!into || *into < *told)) into = told;
  });
}

struct Sum {
  void operator()(std::optional<std::int64_t>& into, const std::optional<std::int64_t>& more) {
    if (!more) return;
    std::int64_t sum = into.value_or(0);
    if (__builtin_add_overflow(sum, *more, &sum)) sum = *more < 0 ? INT64_MIN : INT64_MAX;
    into = sum;
  }
  void operator()(std::optional<Decimal>& into, const std::optional<Decimal>& more) {
    if (!more) return;
    const auto sum = into.value_or(Decimal{}).plus(*more);
    if (sum) into = *sum;
  }
};

}  // namespace agentstore
