// The readings of which the bytes are counted: three sets that were measured, and a made city.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "model/reading.h"

namespace duliang::bench {

struct DataSet {
  std::string name;
  double gate = 0;        // bytes a reading of the folder
  double pages_gate = 0;  // of its parts
  std::function<std::vector<Reading>()> readings;  // none where the data is missing
};
std::vector<DataSet> data_sets();

// Puts them into the order in which they arrived, their streams numbered from 1, their results made
// JSON; how many streams there are.
int64_t by_arrival(std::vector<Reading>& readings);

}  // namespace duliang::bench
