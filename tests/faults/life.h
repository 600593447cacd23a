// A data folder on a simulated disk, and a script of all that it goes through: rows, readings, an
// alarm and its case, corrections of one reading and of a span, keys that are asked again, a
// command of several frames, checkpoints, a merge, segments that are sealed and may be retired,
// cuts by a person and by a class, a station that goes, restarts. The script is the same in every
// life and the clock is the script's, so two lives that have come equally far show the same: that
// is how a life that met a fault is judged.
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

// How a house is run.
struct Manner {
  Durability readings_durability = Durability::power;
  Duration keep_journal{0};           // zero: for ever
  uint64_t segment_bytes = 3 * 1024;  // so small that the script goes through several

  auto operator<=>(const Manner&) const = default;
};

class Life {
 public:
  explicit Life(Manner manner);
  // One that has come to just before this step, with what was on its disk then, durable or not. It
  // was killed there and is not open.
  Life(Manner manner, const SimFiles& disk, size_t step);
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
  // It is recorded in several frames. Where only some are there it is asked again.
  static bool is_in_parts(size_t step);
  Status perform(size_t step);

  // All that a reader is shown, a line each.
  Result<std::string> picture();
  // Which acknowledged reading is not found as it was acknowledged, or empty.
  std::string check_acknowledged() { return check_answered(false); }
  // Likewise where a part of what was asked in the last step is done, which is then forgotten.
  std::string check_half_done();
  // Forgets what was acknowledged by this step or later ones, and what was under way.
  void forget_from(size_t step);
  // What was asked in the last step was not answered, but is done.
  void settle_under_way();

  // Takes commands as one group, and remembers what was answered.
  Status group(std::vector<Command> commands);
  // Does something that no one asks for, or that takes long, until nothing is left to do; it comes
  // to the same as these commands.
  Status long_work(std::optional<LongCommand> asked, std::vector<Command> same);

  SimFiles files;
  SimClock clock;
  std::unique_ptr<Engine> engine;

 private:
  void move_clock_to(size_t step);
  struct Answered {
    size_t step = 0;
    std::optional<std::string> result;  // none: it is gone
    Quality quality = Quality::unset;
    Time time{};
    StreamId stream{0};
  };
  std::string check_answered(bool or_before);
  void remember(const Command& command, const Outcome& outcome);
  void remember_of(const std::function<bool(const Answered&)>& concerns,
                   std::optional<Quality> quality);

  const std::string vfs_;
  const Manner manner_;
  size_t step_ = 0;
  std::vector<Command> under_way_;
  std::map<ReadingId, std::vector<Answered>> answered_;  // what was acknowledged of it, in order
};

// What `dump` prints of a folder; on an error that.
std::string dump_of(ReviewInput input, const std::string& folder);
// Where two texts of lines differ first, for a person; or empty.
std::string first_difference(const std::string& expected, const std::string& found);

}  // namespace duliang
