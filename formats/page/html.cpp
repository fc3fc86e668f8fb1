#include "formats/page/html.hpp"

#include <algorithm>
#include <cassert>

#include "agentstore/internal/base64.hpp"
#include "agentstore/internal/digest.hpp"
#include "formats/page/texts.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/markup.hpp"
#include "formats/text/prose.hpp"

namespace agentstore::formats {

std::string html_line(std::string_view text, std::size_t columns) {
  return escaped_markup(printable_cut(text, columns));
}

std::string html_prose(std::string_view text) {
  return escaped_markup(prose_text(text));
}

std::string_view page_text(std::string_view name) {
  const auto* const found = std::ranges::find(page_texts, name, &PageText::name);
  assert(found != std::end(page_texts));
  return found->text;
}

void write_template(Sink& sink, std::string_view text, Places places) {
  while (true) {
    const std::size_t open = text.find("{{");
    const std::size_t close = text.find("}}", open);
    sink.write(text.substr(0, open));
    if (open == text.npos || close == text.npos) return;
    const std::string_view name = text.substr(open + 2, close - open - 2);
    const auto* const value = std::ranges::find(places, name, &Places::value_type::first);
    if (value != places.end()) sink.write(value->second);
    text.remove_prefix(close + 2);
  }
}

std::string content_policy(std::string_view style, std::string_view script) {
  return "default-src 'none'; style-src 'sha256-" + to_base64(sha256_of(style)) +
         "'; script-src 'sha256-" + to_base64(sha256_of(script)) +
         "'; base-uri 'none'; form-action 'none'";
}

void write_head(Sink& sink, const DocumentHead& head) {
  constexpr std::size_t generator_columns = 120;
  const std::string_view style = page_text("page.css");
  write_template(sink, page_text("head.html"),
                 {{"policy", content_policy(style, head.script)},
                  {"generator", html_line(head.generator, generator_columns)},
                  {"mark", page_mark_of(head.kind, head.fingerprint)},
                  {"title", head.title},
                  {"style", style}});
}

}  // namespace agentstore::formats
