#include "agentstore/verification.hpp"

namespace agentstore {

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::clean: return "clean";
    case Verdict::unsealed: return "unsealed";
    case Verdict::in_flight: return "in_flight";
    case Verdict::torn: return "torn";
    case Verdict::damaged: return "damaged";
    case Verdict::lost: return "lost";
    case Verdict::extract: return "extract";
  }
  return "unknown";
}

std::string_view to_string(FindingKind kind) {
  switch (kind) {
    case FindingKind::syntax: return "syntax";
    case FindingKind::blank: return "blank";
    case FindingKind::keys: return "keys";
    case FindingKind::metadata: return "metadata";
    case FindingKind::envelope: return "envelope";
    case FindingKind::seal: return "seal";
    case FindingKind::hash: return "hash";
    case FindingKind::session: return "session";
    case FindingKind::sequence: return "sequence";
    case FindingKind::chain: return "chain";
    case FindingKind::batch: return "batch";
    case FindingKind::event_id: return "event_id";
    case FindingKind::redaction: return "redaction";
    case FindingKind::unsealed: return "unsealed";
    case FindingKind::torn: return "torn";
    case FindingKind::lost: return "lost";
    case FindingKind::checkpoint: return "checkpoint";
    case FindingKind::head: return "head";
    case FindingKind::file: return "file";
    case FindingKind::layout: return "layout";
    case FindingKind::list: return "list";
    case FindingKind::snapshot: return "snapshot";
    case FindingKind::cached_aggregate: return "memo";
    case FindingKind::source: return "source";
    case FindingKind::skipped: return "skipped";
  }
  return "unknown";
}

}  // namespace agentstore
