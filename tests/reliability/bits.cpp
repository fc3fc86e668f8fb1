// Changes to a log that its writer did not make, and no crash: every bit of every byte; lines
// deleted, swapped, repeated, moved in from another log; the last ones edited; payloads edited and
// hashed anew without mending the chain; seals stripped; logs written anew by a JSON library, an
// editor, git or a compressor; text appended, garbage behind a cut. Verification reports each, and
// takes none for the end that an interrupted write leaves, which the next append would cut off.
//
// What it cannot report is left out: a cut at the end of a write, and the last write hashed anew.
// For those an auditor keeps a checkpoint.

#include <algorithm>

#include "agentstore/json.hpp"
#include "log/line.hpp"
#include "log/verify.hpp"
#include "log/verify_clean.hpp"
#include "reliability/logs.hpp"
#include "reliability/scenarios.hpp"
#include "support/lines.hpp"

namespace agentstore::reliability {
namespace {

/// Whether a crash may have left this of the log: a beginning, with zeros for sectors.
bool is_crash_state(std::string_view text, std::string_view log) {
  if (text.size() > log.size()) return false;
  for (std::size_t at = 0; at < text.size(); at += sector_bytes) {
    const std::string_view sector = text.substr(at, sector_bytes);
    if (sector != log.substr(at, sector.size()) &&
        sector.find_first_not_of('\0') != std::string_view::npos) {
      return false;
    }
  }
  return true;
}

/// Whether a verifier takes the log for one that its writer left. Both of them have to agree.
bool passes(const std::string& text, Verdict& verdict) {
  test::TextSource source{text};
  const auto verified = log::verify(source, "s", false);
  const bool clean =
      verified && verified->verdict == Verdict::clean && verified->finding_count == 0;
  const auto fast = log::verify_clean(source, "s", {});
  require(fast.has_value(), "the fast verifier fails");
  const bool agree =
      !*fast || (verified && verified->verdict == (*fast)->verdict && verified->finding_count == 0);
  require(agree, "the fast verifier passes what the other reports");
  if (verified) verdict = verified->verdict;
  return clean;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

// A line with another payload, its own hash made right.
std::string edited(const std::string& text, const std::string& payload) {
  log::Arena arena;
  log::Line line;
  const std::string bare = text.substr(0, text.size() - 1);
  if (log::parse_line(bare, arena, line) || line.seal != log::Seal::sealed) return {};
  log::NumberedEvent event{.session_id = "s",
                           .sequence_number = line.event.sequence_number,
                           .type = line.event.type,
                           .timestamp = line.event.timestamp,
                           .recorded_at = line.recorded_at,
                           .metadata = line.event.metadata,
                           .event_id = line.event.event_id,
                           .batch = line.batch,
                           .payload = payload};
  std::string out;
  log::encode_line(out, event, line.prev);
  return out;
}

// Without one key of its seal, or without all of it.
std::string stripped(const std::string& line, std::size_t which) {
  const std::size_t seal = line.rfind(R"(,"salt":)");
  if (seal == line.npos) return {};
  if (which == 0) return line.substr(0, seal) + "}\n";
  if (which == 5) {  // A line as the Go library would have written it.
    const std::size_t own = line.find(",\"event_id\":");
    return line.substr(0, own) +
           line.substr(line.find(",\"payload\":"), seal - line.find(",\"payload\":")) + "}\n";
  }
  const char* const keys[] = {"\"salt\":", "\"prev\":", "\"hash\":", "\"event_id\":"};
  const std::size_t key = line.rfind(std::string{","} + keys[which - 1]);
  if (key == line.npos) return {};
  const std::size_t end = line.find('"', key + std::string_view{keys[which - 1]}.size() + 2);
  return line.substr(0, key) + line.substr(end + 1);
}

// With the spaces that a JSON library puts between tokens.
std::string re_spaced(const std::string& line) {
  std::string out;
  bool text = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    out += line[i];
    if (text && line[i] == '\\') out += line[++i];
    else if (line[i] == '"') text = !text;
    else if (!text && (line[i] == ',' || line[i] == ':')) out += ' ';
  }
  return out;
}

std::string sorted(const std::string& line) {
  std::vector<std::string> members;
  for (json::Walk walk{std::string_view{line}.substr(0, line.size() - 1)}; walk.next();)
    members.push_back(std::string{walk.key()} + ':' + std::string{walk.value()});
  std::sort(members.begin(), members.end());
  std::string out;
  for (const std::string& member : members) out += (out.empty() ? '{' : ',') + member;
  return out + "}\n";
}

class Campaign {
 public:
  explicit Campaign(const Settings& settings) : settings_(settings), random_(settings.seed) {
    for (const Shape& shape : shapes()) {
      if (!shape.sealed || shape.log.text().empty()) continue;
      if (shape.name.find(settings.only) != std::string::npos) shapes_.push_back(&shape);
    }
    require(!shapes_.empty(), "there is no such shape");
  }

