// One fault: the k-th call that a step of the script makes of the disk, its own or SQLite's. Then
// the folder is opened again, must show what a life without a fault shows there, goes on, and must
// come to show what the other one shows.
#pragma once

#include "tests/faults/life.h"

namespace duliang {

// A life without a fault.
class Reference {
 public:
  explicit Reference(Manner manner);

  const std::string& fault() const { return fault_; }  // why it is none; or empty
  // The last frame and what is shown behind a step, and the disk just before one.
  uint64_t frame_behind(size_t step) const { return frames_[step]; }
  const std::string& shown_behind(size_t step) const { return shown_[step]; }
  const SimFiles& disk_before(size_t step) const { return *disks_[step]; }
  Manner manner() const { return manner_; }
  // Merges and segments alone: the most that a process did since it opened the folder.
  const EngineCounts& met() const { return met_; }

 private:
  const Manner manner_;
  EngineCounts met_;
  std::vector<uint64_t> frames_;
  std::vector<std::string> shown_;
  std::vector<std::unique_ptr<SimFiles>> disks_;
  std::string fault_;
};

enum class Kind : uint8_t {
  failed_call,  // it fails once, with half of a write done
  killed,       // it is the last call of the process
  power_lost,   // it is the last call of the machine, and any subset of what was not synced is gone
  full_disk,    // from it on nothing more has room, until somebody makes some
  failed_open,  // the calls are those that open a file that is there: it fails once
};

struct Fault {
  Kind kind{};
  uint64_t call = 0;  // 1 is the first of step Span::met_from
  uint64_t seed = 0;  // of what a loss of power takes
};

struct Span {
  size_t from = 0;      // the life is taken up before this step
  size_t met_from = 0;  // the fault falls into this step or one behind it
  size_t met_by = 1;    // but before this one
  // And the life goes on to here. Behind the last step: `verify` and `rejudge` find nothing then,
  // and `replay` gives the same folder; where the begin of the journal is retired these two refuse.
  size_t lived_to = 2;
};

struct Tried {
  bool met = false;   // there was such a call
  std::string wrong;  // with the step; or empty
};
Tried live_with(const Fault& fault, const Span& span, const Reference& reference);

}  // namespace duliang
