// A reading: one Observation as the house carries it. The result is kept as the JSON text that
// came, so that every result type comes out as it went in; its number, where it is one, is beside
// it.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "model/model.h"
#include "model/row.h"

namespace duliang {

struct Reading {
  ReadingId id{0};               // 0 until the writer gives one
  StreamId stream{0};
  Interval phenomenon_time;
  std::optional<Time> result_time;
  RowId feature = kNoRow;
  std::string result = "null";   // JSON text
  std::string extras;            // JSON object of validTime, resultQuality, parameters; or empty
  friend bool operator==(const Reading&, const Reading&) = default;
};

// The number of a result: of JSON numbers only (`"3"` is text, `true` is no number).
std::optional<double> number_of(const Reading& reading);
Value result_value(const Reading& reading);
// As a row of type observation, for the question language and for answers.
Row to_row(const Reading& reading);

void encode(std::string& out, const Reading& reading, const Reading& before);  // delta to `before`
Result<Reading> decode_reading(class Reader& in, const Reading& before);

}  // namespace duliang
