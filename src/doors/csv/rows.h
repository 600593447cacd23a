// From records to readings, as a mapping says: built once for each file, since the header says
// where the columns stand. One thread; mapping and streams outlive it.
#pragma once

#include "doors/csv/csv.h"
#include "doors/csv/house_access.h"
#include "doors/csv/mapping.h"

namespace duliang {

class RowReader {
 public:
  // `header`: the fields of the first record; of no meaning for a mapping without one. bad_input: a
  // column is not there or there twice, or a stream that the mapping names does not exist.
  static Result<RowReader> make(const Mapping& mapping, const StreamBook& streams,
                                const std::vector<std::string>& header);

  struct Outcome {
    uint64_t missing = 0;  // cells that are NA
    std::string fault;     // of the record or of the first bad cell; or empty
  };
  // Appends the readings of the record; what is good in it is taken although a cell is bad.
  Outcome read(const CsvRecord& record, std::vector<Reading>& into) const;

 private:
  struct Name {
    std::string constant;
    std::optional<size_t> column;
  };
  struct Column {
    size_t value = 0;
    ResultForm form{};
    StreamId stream{0};  // 0: each record says it, by
    Name id;             // the id, or
    Name thing, datastream;
  };
  RowReader(const Mapping& mapping, const StreamBook& streams)
      : mapping_(&mapping), streams_(&streams) {}

  Result<Interval> time_of(const CsvRecord& record) const;
  Result<StreamId> stream_of(const Column& column, const CsvRecord& record) const;
  bool is_missing(std::string_view cell) const;

  const Mapping* mapping_;
  const StreamBook* streams_;
  size_t fields_ = 0;  // of the header, or as many as are needed
  std::vector<size_t> time_columns_;
  std::vector<Column> columns_;
};

}  // namespace duliang
