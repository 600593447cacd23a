// A whole life of a data folder from one seed: readings, people's acts, checkpoints, segments
// sealed and retired, kills, losses of power, calls that fail, a disk that is full for a while,
// downtime, ends of months, clocks that jump, and backups, to which some lives go back. What must
// hold is known from three sides: what was acknowledged, what an Oracle works out from the journal,
// and what a listener of the live events was told. A seed that fails is the bug report:
// DULIANG_SEED=N simulation_test tells it again.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "doors/house_for_test.h"
#include "review/review.h"
#include "tests/simulation/oracle.h"

namespace duliang {

// Follows the live events over all starts: each once, without a gap.
class Listener final : public EventStream {
 public:
  void write(std::string chunk) override;
  bool closed() const override { return false; }

  std::string last_id = "0";
  uint64_t last = 0;  // the number in it
  bool reset = false;
  std::string fault;
};

inline constexpr const char* kBackup = "/backup";

class World {
 public:
  explicit World(uint64_t seed);

  // Lives the life. The first broken promise, or empty.
  std::string live();
  // How often which thing happened: a simulation that does nothing proves nothing.
  std::map<std::string, int> happened;

 private:
  // machine.cc
  std::string open();
  std::string opened_well();
  std::string listen();
  std::string crash(bool power);
  std::string ended(std::string_view doing, const Error& error, const char* what);
  bool is_excused();
  void fault_at(uint64_t in, SimFiles::Fault fault);
  void fill_disk();
  void make_room();
  void mend_disk();
  std::string shut();
  void remove_folder(const std::string& folder);
  std::string take_live_backup();
  std::string take_backup();
  std::string go_back();
  ReviewInput input() { return {kTestFolder, &house_.files, &house_.clock, kTestVfs}; }

  std::string load_packs();
  std::string step();
  std::string after_step();
  uint64_t draw_call();
  std::string disturb();
  std::string turns();
  void count_full(const EngineCounts& before);
  std::string tend();
  bool has_two_months() const;

  void post_station();
  void post_readings();
  void submit_readings(Command command);
  void ask_again();
  Reading draw_reading(int64_t stream);
  std::string draw_result(int64_t stream);
  void act();
  void correct();
  Command draw_correction();
  void remove();
  void change();
  void flag();

  // checks.cc
  std::string check();
  std::string check_turns() const;
  std::string check_journal();
  std::string check_retired();
  std::string check_acknowledged(const View& view);
  std::string check_end();
  std::string check_past(bool all_there);
  std::string hold_view();
  std::string check_held();

  Random random_;
  HouseForTest house_;
  Durability durability_;
  size_t tail_readings_;
  uint64_t disk_reserve_;
  uint64_t segment_bytes_;
  Duration keep_journal_;
  TurnLimits turn_;
  int steps_;
  int32_t month_ = 0;  // in which the life began

  struct Acknowledged {
    uint64_t sequence = 0;
    StreamId stream{0};
    std::string result;
    std::optional<Time> time;  // where one was given
    bool last = false;         // of its command: the frame of the answer is its own
  };
  std::map<ReadingId, Acknowledged> readings_;
  struct Station {
    std::string name;
    uint64_t sequence = 0;
  };
  std::map<int64_t, Station> things_;  // by id
  std::map<int64_t, double> level_;    // of each stream: a random walk
  std::map<int64_t, Time> last_time_;
  std::set<Oracle::RecordedAct> acts_;
  std::set<std::pair<uint64_t, ReadingId>> corrections_;
  std::set<Oracle::Removal> removals_;
  std::map<std::string, Oracle::Replaced> flags_;  // what was answered, by the reason given
  uint64_t flags_asked_ = 0;
  uint64_t made_ = 0;              // stations: the highest id
  uint64_t sequence_ = 0;          // of the last frame that was acknowledged
  uint64_t safe_ = 0;              // of the last frame that no loss of power may take
  // Frames as they were told by the feed, or first read: what is retired is known from here.
  std::map<uint64_t, std::shared_ptr<const Frame>> frames_;
  std::optional<uint64_t> backup_end_;  // the last frame in it
  std::shared_ptr<Listener> listener_ = std::make_shared<Listener>();
  Oracle oracle_;

  // A view that is held over several turns, and what it showed when it was taken.
  struct Held {
    View view;
    std::string picture;
    int until = 0;  // a step
  };
  std::optional<Held> held_;

  int now_ = 0;              // the step
  std::map<std::string, size_t> keyed_;  // how many readings were asked for with each key
  std::vector<Command> unanswered_;  // with a key, to be asked again
  int64_t drawn_ = 0;        // readings
  uint64_t turn_calls_ = 1;  // of the disk, in the last turn that had rows
  uint64_t fault_call_ = 0;  // the call of the disk at which a fault was set; 0: none
  bool full_ = false;        // the disk has an end
  bool dead_ = false;        // the machine died in a turn
  bool ended_ = false;       // the process must end: a call of the disk failed
  bool power_lost_ = false;  // since the folder was open last
};

// What `dump` prints of a folder on the simulated disk.
std::string dump_text(HouseForTest& house, const std::string& folder, std::string& fault);

}  // namespace duliang
