// What readings cost as pages, on disk and in time: a table of data sets with bytes a reading, and
// the nanoseconds of processor time that encoding and decoding one takes. Real inputs are read from
// DULIANG_DATA (../shared/data); what is missing is skipped and says so. Built by
// `ninja -C build/release duliang_pages`, as build/release/bench/duliang_pages.
#include <cstdio>
#include <ctime>
#include <limits>

#include "series/measured_readings.h"
#include "series/page.h"

namespace duliang {
namespace {

// Of the processor, so that others on the same machine count little; the best of some rounds.
double nanoseconds(const std::function<void()>& work) {
  double best = std::numeric_limits<double>::max();
  for (int round = 0; round < 3; ++round) {
    const std::clock_t start = std::clock();
    work();
    const auto ticks = static_cast<double>(std::clock() - start);
    best = std::min(best, ticks * 1e9 / CLOCKS_PER_SEC);
  }
  return best;
}

void measure(const char* name, double gate, const std::vector<Reading>& readings) {
  if (readings.empty()) {
    std::printf("%-44s skipped: it is not in %s\n", name, data_folder().c_str());
    return;
  }
  std::vector<std::span<const Reading>> pieces;
  std::span<const Reading> rest(readings);
  while (!rest.empty()) {
    pieces.push_back(rest.subspan(0, std::min(kPageRows, rest.size())));
    rest = rest.subspan(pieces.back().size());
  }
  std::vector<std::string> pages;
  const double encoding = nanoseconds([&] {
    pages.clear();
    for (const auto& piece : pieces) pages.push_back(encode_page(piece));
  });
  size_t bytes = 0;
  size_t decoded = 0;
  const double decoding = nanoseconds([&] {
    decoded = 0;
    for (const std::string& page : pages) decoded += decode_page(page).value().size();
  });
  for (size_t i = 0; i < pages.size(); ++i) {
    bytes += pages[i].size();
    CHECK(std::ranges::equal(decode_page(pages[i]).value(), pieces[i]), "what went in comes out");
  }
  const auto count = static_cast<double>(readings.size());
  const double each = static_cast<double>(bytes) / count;
  std::printf("%-44s %9zu %6.2f (gate %.1f: %s) %7.0f %7.0f\n", name, decoded, each, gate,
              each <= gate ? "met" : "NOT MET", encoding / count, decoding / count);
}

}  // namespace
}  // namespace duliang

int main() {
  using namespace duliang;
  std::printf("%-44s %9s %6s %17s %7s %7s\n", "readings", "number", "bytes", "", "enc ns",
              "dec ns");
  measure("air, hourly, 12 streams, live", 1.5, air_readings(Arrival::live));
  measure("air, imported at once", 1.5, air_readings(Arrival::at_once));
  measure("pedestrians, hourly, live", 1.5, pedestrian_readings(Arrival::live));
  measure("pedestrians, imported at once", 1.5, pedestrian_readings(Arrival::at_once));
  measure("rivers and rain, 30 min, live", 1.5, river_readings(Arrival::live));
  measure("rivers and rain, imported at once", 1.5, river_readings(Arrival::at_once));
  measure("10,000 streams, 60 each, ms jitter, 2 % late", 4, city_readings(10'000, 60));
  measure("10,000 streams, 2 each, ms jitter, 2 % late", 4, city_readings(10'000, 2));
}
