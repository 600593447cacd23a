#include "bench/row.h"

#include <algorithm>

namespace duliang::bench {

double quantile(std::vector<double> values, double at) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const auto index = static_cast<size_t>(static_cast<double>(values.size()) * at);
  return values[std::min(index, values.size() - 1)];
}

double median(std::vector<double> values) { return quantile(std::move(values), 0.5); }

void BenchRow::settle() {
  ours = median(ours_runs);
  if (baseline_runs.empty()) return;
  baseline = median(baseline_runs);
  std::vector<double> ratios;
  for (size_t i = 0; i < std::min(ours_runs.size(), baseline_runs.size()); ++i) {
    ratios.push_back(ours_runs[i] / baseline_runs[i]);
  }
  ratio = median(ratios);
}

bool BenchRow::pass() const {
  if (!gate) return true;
  if (!missing.empty()) return false;  // what was not measured was not reached
  const double value = baseline ? ratio : ours;
  return gate->at_least ? value >= gate->value : value <= gate->value;
}

Json BenchRow::to_json() const {
  const auto list = [](const std::vector<double>& values) {
    Json json = Json::array();
    for (const double value : values) json.push(Json(value));
    return json;
  };
  Json json = Json::object();
  json["name"] = Json(name);
  json["unit"] = Json(unit);
  json["ours"] = Json(ours);
  json["baseline"] = baseline ? Json(*baseline) : Json();
  json["ratio"] = baseline ? Json(ratio) : Json();
  json["gate"] = gate ? Json(gate->value) : Json();
  json["gateIs"] = gate ? Json(gate->at_least ? "at least" : "at most") : Json();
  json["pass"] = gate ? Json(pass()) : Json();
  json["note"] = Json(note);
  json["missing"] = Json(missing);
  json["runs"] = list(ours_runs);
  json["baselineRuns"] = list(baseline_runs);
  return json;
}

}  // namespace duliang::bench
