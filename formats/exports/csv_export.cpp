#include "formats/exports/csv_export.hpp"

#include <initializer_list>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "agentstore/json.hpp"

namespace agentstore::formats {
namespace {

using Count = std::optional<std::int64_t>;

void write_row(Sink& sink, std::initializer_list<std::string> cells) {
  std::string row;
  for (const std::string& cell : cells) {
    if (!row.empty() || &cell != cells.begin()) row += ',';
    row += csv_cell(cell);
  }
  sink.write(row + "\r\n");
}

std::string cell(const Count& count) {
  return count ? std::to_string(*count) : "";
}

std::string cell(const std::optional<Decimal>& cost) {
  return cost ? cost->to_string() : "";
}

std::string_view source_of(const ModelCall& call) {
  if (!call.cost_usd) return call.asks ? "" : "unknown";
  return call.computed ? "computed" : "recorded";
}

// What the calls of a session came to. Sums that no number holds are not told.
struct SessionCalls {
  std::set<std::string> models;
  std::set<std::string_view> sources;
  std::uint64_t calls = 0;
  std::uint64_t unknown = 0;
  TokenCounts tokens;
  std::optional<Decimal> cost_usd;
  std::string project;

  void add(const ModelCall& call) {
    if (!call.model.empty()) models.insert(call.model);
    const auto source = source_of(call);
    if (!source.empty()) sources.insert(source);
    ++calls;
    if (source == "unknown") ++unknown;
    add_to(tokens.tokens_in, call.tokens.tokens_in);
    add_to(tokens.tokens_cache_read, call.tokens.tokens_cache_read);
    add_to(tokens.tokens_cache_write, call.tokens.tokens_cache_write);
    add_to(tokens.tokens_out, call.tokens.tokens_out);
    add_to(tokens.tokens_reasoning, call.tokens.tokens_reasoning);
    if (call.cost_usd)
      if (const auto sum = cost_usd.value_or(Decimal{}).plus(*call.cost_usd)) cost_usd = *sum;
    project = call.project;
  }

 private:
  static void add_to(Count& sum, const Count& count) {
    if (!count) return;
    std::int64_t added = 0;
    if (!__builtin_add_overflow(sum.value_or(0), *count, &added)) sum = added;
  }
};

template <class Texts>
std::string joined(const Texts& texts, char separator) {
  std::string all;
  for (const auto& text : texts) {
    if (!all.empty()) all += separator;
    all += text;
  }
  return all;
}

void write_session(Sink& sink, const Session& session, const SessionCalls& sum) {
  const bool dated = session.event_count > 0 || session.created_at != Timestamp{};
  const auto project = session.labels.find("project");
  write_row(sink, {session.id, session.name,
                   project == session.labels.end() ? sum.project : project->second,
                   dated ? format_rfc3339_short(session.created_at) : "",
                   dated ? format_rfc3339_short(session.updated_at) : "", joined(sum.models, ' '),
                   std::to_string(sum.calls), cell(sum.tokens.tokens_in),
                   cell(sum.tokens.tokens_cache_read), cell(sum.tokens.tokens_cache_write),
                   cell(sum.tokens.tokens_out), cell(sum.tokens.tokens_reasoning),
                   cell(sum.cost_usd), joined(sum.sources, '+'), std::to_string(sum.unknown)});
}

}  // namespace

std::string csv_cell(std::string_view text) {
  const bool formula = !text.empty() && std::string_view{"=+-@\t\r"}.contains(text.front());
  const bool number = formula && !json::check(text, json::rules_to_read) &&
                      json::kind_of(text) == json::Kind::number;
  std::string cell = formula && !number ? "'" + std::string{text} : std::string{text};
  if (cell.find_first_of("\",\r\n") == cell.npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

void write_calls_csv(Sink& sink, std::span<const ModelCall> calls) {
  write_row(sink, {"session_id", "project", "time", "model", "tokens_in", "tokens_cache_read",
                   "tokens_cache_write", "tokens_out", "tokens_reasoning", "cost_usd",
                   "cost_source", "agent", "sequence_number"});
  for (const ModelCall& call : calls)
    write_row(sink,
              {call.session_id, call.project, format_rfc3339_short(call.at), call.model,
               cell(call.tokens.tokens_in), cell(call.tokens.tokens_cache_read),
               cell(call.tokens.tokens_cache_write), cell(call.tokens.tokens_out),
               cell(call.tokens.tokens_reasoning), cell(call.cost_usd),
               std::string{source_of(call)}, call.agent, std::to_string(call.sequence_number)});
}

void write_session_calls_csv(Sink& sink, std::span<const Session> sessions,
                             std::span<const ModelCall> calls) {
  std::map<std::string, SessionCalls, std::less<>> sums;
  for (const ModelCall& call : calls) sums[call.session_id].add(call);
  write_row(sink, {"session_id", "name", "project", "created_at", "last_event_at", "models",
                   "calls", "tokens_in", "tokens_cache_read", "tokens_cache_write", "tokens_out",
                   "tokens_reasoning", "cost_usd", "cost_source", "cost_unknown_calls"});
  for (const Session& session : sessions) {
    const auto found = sums.find(session.id);
    write_session(sink, session, found == sums.end() ? SessionCalls{} : found->second);
    if (found != sums.end()) sums.erase(found);
  }
  for (const auto& [id, sum] : sums) {
    Session unlisted;
    unlisted.id = id;
    write_session(sink, unlisted, sum);
  }
}

}  // namespace agentstore::formats
