// Differences between two histories, and between what they came to.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agentstore/diff.hpp"
#include "formats/sink.hpp"

namespace agentstore::formats {

/// One of the two histories.
struct DiffSide {
  std::string label;       ///< as it was named
  std::string session_id;  ///< empty where there is no event that says it
  std::uint64_t last_sequence_number = 0;
};

struct DiffAnswer {
  DiffSide a;
  DiffSide b;
  const Diff& diff;
  /// Members of the states that differ; absent: states were not compared.
  std::optional<std::vector<FieldChange>> state;
  bool same = false;
};

/// Takes the steps of a diff with their events, in order. Begin once, step for each, end once.
class DiffWriter {
 public:
  virtual ~DiffWriter() = default;
  virtual void begin() = 0;
  /// Null: that side lacks it.
  virtual void step(const EventView* a, const EventView* b,
                    std::span<const FieldChange> changes) = 0;
  virtual void end() = 0;
};

/// agentstore/diff/1, on one line. Streams.
class DiffJson final : public DiffWriter {
 public:
  DiffJson(Sink& sink, const DiffAnswer& answer) : sink_{sink}, answer_{answer} {}
  void begin() override;
  void step(const EventView* a, const EventView* b, std::span<const FieldChange> changes) override;
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
  void step(const EventView* a, const EventView* b, std::span<const FieldChange> changes) override;
  void end() override;

 private:
  void write_changes(std::span<const FieldChange> changes, std::size_t indent);
  std::size_t columns() const;

  Sink& sink_;
  const DiffAnswer& answer_;
  Screen screen_;
};

}  // namespace agentstore::formats
