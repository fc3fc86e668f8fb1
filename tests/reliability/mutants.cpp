// Mutants of the protocol: a call that matters is reported as done, and not made. Each has to be
// killed by a campaign, or the campaign is blind to what that call is for. Mutants inside the
// library's own code are made by mutate.py.

#include <cstdio>

#include "reliability/campaign.hpp"

namespace agentstore::reliability {
namespace {

using CampaignRun = std::uint64_t (*)(const Settings&, const LeaveOut&);

bool in_folder(const std::string& path, const char* part) {
  return path.find(part) != std::string::npos;
}
bool is_folder(const std::string& path) {
  return path.substr(path.rfind('/') + 1).find('.') == std::string::npos;
}

struct Mutant {
  const char* name;
  CampaignRun run;
  const char* only;  // scenarios
  LeaveOut leave_out;
};

const Mutant mutants[] = {
    {"no fdatasync", crash_campaign, "append",
     [](const std::string& call, const std::string&, bool) { return call == "fdatasync"; }},
    {"no fdatasync behind an append", crash_campaign, "batches",
     [](const std::string& call, const std::string& path, bool written) {
       return call == "fdatasync" && written && path.ends_with(".jsonl");
     }},
    {"no fdatasync on taking the lock", crash_campaign, "batches",
     [](const std::string& call, const std::string& path, bool written) {
       return call == "fdatasync" && !written && path.ends_with(".jsonl");
     }},
    {"no truncate after a failed write", faults_campaign, "batches",
     [](const std::string& call, const std::string&, bool) { return call == "ftruncate"; }},
    {"no fdatasync of the quarantine", crash_campaign, "torn line",
     [](const std::string& call, const std::string& path, bool) {
       return call == "fdatasync" && in_folder(path, "/quarantine/");
     }},
    {"no fsync of the quarantine's folder", crash_campaign, "torn line",
     [](const std::string& call, const std::string& path, bool) {
       return call == "fsync" && path.ends_with("/quarantine/s");
     }},
    {"no fsync of folders", crash_campaign, "create",
     [](const std::string& call, const std::string& path, bool) {
       return call == "fsync" && is_folder(path);
     }},
    {"no fsync of the folder of folds", crash_campaign, "redact",
     [](const std::string& call, const std::string& path, bool) {
       return call == "fsync" && in_folder(path, "/folds/");
     }},
    {"no fsync of a new log", crash_campaign, "salvage",
     [](const std::string& call, const std::string& path, bool) {
       return call == "fsync" && path.ends_with(".tmp");
     }},
};

}  // namespace

std::uint64_t mutants_campaign(const Settings& settings) {
  std::uint64_t killed = 0;
  for (const Mutant& mutant : mutants) {
    Settings few = settings;
    few.states = 20'000;
    few.only = mutant.only;
    std::string how;
    try {
      mutant.run(few, mutant.leave_out);
    } catch (const Violation& violation) {
      how = violation.what();
    }
    require(!how.empty(), std::string{"the mutant lives: "} + mutant.name);
    std::printf("  killed: %s (%s)\n", mutant.name, how.substr(0, how.find('\n')).c_str());
    ++killed;
  }
  return killed;
}

}  // namespace agentstore::reliability
