#include "doors/csv/rows.h"

#include <algorithm>

#include "base/text.h"

namespace duliang {
namespace {

Error wrong(std::string what) { return {Code::bad_input, std::move(what), ""}; }

// Finds columns by the names of a header, or by their numbers where there is none.
class Header {
 public:
  Header(const Mapping& mapping, const std::vector<std::string>& fields) : named_(mapping.header) {
    for (const std::string& field : fields) names_.emplace_back(trim(field));
  }

  Result<size_t> find(const std::string& name, const std::string& place) {
    if (!named_) {
      const auto index = static_cast<size_t>(parse_integer(name).value_or(1) - 1);
      most_ = std::max(most_, index + 1);
      return index;
    }
    const auto count = std::ranges::count(names_, name);
    if (count == 1) return static_cast<size_t>(std::ranges::find(names_, name) - names_.begin());
    if (count > 1)
      return wrong(fmt::format("{}: the file has {} columns {}.", place, count, quoted(name)));
    const std::string near = nearest(name, names_);
    return wrong(fmt::format("{}: the file has no column {}{}", place, quoted(name),
                             near.empty() ? "." : fmt::format("; did you mean {}?", quoted(near))));
  }

  // How many fields a record must have.
  size_t fields() const { return named_ ? names_.size() : most_; }

 private:
  bool named_;
  std::vector<std::string> names_;
  size_t most_ = 0;
};

// JSON of a cell whose text is kept as it came.
Result<std::string> result_of(const std::string& cell, ResultForm form) {
  std::string text;
  if (form == ResultForm::text) {
    append_json_string(text, cell);
    return text;
  }
  text = trim(cell);
  const auto json = parse_json(text);
  if (form == ResultForm::number && !(json.ok() && json->is_number())) {
    return wrong(fmt::format("{} is no number", quoted(cell)));
  }
  if (!json.ok()) return wrong(fmt::format("{} is no JSON", quoted(cell)));
  // As the door does: a live event and a line of a dump stay one line.
  std::ranges::replace_if(
      text, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

}  // namespace

Result<RowReader> RowReader::make(const Mapping& mapping, const StreamBook& streams,
                                  const std::vector<std::string>& header) {
  RowReader reader(mapping, streams);
  Header columns(mapping, header);
  for (const std::string& name : mapping.time.columns) {
    TRY(const size_t column, columns.find(name, mapping.time.place));
    reader.time_columns_.push_back(column);
  }
  for (const MappedReading& mapped : mapping.readings) {
    const auto name_of = [&](const MappedName& name) -> Result<Name> {
      if (name.column.empty()) return Name{name.constant, {}};
      TRY(const size_t column, columns.find(name.column, mapped.place));
      return Name{"", column};
    };
    Column column;
    column.form = mapped.form;
    TRY(column.value, columns.find(mapped.column, mapped.place));
    TRY(column.id, name_of(mapped.stream));
    TRY(column.thing, name_of(mapped.thing));
    TRY(column.datastream, name_of(mapped.datastream));
    if (!column.id.column && !column.thing.column && !column.datastream.column) {
      const auto stream = reader.stream_of(column, {});
      if (!stream.ok()) return wrong(fmt::format("{}: {}.", mapped.place, stream.error().message));
      column.stream = *stream;
    }
    reader.columns_.push_back(std::move(column));
  }
  reader.fields_ = columns.fields();
  return reader;
}

bool RowReader::is_missing(std::string_view cell) const {
  cell = trim(cell);
  return cell.empty() || std::ranges::find(mapping_->na, cell) != mapping_->na.end();
}

Result<Interval> RowReader::time_of(const CsvRecord& record) const {
  std::string text;
  for (const size_t column : time_columns_) {
    if (!text.empty()) text += ' ';
    text += trim(record.fields[column]);
  }
  if (text.empty()) return wrong("there is no time");
  if (mapping_->time.pattern) {
    TRY(const Time time, mapping_->time.pattern->read(text, mapping_->zone));
    return Interval{time, time};
  }
  const size_t slash = text.find('/');
  const std::string_view whole = text;
  TRY(const Time begin, parse_time(whole.substr(0, slash), mapping_->zone));
  if (slash == std::string::npos) return Interval{begin, begin};
  TRY(const Time end, parse_time(whole.substr(slash + 1), mapping_->zone));
  if (end < begin) return wrong(fmt::format("{} ends before it begins", quoted(text)));
  return Interval{begin, end};
}

Result<StreamId> RowReader::stream_of(const Column& column, const CsvRecord& record) const {
  if (column.stream != StreamId{0}) return column.stream;
  const auto text_of = [&record](const Name& name) {
    return name.column ? std::string(trim(record.fields[*name.column])) : name.constant;
  };
  if (column.id.column || !column.id.constant.empty()) {
    return streams_->by_id(text_of(column.id));
  }
  return streams_->by_names(text_of(column.thing), text_of(column.datastream));
}

RowReader::Outcome RowReader::read(const CsvRecord& record, std::vector<Reading>& into) const {
  if (!record.fault.empty()) return {0, record.fault};
  // More than were announced are fine where they are empty, as worksheets leave them behind.
  const auto extra = std::ranges::find_if(
      record.fields.begin() + static_cast<ptrdiff_t>(std::min(fields_, record.fields.size())),
      record.fields.end(), [](const std::string& field) { return !trim(field).empty(); });
  const bool too_many = mapping_->header && extra != record.fields.end();
  if (record.fields.size() < fields_ || too_many) {
    return {0, fmt::format("{} fields; expected {}", record.fields.size(), fields_)};
  }
  const auto time = time_of(record);
  if (!time.ok()) return {0, time.error().message};

  Outcome outcome;
  const auto fail = [&](const Column& column, const std::string& why) {
    if (!outcome.fault.empty()) return;
    outcome.fault =
        columns_.size() == 1 ? why : fmt::format("column {}: {}", column.value + 1, why);
  };
  for (const Column& column : columns_) {
    const std::string& cell = record.fields[column.value];
    if (is_missing(cell)) {
      ++outcome.missing;
      continue;
    }
    const auto stream = stream_of(column, record);
    const auto result = result_of(cell, column.form);
    if (!stream.ok() || !result.ok()) {
      fail(column, (stream.ok() ? result.error() : stream.error()).message);
      continue;
    }
    Reading reading;
    reading.stream = *stream;
    reading.phenomenon_time = *time;
    reading.result = *result;
    into.push_back(std::move(reading));
  }
  return outcome;
}

}  // namespace duliang
