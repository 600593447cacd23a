// What the benchmark measures: each measurement gives one or more rows, ours beside its baseline in
// one run and interleaved, with the raw runs, the ratio and its gate. A measurement that fails says
// why and gives no row; a baseline that is not there is told in the row.
#pragma once

#include <functional>
#include <optional>
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
  double seconds = 1;                  // of each run
  uint64_t readings = 10'000'000;      // of the house that is asked, and of the one that restarts
  uint64_t days_readings = 20'000'000;  // of the ninety days; the gate is for 200 million
};

struct Gate {
  double value = 0;
  bool at_least = true;  // else at most
};

struct BenchRow {
  std::string name;
  std::string unit;
  double ours = 0;                 // median of the runs
  std::optional<double> baseline;  // median too
  double ratio = 0;                // median of the pairs' ratios, ours to baseline
  std::optional<Gate> gate;        // of the ratio, or without baseline of ours; none: information
  std::vector<double> ours_runs, baseline_runs;
  std::string note;
  std::string missing;  // what could not be had, and so was not compared

  // Medians of the runs.
  void settle();
  bool pass() const;
  Json to_json() const;
};

using Rows = std::vector<BenchRow>;

struct Measurement {
  std::string name;
  std::string what;
  std::function<Result<Rows>(const Settings&)> run;
};

// Each file of this folder adds its own, in the order in which they are printed.
void add_ingest(std::vector<Measurement>& all);
void add_bytes(std::vector<Measurement>& all);
void add_questions(std::vector<Measurement>& all);
void add_live(std::vector<Measurement>& all);
void add_restart(std::vector<Measurement>& all);
void add_ninety_days(std::vector<Measurement>& all);
void add_streams(std::vector<Measurement>& all);
void add_moment(std::vector<Measurement>& all);
void add_import(std::vector<Measurement>& all);

double median(std::vector<double> values);
// Of values in any order; 0.99 is the hundredth from the top. None: 0.
double quantile(std::vector<double> values, double at);

}  // namespace duliang::bench
