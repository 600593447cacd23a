// Looks for the readings that a long command is about, some thousands at a time, on a View of its
// own: so the writer goes on meanwhile. Streams one behind the other, and of each its readings in
// the order of their time; where it stops is a place between two times, and a later View goes on
// there. Reading pages can fail.
//
// One thread at a time.
#pragma once

#include <vector>

#include "engine/command.h"
#include "query/question.h"

namespace duliang {

// Everything before it was looked at.
struct SearchPlace {
  StreamId stream{0};  // of which to go on; 0: of the first
  Time from = Time::min();
  bool end = false;  // there is nothing behind it
};

class ReadingSearch {
 public:
  // `unless`: those of which this is said already are passed over. It stops when it has found
  // `most`, or at the end.
  struct Wanted {
    ReadingScope scope;
    std::optional<Quality> unless;
    size_t most = 0;
  };
  ReadingSearch(View view, Wanted wanted, SearchPlace from);

  // A bounded piece of work; true where it has stopped.
  Result<bool> step();
  struct Found {
    ReadingId id{0};
    size_t bytes = 0;  // of its texts
  };
  const std::vector<Found>& found() const { return found_; }
  const SearchPlace& place() const { return place_; }

 private:
  Result<bool> next_stream();
  Status look_into_stream();
  bool has_enough() const { return found_.size() >= wanted_.most; }

  const View view_;
  const Wanted wanted_;
  SearchPlace place_;
  std::vector<Found> found_;
  size_t looked_ = 0;       // in this step
  bool in_stream_ = false;  // place_ is within a stream
};

}  // namespace duliang
