// The houses under measurement. A data folder is built by the engine itself, in a process of its
// own that then ends like one that was killed; its clock is simulated, so that days of readings
// take seconds. A server is the program, started on such a folder.
#pragma once

#include "base/sim/sim_clock.h"
#include "bench/city.h"
#include "bench/processes.h"
#include "bench/row.h"
#include "bench/unsynced_files.h"
#include "engine/engine.h"

namespace duliang::bench {

// An engine on the machine's disk and a simulated clock, with the packs loaded, as the server does.
class BuiltHouse {
 public:
  static Result<std::unique_ptr<BuiltHouse>> open(const Settings& settings,
                                                  const std::string& folder, Time start,
                                                  size_t tail_readings);
  Engine& engine() { return *engine_; }
  SimClock& clock() { return clock_; }

  // Each a Thing with one Datastream of what is observed; their ids follow those that are there.
  Status add_stations(int count, const std::string& observed = "air_temperature");
  // To be answered; an error where the house refuses.
  Status submit(decltype(Command::body) body);
  Status turn_all();
  // The clock goes on to this time, not back; what is to be done between turns is done.
  Status tend_until(Time now);

 private:
  explicit BuiltHouse(Time start) : clock_(start) {}
  UnsyncedFiles files_;
  SimClock clock_;
  std::unique_ptr<Engine> engine_;
  std::optional<Error> refused_;
};

// Runs `work` in a process of its own, which ends without closing anything: a kill.
Status in_child(const std::function<Status()>& work);

struct HousePlan {
  int streams = 1000;
  std::vector<uint64_t> parts;  // readings of each part
  uint64_t corrections = 0;     // of readings in the parts
  uint64_t behind = 0;          // readings behind the last checkpoint, a fifth in frames alone
};
// The readings end a moment ago, within one month.
Status build_house(const Settings& settings, const std::string& folder, const HousePlan& plan);

// The program on a folder, until the object goes.
Result<Process> serve(const Settings& settings, const std::string& folder, unsigned short port,
                      const std::string& durability = "power");
// A folder with so many stations and no readings, served.
Result<Process> serve_new(const Settings& settings, const std::string& name, unsigned short port,
                          const std::string& durability, int stations);

Status copy_folder(const std::string& from, const std::string& to);
// The value of a metric, with its labels where it has some.
Result<double> metric(unsigned short port, const std::string& name);

}  // namespace duliang::bench
