// The rows of the benchmark: each measures ours and its baseline in one run, interleaved, and gives
// the raw runs with the ratio and its gate.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace duliang::bench {

struct Settings {
  std::string duliang;  // the program
  std::string packs = "packs";
  std::string folder;  // for data; removed afterwards
  int pairs = 9;
  double seconds = 1;  // of each measurement
};

struct BenchRow {
  std::string name;
  std::string unit;
  double ours = 0;      // medians
  double baseline = 0;  // 0: there is none
  double ratio = 0;     // ours to baseline; of a row without baseline: ours
  double gate = 0;
  bool at_least = true;  // else at most
  std::vector<double> ours_runs, baseline_runs;
  std::string note;

  bool pass() const { return at_least ? ratio >= gate : ratio <= gate; }
  Json to_json() const;
};

// Single POSTs of Observations on 64 connections against the bare loop, per CPU-second of each
// server.
Result<BenchRow> single_posts(const Settings& settings, const std::string& durability, double gate);
// From the POST of a reading to its alarm on the live feed, at half of the peak: p99 in
// milliseconds.
Result<BenchRow> alarm_latency(const Settings& settings);

}  // namespace duliang::bench
