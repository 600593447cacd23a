// What must be in the house, worked out from the journal by other means than the program's: it
// knows the two trial packs by heart, uses neither watch nor cases nor the question language, and
// reads only the inputs of a frame (entities, readings, acts), never what was decided. One thread.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "journal/journal.h"
#include "query/question.h"

namespace duliang {

class Oracle {
 public:
  // The next frame. What is wrong with it, or empty.
  std::string take(const Frame& frame);
  // Whether the view shows what must be there, row for row and reading for reading.
  std::string compare(const View& view);

  const Tail& tail() const { return tail_; }
  void set_tail(const Tail& tail) { tail_ = tail; }

  struct RecordedAct {
    uint64_t sequence = 0;
    int64_t case_id = 0;
    std::string act;
    std::string actor;
    auto operator<=>(const RecordedAct&) const = default;
  };
  const std::set<RecordedAct>& acts() const { return acts_; }
  // As they came, whatever was done to them since.
  const std::map<ReadingId, std::pair<uint64_t, Reading>>& readings() const { return readings_; }
  // As they stand now.
  const std::map<ReadingId, Reading>& standing() const { return standing_; }
  // Which frame corrected which reading; id 0: a cut.
  const std::set<std::pair<uint64_t, ReadingId>>& corrections() const { return corrections_; }
  // How many readings were replaced for each reason, and the last frame that did it.
  struct Replaced {
    uint64_t readings = 0;
    uint64_t sequence = 0;
    bool operator==(const Replaced&) const = default;
  };
  const std::map<std::string, Replaced>& replaced() const { return replaced_; }
  // How many readings were recorded with each key.
  const std::map<std::string, size_t>& keyed() const { return keyed_; }
  // Which frame removed which row that was asked for.
  struct Removal {
    uint64_t sequence = 0;
    TypeId type{};
    int64_t id = 0;
    auto operator<=>(const Removal&) const = default;
  };
  const std::set<Removal>& removals() const { return removals_; }
  bool has_row(TypeId type, int64_t id) const { return rows_.contains({type, id}); }
  bool was_removed(TypeId type, int64_t id) const {
    return std::ranges::any_of(
        removals_, [=](const Removal& one) { return one.type == type && one.id == id; });
  }
  Time cut_of(StreamId stream) const;  // the beginning of time where there is none
  size_t alarms() const { return alarms_.size(); }
  size_t cases() const { return cases_.size(); }
  std::vector<std::pair<int64_t, std::string>> open_cases() const;  // and the step
  // How often a thing happened that the house must have judged.
  std::map<std::string, int> happened;

 private:
  struct Level {
    int level = 0;
    std::optional<double> threshold;
    bool active = false;
    std::optional<Time> since;  // it wants to change since then
  };
  struct Stream {
    std::vector<Level> levels;  // the most severe first
    std::optional<Time> newest;
    int told = 0;
    bool is_level = false;  // else of the observed property that no rule and no class names
  };
  struct Alarm {
    int64_t stream = 0;
    bool active = false;
    int64_t level = 0;
    int64_t peak = 0;
    int64_t occurrences = 0;
    Time raised{}, changed{};
  };
  struct TaskDone {
    std::string step;
    std::string act;
    RowId person = kNoRow;
  };
  struct Case {
    int64_t alarm = 0;
    std::string step;
    bool open = true;
    RowId handler = kNoRow, checker = kNoRow;
    std::vector<TaskDone> tasks;
  };

  void learn(const Row& row);
  std::string correct(const Frame& frame, const ReadingChange& change);
  std::string check_retention(const CommandRecord& record, const ReadingChange& change);
  std::string remove(const Frame& frame, uint32_t command);
  void end_stream(int64_t stream, Time now);
  void judge(const Reading& reading, Time now);
  void turn(Level& level, double value, Time at);
  void change_alarm(int64_t stream, int from, int to, Time at);
  std::string act(const Frame& frame, const CommandRecord& record);
  std::string take_act(Case& matter, const std::string& act, const std::string& note, RowId person);
  Case* open_case_of(int64_t alarm);

  std::string compare_rows(const View& view) const;
  std::string compare_alarms(const std::vector<Row>& rows) const;
  std::string compare_cases(const std::vector<Row>& rows) const;
  std::string compare_tasks(const std::vector<Row>& rows) const;
  std::string compare_readings(const SeriesView& view) const;

  Tail tail_;
  double hysteresis_ = 0;
  std::optional<std::chrono::days> kept_;  // of the readings of levels; none: for ever
  std::set<RowId> levels_;                 // observed properties of that name
  std::map<std::string, RowId> people_;  // by key
  std::map<int64_t, Stream> streams_;
  std::vector<Alarm> alarms_;  // the id is the place + 1
  std::vector<Case> cases_;    // likewise
  std::set<RecordedAct> acts_;
  std::map<ReadingId, std::pair<uint64_t, Reading>> readings_;  // with the frame's number
  std::map<ReadingId, Reading> standing_;
  std::map<StreamId, Time> cuts_;
  // Of the types that may be removed; of a stream, what it points to.
  std::map<std::pair<TypeId, int64_t>, std::vector<std::pair<TypeId, int64_t>>> rows_;
  std::set<Removal> removals_;
  Time latest_{};  // of any frame
  std::map<std::string, size_t> keyed_;
  std::map<std::string, Replaced> replaced_;
  std::set<std::pair<uint64_t, ReadingId>> corrections_;
};

}  // namespace duliang