  std::uint64_t run() {
    for (const Shape* const shape : shapes_) {
      Verdict verdict{};
      require(passes(shape->log.text(), verdict), "an untouched log does not pass: " + shape->name);
      edits(*shape);
      conversions(*shape);
      appended(*shape);
    }
    const bool whole = settings_.states == 0 || settings_.states >= bits_in_all();
    for (const Shape* const shape : shapes_) {
      for (std::size_t bit = 0; bit < shape->log.text().size() * 8; ++bit) {
        if (whole || below(random_, bits_in_all()) < settings_.states) flip(*shape, {bit});
      }
    }
    while (settings_.go_on(states_)) {
      const Shape& shape = *shapes_[below(random_, shapes_.size())];
      if (below(random_, 4) == 0) {
        garbage(shape);
        continue;
      }
      std::vector<std::size_t> bits(2 + below(random_, 6));
      // Near each other, as a bad sector has them, or anywhere.
      const std::size_t count = shape.log.text().size() * 8;
      const std::size_t first = below(random_, count);
      const std::size_t span = below(random_, 2) == 0 ? 64 : count;
      for (std::size_t& bit : bits) bit = (first + below(random_, span)) % count;
      std::sort(bits.begin(), bits.end());
      bits.erase(std::unique(bits.begin(), bits.end()), bits.end());
      flip(shape, bits);
    }
    return states_;
  }

 private:
  std::size_t bits_in_all() const {
    std::size_t sum = 0;
    for (const Shape* const shape : shapes_) sum += shape->log.text().size() * 8;
    return sum;
  }

  void flip(const Shape& shape, const std::vector<std::size_t>& bits) {
    std::string text = shape.log.text();
    std::string what = "bits";
    for (const std::size_t bit : bits) {
      text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
      what += ' ' + std::to_string(bit);
    }
    reported(shape, text, what);
  }

  void edits(const Shape& shape) {
    const auto lines = test::lines_of(shape.log.text());
    const auto other = test::lines_of(shapes()[4].log.text());
    const std::size_t count = lines.size();
    for (std::size_t i = 0; i < count; ++i) {
      const std::string at = " line " + std::to_string(i + 1);
      const auto with = [&](const std::string& line) {
        auto changed = lines;
        changed[i] = line;
        return joined(changed);
      };
      // Lines that end the log may be cut off, at the end of a write, unseen.
      if (i + 1 < count) reported(shape, with(""), "delete" + at);
      reported(shape, with(lines[i] + lines[i]), "repeat" + at);
      reported(shape, with(lines[i].substr(0, lines[i].size() - 1)), "glue" + at);
      reported(shape, with("\n" + lines[i]), "blank before" + at);
      for (std::size_t j = i + 1; j < count; ++j) {
        auto changed = lines;
        std::swap(changed[i], changed[j]);
        reported(shape, joined(changed), "swap" + at);
        changed = lines;
        changed[j] = lines[i];
        reported(shape, joined(changed), "copy" + at);
      }
      for (std::size_t j = 0; j < other.size(); ++j) {
        if (other[j] == lines[i]) continue;
        reported(shape, with(lines[i] + other[j]), "splice behind" + at);
        if (i + 1 < count || j != i) reported(shape, with(other[j]), "splice over" + at);
      }
      for (std::size_t which = 0; which < 6; ++which) {
        const std::string line = stripped(lines[i], which);
        if (!line.empty()) reported(shape, with(line), "strip" + at);
      }
      const std::string line = edited(lines[i], R"({"n":2})");
      if (!line.empty() && i + 1 < count) reported(shape, with(line), "edit" + at);
      re_encode(shape, with, lines[i], at);
    }
  }

