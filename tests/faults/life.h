// A data folder on a simulated disk, and a script of all that it goes through: rows, readings, an
// alarm and its case, corrections, checkpoints, a merge, a cut, restarts. The script is the same in
// every life and the clock is the script's, so two lives that have come equally far show the same:
// that is how a life that met a fault is judged.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/sim/sim_clock.h"
#include "base/sim/sim_files.h"
#include "engine/engine.h"
#include "review/review.h"

namespace duliang {

inline constexpr const char* kFaultFolder = "/data";

class Life {
 public:
  explicit Life(Durability readings_durability);
  // One that has come to just before this step, with what was on its disk then, durable or not. It
  // was killed there and is not open.
  Life(Durability readings_durability, const SimFiles& disk, size_t step);
  ~Life();

  Status open();
  // The program's end. On a disk that has died it changes nothing any more.
  void close() { engine.reset(); }
  ReviewInput review_input() { return {kFaultFolder, &files, &clock, vfs_}; }

  // Each step is one piece of work: a group of commands that becomes one frame, or work beside
  // them. Step 0 opens the folder, the last one closes it. An error: the process must end.
  static size_t steps();
  static const char* name_of(size_t step);
  static size_t step_named(std::string_view name);  // CHECK: there is one
  static bool opens(size_t step);  // the folder need not be open before it
  // Behind it no loss of power may take what came before, whatever the durability.
  static bool is_durable(size_t step);
  Status perform(size_t step);

  // All that a reader is shown, a line each.
  Result<std::string> picture();
  // Which acknowledged reading is not found as it was acknowledged, or empty.
  std::string check_acknowledged();
  // Forgets what was acknowledged by this step or later ones.
  void forget_from(size_t step);

  // Takes commands as one group, and remembers what was answered.
  Status group(std::vector<Command> commands);

  SimFiles files;
  SimClock clock;
  std::unique_ptr<Engine> engine;

 private:
  void move_clock_to(size_t step);
  void remember(const Command& command, const Outcome& outcome);

  const std::string vfs_;
  const Durability readings_durability_;
  size_t step_ = 0;
  struct Answered {
    size_t step = 0;
    std::optional<std::string> result;  // none: it is gone
    Time time{};
    StreamId stream{0};
  };
  std::map<ReadingId, std::vector<Answered>> answered_;  // what was acknowledged of it, in order
};

// What `dump` prints of a folder; on an error that.
std::string dump_of(ReviewInput input, const std::string& folder);
// Where two texts of lines differ first, for a person; or empty.
std::string first_difference(const std::string& expected, const std::string& found);

}  // namespace duliang
