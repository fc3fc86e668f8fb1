#include "agent_events.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <vector>

namespace agentstore::perf {
namespace {

constexpr std::size_t payload_bytes_max = 64 << 10;

// By how often they come, roughly: the first are picked most.
constexpr std::string_view vocabulary =
    "the to of and a in is file for that it on with this function error test run from be as value "
    "return data we not code line build user agent tool search result path src main config update "
    "check should can will model token session event state request response price flight <div> "
    "</p> && => München Zürich naïve größer данные ошибка 会话 東京 한국어 🚀 ✅ … “quoted” 0x7fff "
    "2026-03-07 v1.2.3 http://example.com/api?id=42&page=2 src/store/file.cpp:128 "
    "std::vector<int> authentication ";

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t space; (space = text.find(' ')) != std::string_view::npos;) {
    words.push_back(text.substr(0, space));
    text.remove_prefix(space + 1);
  }
  return words;
}

constexpr std::array<std::string_view, 12> escapes{R"(\n)",
                                                   R"(\n)",
                                                   R"(\n  )",
                                                   R"(\t)",
                                                   R"(\")",
                                                   R"(\\)",
                                                   R"(\"name\": \"value\")",
                                                   R"(C:\\Users\\agent)",
                                                   R"(\u001b[31m)",
                                                   R"(\r\n)",
                                                   R"({\"type\":\"tool_called\"})",
                                                   R"(rg '\"type\":\"error\"' events.jsonl)"};
constexpr std::array<std::string_view, 8> tools{"search_flights", "read_file", "write_file",
                                                "bash",           "grep",      "web_search",
                                                "sql_query",      "run_tests"};
constexpr std::array<std::string_view, 5> models{
    "gpt-4o-mini", "claude-3-opus", "claude-3-5-sonnet", "llama-3-70b", "gemini-1.5-pro"};

struct Share {
  std::string_view type;
  std::uint64_t percent;
};
constexpr std::array<Share, 9> mix{{{user_message, 6},
                                    {plan_created, 4},
                                    {tool_called, 22},
                                    {tool_result, 22},
                                    {llm_request, 16},
                                    {llm_response, 16},
                                    {state_updated, 8},
                                    {error_event, 2},
                                    {custom_event, 4}}};

std::string_view type_at(std::uint64_t percent) {
  for (const Share& share : mix) {
    if (percent < share.percent) return share.type;
    percent -= share.percent;
  }
  return custom_event;
}

// As Go writes a float: no zeros at the end.
std::string dollars(std::uint64_t micros) {
  char text[32];
  std::snprintf(text, sizeof text, "%llu.%06llu", static_cast<unsigned long long>(micros / 1000000),
                static_cast<unsigned long long>(micros % 1000000));
  std::string trimmed = text;
  trimmed.erase(trimmed.find_last_not_of('0') + 1);
  if (trimmed.ends_with('.')) trimmed.pop_back();
  return trimmed;
}

}  // namespace

Draft AgentEvents::next() {
  std::lognormal_distribution<double> size(std::log(300.0), 1.1);
  const std::string_view type = type_at(below(100));
  const auto bytes =
      std::clamp<std::size_t>(static_cast<std::size_t>(size(random_)), 16, payload_bytes_max);
  Draft draft{.type = std::string(type)};
  draft.payload = payload(type, bytes);
  draft.metadata = metadata(type);
  return draft;
}

void AgentEvents::text(std::string& out, std::size_t bytes) {
  static const std::vector<std::string_view> words = words_of(vocabulary);
  const std::size_t end = out.size() + bytes;
  while (out.size() < end) {
    if (below(1000) < 60) {
      out += escapes[below(escapes.size())];
    } else {
      const std::uint64_t index = below(words.size());
      out += words[below(3) == 0 ? index : below(index + 1)];
    }
    out += ' ';
  }
}

std::string AgentEvents::payload(std::string_view type, std::size_t bytes) {
  const std::string tool{tools[below(tools.size())]};
  std::string json;
  std::string end = R"("})";
  if (type == tool_called) {
    json = R"({"tool":")" + tool + R"(","args":"{\"path\":\"/srv/app\",\"query\":\")";
    end = R"(\"}"})";
  } else if (type == tool_result) {
    json = R"({"tool":")" + tool + R"(","exit_code":)" + std::to_string(below(3) ? 0 : below(128)) +
           R"(,"output":")";
    end = R"(","truncated":false})";
  } else if (type == llm_request) {
    json = R"({"temperature":0.7,"max_tokens":4096,"messages":[{"role":"user","content":")";
    end = R"("}]})";
  } else if (type == llm_response && below(4) == 0) {
    json = R"({"content":[{"type":"text","text":")";
    end = R"("},{"type":"tool_use","id":"tu_01","input":{"q":1}}],"finish_reason":"tool_calls"})";
  } else if (type == state_updated) {
    json = R"({"key":"cursor.)" + std::to_string(below(1000)) + R"(","value":)" +
           std::to_string(below(1u << 30)) + R"(,"note":")";
  } else if (type == error_event) {
    json = R"({"error":"timeout after )" + std::to_string(below(60000)) + R"( ms","stack":")";
  } else if (type == custom_event) {
    json = below(5) == 0 ? R"({"type":"tool_called","nested":true,"blob":")"
                         : R"({"metric":{"values":[1,2.5,null,true]},"blob":")";
  } else {
    json = R"({"content":")";
  }
  const std::size_t frame_bytes = json.size() + end.size();
  text(json, bytes > frame_bytes ? bytes - frame_bytes : 1);
  return json + end;
}

std::string AgentEvents::metadata(std::string_view type) {
  std::string json;
  const auto add = [&](std::string_view key, std::string value) {
    json += (json.empty() ? R"(")" : R"(,")") + std::string(key) + R"(":)" + value;
  };
  const auto text_of = [](std::string_view value) { return '"' + std::string(value) + '"'; };
  const std::uint64_t tokens_in = 20 + below(8000);
  const std::uint64_t tokens_out = 1 + below(2000);
  if (below(4) == 0) add("worker_id", text_of("worker-" + std::to_string(below(16))));
  if (is_llm_event(type)) add("tokens_in", std::to_string(tokens_in));
  if (type == llm_response) add("tokens_out", std::to_string(tokens_out));
  if (is_llm_event(type)) add("model", text_of(models[below(models.size())]));
  if (is_tool_event(type)) add("tool_name", text_of(tools[below(tools.size())]));
  if (type == tool_result || type == llm_response) {
    add("duration_ms", std::to_string(1 + below(30000)));
  }
  if (type == llm_response) add("cost_usd", dollars(3 * tokens_in + 15 * tokens_out));
  if (below(10) == 0) add("extra", R"({"env":"demo"})");
  return '{' + json + '}';
}

}  // namespace agentstore::perf
