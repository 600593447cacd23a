// A form in which files write times, such as "yyyy-MM-dd HH:mm": compiled once, then read at once
// for each row. Letters stand for parts of a time, everything else for itself, and what is between
// single quotes too. Nothing here keeps state; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace duliang {

class TimePattern {
 public:
  // bad_input says which letters are none. Year, month and day are needed, hour to second are 0
  // where they are left out; each stands once.
  //
  //   yyyy   four digits          M d H m s       one or two digits
  //   MMM    Jan, JAN, jan, …     MM dd HH mm ss  two digits
  //   SSS    one to six digits of a fraction of a second
  //   XXX    Z, +08:00 or +0800
  static Result<TimePattern> parse(std::string_view pattern);

  // The moment; without XXX it is taken in `zone`. Hour 24 is the end of the day. bad_input where
  // the text does not fit, or the calendar or clock has no such moment.
  Result<Time> read(std::string_view text, Zone zone) const;

 private:
  enum class Part : unsigned char {
    literal,
    year,
    month,
    month_name,
    day,
    hour,
    minute,
    second,
    fraction,
    offset
  };
  struct Piece {
    Part part;
    size_t least = 0;  // digits
    size_t most = 0;
    std::string literal;
  };
  static Result<Piece> piece_of(std::string_view letters);

  std::string pattern_;
  std::vector<Piece> pieces_;
};

// "+08:00", "+0800" or "Z".
Result<Zone> parse_zone(std::string_view text);

}  // namespace duliang
