// A whole life of a data folder from one seed: readings, people's acts, checkpoints, kills, losses
// of power, faults of the disk in the middle of a turn, downtime and clocks that jump. The oracle
// is the list of what was acknowledged. A seed that fails is the bug report: simulation_test
// --seed=N tells it again.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "doors/house_for_test.h"

namespace duliang {

class World {
 public:
  explicit World(uint64_t seed);

  // Lives the life. The first broken promise, or empty.
  std::string live();
  // How often which thing happened: a simulation that does nothing proves nothing.
  std::map<std::string, int> happened;

 private:
  std::string open();
  std::string load_packs();
  std::string step();
  std::string crash(bool power);
  std::string check();
  std::string check_readings(const View& view);
  std::string check_alarms(const View& view);
  std::string check_end();
  void post_reading();
  void post_station();
  void act();
  std::string turns();

  Random random_;
  HouseForTest house_;
  Durability durability_;
  size_t tail_readings_;
  int steps_;

  struct Acknowledged {
    StreamId stream;
    std::string result;
  };
  std::map<ReadingId, Acknowledged> readings_;
  std::map<int64_t, std::string> things_;  // id to name
  std::map<int64_t, double> level_;        // of each stream: a random walk
  std::map<int64_t, Time> last_time_;
  uint64_t sequence_ = 0;  // of the last frame that was acknowledged
  bool dead_ = false;      // the machine died in a turn
};

// What `dump` prints of a folder on the simulated disk.
std::string dump_text(HouseForTest& house, const std::string& folder, std::string& fault);

}  // namespace duliang
