// A log in memory for tests, of one thread: it can fail, answer `unknown` and have stored the
// record all the same, and take records of another writer in between.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "journal/log.h"

namespace duliang {

class SimLog final : public Log {
 public:
  void append(std::string_view record, Durability durability, Done done) override;
  Result<Place> read(Place from, size_t bytes_max, const Sink& sink) override;
  Result<Place> end() override;
  Status trim(Place before) override;
  Result<Place> sync() override;

  void insert(std::string record);         // somebody else's record comes next
  void fail_next(LogError error, bool stored);

 private:
  struct Entry {
    Place place;
    std::string record;
  };
  std::vector<Entry> entries_;
  Place next_ = 0;
  Place synced_ = 0;
  Place trimmed_ = 0;
  bool failed_ = false;
  std::optional<std::pair<LogError, bool>> next_failure_;
};

}  // namespace duliang
