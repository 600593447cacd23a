// The body of CreateObservations (18-088 clause 13.2): observations of many streams, each group
// with the names of its components and a row for each observation. This is the way in for who has
// thousands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json_scan.h"
#include "model/reading.h"

namespace duliang {

struct DataArray {
  std::vector<Reading> readings;  // of the rows that are well formed, in their order
  // One a row of the body, in its order: what is wrong with it, or empty.
  std::vector<std::string> faults;
};

class DataArrayParser {
 public:
  // A row that is wrong by itself is a fault and harms no other. bad_input where the body as a
  // whole is wrong: not JSON, no stream named, components that are unknown, doubled, or lack the
  // result.
  Result<DataArray> parse(std::string_view body);

 private:
  JsonScanner groups_;
  JsonScanner rows_;  // of groups in which the rows stand before their components
  size_t rows_before_ = 0;  // of the body before: who sends many sends them alike
};

}  // namespace duliang
