// Differences between two histories, and between what they came to.

#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "agentstore/analysis/diff.hpp"
#include "agentstore/internal/rule_files.hpp"
#include "formats/text/incomplete.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// One of the two histories.
struct DiffSide {
  std::string label;       ///< as it was named
  std::string session_id;  ///< empty where there is no event that says it
  std::uint64_t last_sequence_number = 0;
};

/// Gives changes, one at a time, to whoever takes them; may be asked several times. Null: none.
using Changes = std::function<void(const UseChange&)>;

struct DiffAnswer {
  DiffSide a;
  DiffSide b;
  const Diff& diff;
  /// Members of the states that differ; null: states were not compared.
  Changes state;
  bool same_state = true;
  bool same = false;
  RuleFiles rules = {};
  Incomplete incomplete = {};
};

/// Takes the steps of a diff with their events, in order. Begin once, step for each, end once.
class DiffWriter {
 public:
  virtual ~DiffWriter() = default;
  virtual void begin() = 0;
  /// Null: that side lacks it.
  virtual void step(const EventView* a, const EventView* b, const Changes& changes) = 0;
  virtual void end() = 0;
};

/// agentstore/diff/1, on one line. Streams.
class DiffJson final : public DiffWriter {
 public:
  DiffJson(Sink& sink, const DiffAnswer& answer) : sink_{sink}, answer_{answer} {}
  void begin() override;
  void step(const EventView* a, const EventView* b, const Changes& changes) override;
  void end() override;

 private:
  Sink& sink_;
  const DiffAnswer& answer_;
  bool first_ = true;
};

/// For people: `~` differs, `-` only in a, `+` only in b. Streams.
class DiffText final : public DiffWriter {
 public:
  DiffText(Sink& sink, const DiffAnswer& answer, const Screen& screen)
      : sink_{sink}, answer_{answer}, screen_{screen} {}
  void begin() override;
  void step(const EventView* a, const EventView* b, const Changes& changes) override;
  void end() override;

 private:
  void write_change(const FieldChange& change, std::size_t indent);
  void write_changes(const Changes& changes, std::size_t indent);
  std::size_t columns() const;

  Sink& sink_;
  const DiffAnswer& answer_;
  Screen screen_;
};

}  // namespace agentstore::formats