  // What is done to the last lines of a log, or to all of them.
  void conversions(const Shape& shape) {
    const std::string& log = shape.log.text();
    const auto lines = test::lines_of(log);
    const std::pair<const char*, std::string (*)(const std::string&)> ways[] = {
        {"edit", [](const std::string& line) { return test::replaced(line, "T12:", "T13:"); }},
        {"CRLF", [](const std::string& line) { return test::replaced(line, "}\n", "}\r\n"); }},
        {"JSON library", re_spaced},
        {"sorted keys", sorted}};
    for (const auto& [name, way] : ways) {
      for (std::size_t last = 1; last <= lines.size(); ++last) {
        auto changed = lines;
        for (std::size_t i = lines.size() - last; i < lines.size(); ++i) changed[i] = way(lines[i]);
        const std::string what = std::string{name} + " last " + std::to_string(last);
        reported(shape, joined(changed), what);
        reported(shape, joined(changed).substr(0, joined(changed).size() - 1), what + " unended");
      }
    }
    std::string wide;
    for (const char c : log) wide += std::string{c, '\0'};
    reported(shape, "\xFF\xFE" + wide, "UTF-16");
    reported(shape, wide, "UTF-16 without a mark");
    reported(shape, "\xEF\xBB\xBF" + log, "byte order mark");
    reported(shape, "\x1F\x8B\x08" + random_bytes(log.size() / 5), "gzip");
    reported(shape, "\x28\xB5\x2F\xFD" + random_bytes(log.size() / 6), "Zstandard");
  }

  void appended(const Shape& shape) {
    const std::string& log = shape.log.text();
    const auto lines = test::lines_of(log);
    for (const std::string& text :
         {std::string{"x"}, std::string{"\n"}, std::string{"{}"}, std::string{"{}\n"},
          std::string{"done\n"}, std::string{"\r\n"}, std::string{"]"}, std::string(7, ' '),
          std::string(3, '\0') + "x", lines.front(), lines.back(), lines.front().substr(0, 60),
          lines.back().substr(0, lines.back().size() - 1), lines.back().substr(20), log}) {
      if (log + text == log || (lines.size() == 1 && text == log)) continue;
      reported(shape, log + text, "appended " + text.substr(0, 30));
    }
  }

  // A cut, and behind it what no crash leaves: a byte or two may be how the line goes on, but a
  // control character is not.
  void garbage(const Shape& shape) {
    const std::size_t at = below(random_, shape.log.text().size() + 1);
    std::string bytes = random_bytes(1 + below(random_, 600));
    bytes[below(random_, bytes.size())] = static_cast<char>(1 + below(random_, 8));
    reported(shape, shape.log.text().substr(0, at) + bytes,
             "garbage from byte " + std::to_string(at));
  }

  std::string random_bytes(std::size_t size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(below(random_, 256));
    return bytes;
  }

  // The same values in other bytes.
  template <class With>
  void re_encode(const Shape& shape, const With& with, const std::string& line,
                 const std::string& at) {
    reported(shape, with(" " + line), "space before" + at);
    reported(shape, with(test::replaced(line, ",\"", ", \"")), "space in" + at);
    reported(shape, with(test::replaced(line, "\"s\"", "\"\\u0073\"")), "escape in" + at);
    reported(shape, with(test::replaced(line, "}\n", "}\r\n")), "CR in" + at);
    reported(shape, with(test::replaced(line, "}\n", ",\"TYPE\":\"x\"}\n")), "second key in" + at);
  }

  void reported(const Shape& shape, const std::string& text, const std::string& what) {
    if (text == shape.log.text()) return;
    ++states_;
    Verdict verdict{};
    require(!passes(text, verdict), "not reported: " + what + " of \"" + shape.name + "\"");
    // What is spliced may be what follows there in another log.
    const bool may_be_torn = std::ranges::any_of(
        shapes(), [&](const Shape& any) { return is_crash_state(text, any.log.text()); });
    require(verdict != Verdict::torn || may_be_torn,
            "taken for torn: " + what + " of \"" + shape.name + "\"");
  }

  const Settings settings_;
  Random random_;
  std::vector<const Shape*> shapes_;
  std::uint64_t states_ = 0;
};

}  // namespace

std::uint64_t bits_campaign(const Settings& settings) {
  return Campaign{settings}.run();
}

}  // namespace agentstore::reliability
