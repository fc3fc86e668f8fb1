#include "reliability/logs.hpp"

#include "log/line.hpp"
#include "log/redaction.hpp"

namespace agentstore::reliability {

LogText& LogText::write(const std::vector<Draft>& drafts) {
  const std::uint64_t first = number_ + 1;
  const log::Batch batch =
      drafts.size() > 1 ? log::Batch{first, first + drafts.size() - 1} : log::Batch{};
  for (const Draft& draft : drafts) {
    ++number_;
    // No two events have one id.
    const bool taken = !ids_.insert(draft.id).second;
    const std::string id = taken ? draft.id + "-" + std::to_string(number_) : draft.id;
    log::NumberedEvent event{.session_id = "s",
                             .sequence_number = number_,
                             .type = draft.type,
                             .timestamp = {1'772'884'800 + static_cast<std::int64_t>(number_), 0},
                             .recorded_at = std::nullopt,
                             .metadata = draft.metadata,
                             .event_id = id,
                             .batch = batch,
                             .payload = draft.payload};
    event.salt.fill(static_cast<unsigned char>(number_ * 7));
    head_ = log::encode_line(text_, event, head_);
  }
  ends_.push_back(text_.size());
  return *this;
}

LogText& LogText::go_line(std::string_view payload) {
  ++number_;
  const std::string line = R"({"session_id":"s","sequence_number":)" + std::to_string(number_) +
                           R"(,"type":"custom","payload":)" + std::string{payload} +
                           R"(,"timestamp":"2026-03-07T12:00:00Z","metadata":{}})";
  log::Arena arena;
  log::Line parsed;
  log::parse_line(line, arena, parsed);
  head_ = log::head_after(parsed, head_);
  text_ += line + '\n';
  ends_.push_back(text_.size());
  return *this;
}

LogText& LogText::redact(std::uint64_t number) {
  std::size_t start = 0;
  for (std::uint64_t i = 1; i < number; ++i) start = text_.find('\n', start) + 1;
  const std::size_t end = text_.find('\n', start);
  const std::string line = text_.substr(start, end - start);
  log::Arena arena;
  log::Line parsed;
  log::parse_line(line, arena, parsed);
  const std::string gone = log::redacted_text(parsed, number_ + 1);
  write({{.id = "r" + std::to_string(number_ + 1),
          .payload = log::redaction_payload(parsed, "a reason", "somebody"),
          .type = std::string{log::redacted_type}}});
  text_.replace(start, line.size(), gone);
  for (std::size_t& at : ends_) {
    if (at > start) at = at - line.size() + gone.size();
  }
  return *this;
}

const std::vector<Shape>& shapes() {
  using Draft = LogText::Draft;
  const auto text = [](std::size_t size) {
    return "{\"text\":\"" + std::string(size, 'x') + "\"}";
  };
  const Draft plain{.id = "p"};
  const Draft unicode{.id = "ü-☃",
                      .payload = "{\"日本\":\"😀 \\ud83d\\u0000 \\\"quoted\\\"\"}",
                      .metadata = R"({"model":"é","extra":{"k":"ж"}})"};
  const Draft numbers{.id = "n", .payload = "[1e400,9007199254740993,-0.0,[[[]]],null,true]"};
  static const std::vector<Shape> all{
      {"empty", LogText{}},
      {"one event", LogText{}.write("a")},
      {"single events", LogText{}.write("a").write("b").write("c").write("d")},
      {"batches", LogText{}.write({plain, unicode}).write({plain, plain, plain})},
      {"events and batches", LogText{}.write("a").write({plain, numbers}).write("d")},
      {"long lines", LogText{}
                         .write({{.id = "a", .payload = text(1500)}})
                         .write({{.id = "b", .payload = text(700)}})},
      {"long batch",
       LogText{}.write("a").write(
           {{.id = "b", .payload = text(600)}, plain, {.id = "d", .payload = text(510)}})},
      {"unicode", LogText{}.write({unicode}).write({numbers}).write({unicode})},
      {"of the Go library", LogText{}.go_line().go_line("\"two\"").go_line(), false},
      {"Go prefix", LogText{}.go_line().go_line(R"({"a":[1,2]})").write("a").write("b")},
      {"Go prefix, batches", LogText{}.go_line().write({plain, plain}).write({unicode, numbers})},
      {"redacted",
       LogText{}
           .write("a")
           .write({plain, unicode})
           .write("c")
           .redact(2)
           .write("d")
           .redact(1)
           .write("e"),
       true, 6},
  };
  return all;
}

}  // namespace agentstore::reliability
