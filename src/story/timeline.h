// A timeline is a story as text: stations, readings and people's acts on a time axis, and what is
// expected of the house. A test runs it on a simulated clock in milliseconds, the demo plays it in
// real time, a bug report is one. docs/timelines.md is its manual.
//
//   station creek "Creek bridge" at 107.52,30.55 town 500155114
//   stream creek/level "Level" property water_level unit m set guaranteed_m=3.6 warning_m=3.2
//   +0s   read creek/level every 10s : 3.1 3.3 - 3.7 3.8
//   +40s  expect alarm creek/level level 1
//   +50s  act chen-min sign creek/level
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/files.h"
#include "base/geometry.h"
#include "base/json.h"
#include "base/time.h"

namespace duliang {

struct TellStation {
  std::string key;
  std::string name, name_en;
  Point point;
  std::string town;  // code; empty: by the nearest point
};
struct TellStream {
  std::string station, key;
  std::string name, name_en;
  std::string property;  // name of the ObservedProperty
  std::string unit;
  std::string note;  // where the readings come from, in words
  Json properties;   // `set`: thresholds of the stream and the like
};
struct TellReading {
  std::string stream;      // "creek/level"
  std::string result;      // JSON text
  Duration phenomenon{0};  // on the time axis
  bool once = false;       // a recorded past and its sequel: not told again, neither when a story
                           // loops nor in a house that has it already
};
struct TellAct {
  std::string actor, act, stream, note;
  int expect_status = 200;
};
struct ExpectAlarm {
  std::string stream;
  std::optional<int> level;  // active at this level
  bool cleared = false;
  bool none = false;
  std::optional<int> occurrences;
};
struct ExpectCase {
  std::string stream;
  bool none = false;
  std::string step, state, unit, handler, checker;  // empty: not asked
};
struct ExpectCount {
  std::string set;  // "alarms" or "cases"
  int count = 0;
};
struct TellRestart {
  bool kill = false;  // without a checkpoint
};

using Telling = std::variant<TellStation, TellStream, TellReading, TellAct, ExpectAlarm, ExpectCase,
                             ExpectCount, TellRestart>;

struct TimelineEvent {
  Duration at{0};
  size_t line = 0;
  Telling telling;
};

struct Timeline {
  std::vector<std::string> packs;     // of a test: which ones are loaded
  Duration loop{0};                   // the demo tells the timed part again after so long; 0: never
  std::vector<TimelineEvent> events;  // in order of time, equal times in the order of the text
};

// `folder` is where the files of `replay` lines are looked for. bad_input names the line.
Result<Timeline> parse_timeline(std::string_view text, Files& files, const std::string& folder);

}  // namespace duliang
