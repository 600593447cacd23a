// A reading: one Observation as the house carries it. The result is kept as the JSON text that
// came, so that every result type comes out as it went in; its number, where it is one, is beside
// it.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "base/time.h"
#include "model/model.h"
#include "model/row.h"

namespace duliang {

// What somebody says of a reading: a device check, or a person who looked at it. Only a
// ReadingChange sets it; what comes in says nothing.
enum class Quality : uint8_t { unset, good, doubtful, bad, corrected };

struct Reading {
  ReadingId id{0};  // 0 until the writer gives one
  StreamId stream{0};
  Interval phenomenon_time;
  OptionalTime result_time;
  RowId feature = kNoRow;
  std::string result = "null";  // JSON text
  std::string extras;           // JSON object of validTime, resultQuality, parameters; or empty
  Quality quality = Quality::unset;
  // The second since 1970 in which the house recorded it: of the time of its frame. Set when it is
  // appended to the series; not part of a frame.
  uint32_t arrived_s = 0;
  friend bool operator==(const Reading&, const Reading&) = default;
};

// The number of a result: of JSON numbers only (`"3"` is text, `true` is no number).
std::optional<double> number_of(const Reading& reading);
Value result_value(const Reading& reading);
// Reading::extras of these members; those that are null are left out.
std::string extras_text(const Json& members);
// As a row of type observation, for the question language and for answers.
Row to_row(const Reading& reading);

// As a difference to `before`. The quality is not written (CHECK: it is unset): see encode of a
// ReadingChange.
void encode(std::string& out, const Reading& reading, const Reading& before);
Result<Reading> decode_reading(class Reader& in, const Reading& before);

}  // namespace duliang
