// The mapping file of an import: which columns of a CSV file say when, of which stream, and what.
// YAML, read by the reader of packs, so that a mistake is told with file, line and what was
// expected. docs/import-export.md is its manual. Nothing here keeps state; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "doors/csv/time_pattern.h"

namespace duliang {

// How a cell becomes the result of a reading; its text is kept.
enum class ResultForm : unsigned char { number, text, json };

// What is the same for all rows, or stands in a column.
struct MappedName {
  std::string constant;
  std::string column;  // in place of the constant
  bool present() const { return !constant.empty() || !column.empty(); }
};

// A column with results, and how their stream is known: by its id, or by the names of Thing and
// Datastream.
struct MappedReading {
  std::string column;
  ResultForm form = ResultForm::number;
  MappedName stream;
  MappedName thing, datastream;
  std::string place;  // "air.yaml:12", for messages
};

struct MappedTime {
  std::vector<std::string> columns;    // joined by a space
  std::optional<TimePattern> pattern;  // none: ISO 8601, also begin/end
  std::string place;
};

struct Mapping {
  char separator = ',';
  bool header = true;  // else columns are named by their number, from 1
  Zone zone;           // of times that do not say theirs
  MappedTime time;
  std::vector<std::string> na;  // cells that say nothing, besides the empty one
  std::vector<MappedReading> readings;
};

// bad_input: "air.yaml:12: readings[0].colum: unknown key; did you mean …"; too_large above
// limits::kMappingBytes or kCsvFields.
Result<Mapping> parse_mapping(const std::string& file, std::string_view text);

}  // namespace duliang
