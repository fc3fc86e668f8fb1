#include "agentstore/metadata.hpp"

#include <charconv>
#include <cmath>

#include "agentstore/json.hpp"
#include "base/ascii.hpp"
#include "projections/double_text.hpp"

namespace agentstore {
namespace {

void read(std::string_view value, std::optional<std::string>& into) {
  if (json::kind_of(value) == json::Kind::string) into = json::text_of(value);
}

void read(std::string_view value, std::optional<std::int64_t>& into) {
  if (json::kind_of(value) != json::Kind::number) return;
  if (const auto number = json::integer_of(value)) into = *number;
}

void read(std::string_view value, std::optional<double>& into) {
  if (json::kind_of(value) != json::Kind::number) return;
  double number = 0;
  const auto [at, status] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (status == std::errc{}) into = number;
}

void read(std::string_view value, std::map<std::string, std::string>& into) {
  if (json::kind_of(value) != json::Kind::object) return;
  for (json::Walk walk{value}; walk.next();) {
    if (json::kind_of(walk.value()) == json::Kind::string)
      into.insert_or_assign(json::text_of(walk.key()), json::text_of(walk.value()));
  }
}

class Object {
 public:
  void add(std::string_view key, const std::optional<std::string>& value) {
    if (value) add_token(key, json::quote(*value));
  }
  void add(std::string_view key, const std::optional<std::int64_t>& value) {
    if (value) add_token(key, std::to_string(*value));
  }
  void add(std::string_view key, const std::optional<double>& value) {
    if (value && std::isfinite(*value)) add_token(key, text_of_double(*value));
  }
  void add(std::string_view key, const std::map<std::string, std::string>& value) {
    if (value.empty()) return;
    Object members;
    for (const auto& [name, text] : value) members.add_token(name, json::quote(text));
    add_token(key, members.text());
  }
  std::string text() const { return out_ + '}'; }

 private:
  void add_token(std::string_view key, std::string_view token) {
    if (out_.size() > 1) out_ += ',';
    json::append_quoted(out_, key);
    out_ += ':';
    out_ += token;
  }

  std::string out_ = "{";
};

// Each key, and its member: one list for both ways.
template <class Data, class Use>
void for_each_key(Data& data, Use use) {
  use("worker_id", data.worker_id);
  use("tokens_in", data.tokens_in);
  use("tokens_out", data.tokens_out);
  use("model", data.model);
  use("tool_name", data.tool_name);
  use("duration_ms", data.duration_ms);
  use("cost_usd", data.cost_usd);
  use("extra", data.extra);
  use("causation_id", data.causation_id);
  use("correlation_id", data.correlation_id);
  use("schema_version", data.schema_version);
}

}  // namespace

Metadata Metadata::of(std::string_view json) {
  Metadata said;
  if (json::kind_of(json) != json::Kind::object) return said;
  for (json::Walk walk{json}; walk.next();) {
    const std::string name = json::text_of(walk.key());
    for_each_key(said, [&](std::string_view key, auto& member) {
      if (name.size() != key.size() || !same_folded(name, key)) return;
      member = {};
      read(walk.value(), member);
    });
  }
  return said;
}

std::string Metadata::to_json() const {
  Object object;
  for_each_key(*this, [&](std::string_view key, const auto& member) { object.add(key, member); });
  return object.text();
}

}  // namespace agentstore
