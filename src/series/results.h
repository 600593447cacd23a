// The column of results. Numbers that are written as plain decimals become whole numbers at one
// power of ten for each stream; whatever else is JSON keeps its text. Either comes back letter for
// letter. Pure functions of any thread.
#pragma once

#include <span>
#include <string>

#include "base/bytes.h"
#include "model/reading.h"

namespace duliang {

// `runs` are the numbers of readings of one stream; they add up to all readings.
void put_results(std::string& out, std::span<const Reading> readings,
                 std::span<const int64_t> runs);
void take_results(Reader& in, std::span<Reading> readings, std::span<const int64_t> runs);
// Their numbers, as number_of() has them; NaN of a result that is none.
void take_result_numbers(Reader& in, std::span<double> numbers, std::span<const int64_t> runs);

}  // namespace duliang
