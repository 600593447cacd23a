// What commands that came with an idempotency key were answered. Who was not answered, since the
// line broke or the house stopped, asks again with the same key, gets what it would have got, and
// nothing is done twice. The table follows from the frames, in which the keys stand: those behind
// the checkpoint are read at opening, what was before is saved with it. It is bounded: the oldest
// keys go, and a command that comes after that is a new one.
//
// One thread, the writer's.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>

#include "engine/command.h"

namespace duliang {

CommandKind kind_of(const Command& command);
// The readings of a command that were refused, each for itself, as its record keeps them: their
// places in what was asked.
std::string refused_text(const std::vector<std::pair<size_t, Error>>& refused);

class AnsweredKeys {
 public:
  struct Answered {
    CommandKind kind{};
    std::string actor;
    Outcome outcome;  // of readings that were refused the id is 0, and nothing more is known
  };

  // The next frame, when it is durable. Of readings that take several frames, the parts are put
  // together.
  void take(const FrameBody& body, uint64_t sequence);
  const Answered* find(const std::string& key) const;  // nullptr: not known, or not any more

  std::string save() const;
  Status restore(std::string_view saved);  // corrupt: not what save() gave

 private:
  void add(const std::string& key, Answered answered);
  static size_t ids_of(const Answered& answered);

  std::unordered_map<std::string, Answered> answered_;
  std::deque<std::string> oldest_;  // the keys in the order in which they came
  size_t ids_ = 0;                  // of rows and readings, in all of them
};

}  // namespace duliang
