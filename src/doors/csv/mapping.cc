#include "doors/csv/mapping.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "base/text.h"
#include "packs/yaml.h"

namespace duliang {
namespace {

using source::Field;
using source::Mistake;

std::string place_of(const std::string& file, const Field& field) {
  return fmt::format("{}:{}", file, field.line());
}

class MappingReader {
 public:
  MappingReader(std::string file, Mapping& mapping) : file_(std::move(file)), mapping_(mapping) {}

  void read(const Field& root) {
    root.expect_keys({"separator", "header", "zone", "time", "na", "readings"});
    read_form(root);
    read_zone(root.at("zone"));
    read_time(root.at("time"));
    for (const Field& item : root.at("na").items()) {
      mapping_.na.emplace_back(trim(item.text()));
    }
    const std::vector<Field> readings = root.at("readings").items();
    if (readings.empty()) root.at("readings").fail("expected at least one column with results.");
    if (readings.size() > limits::kCsvFields) {
      return root.at("readings").fail(fmt::format("at most {} entries.", limits::kCsvFields));
    }
    for (const Field& item : readings) read_reading(item);
  }

 private:
  void read_form(const Field& root) {
    const Field separator = root.at("separator");
    if (separator.present()) {
      const std::string given = separator.one_of({",", ";", "|", "tab"}, "a separator");
      if (!given.empty()) mapping_.separator = given == "tab" ? '\t' : given.front();
    }
    if (root.at("header").present()) mapping_.header = root.at("header").flag();
  }

  // Without a default: a zone that nobody chose would move every reading by hours.
  void read_zone(const Field& field) {
    const std::string text = field.text();
    if (text.empty()) return;
    const auto zone = parse_zone(text);
    if (!zone.ok()) return field.fail(zone.error().message);
    mapping_.zone = *zone;
  }

  std::string column(const Field& field) const {
    std::string name = field.text();
    if (name.empty() || mapping_.header) return name;
    const auto number = parse_integer(name);
    if (!number || *number < 1 || static_cast<uint64_t>(*number) > limits::kCsvFields) {
      field.fail(fmt::format("without a header a column is named by its number, from 1 to {}.",
                             limits::kCsvFields));
    }
    return name;
  }

  void read_time(const Field& field) {
    mapping_.time.place = place_of(file_, field);
    if (!field.present()) return field.fail("missing; expected the columns that say when.");
    field.expect_keys(
        {"column", "columns", "pattern", "year", "month", "day", "hour", "minute", "second"});
    if (field.at("year").present()) return read_time_parts(field);
    for (const char* part : {"month", "day", "hour", "minute", "second"}) {
      if (field.at(part).present()) return field.at("year").fail("missing; expected a column.");
    }
    const Field columns = field.at("columns");
    if (columns.present() == field.at("column").present()) {
      return field.fail("expected one of column, columns, and year with month and day.");
    }
    for (const Field& item : columns.items()) mapping_.time.columns.push_back(column(item));
    if (!columns.present()) mapping_.time.columns.push_back(column(field.at("column")));
    const Field pattern = field.at("pattern");
    if (columns.present() && !pattern.present()) {
      return field.fail("several columns need a pattern; their texts are joined by a space.");
    }
    if (pattern.present()) set_pattern(pattern, pattern.text());
  }

  void set_pattern(const Field& field, const std::string& text) {
    auto pattern = TimePattern::parse(text);
    if (!pattern.ok()) return field.fail(pattern.error().message);
    mapping_.time.pattern = std::move(pattern).value();
  }

  void read_time_parts(const Field& field) {
    for (const char* other : {"column", "columns", "pattern"}) {
      if (field.at(other).present()) return field.at(other).fail("not together with year.");
    }
    struct Part {
      const char* name;
      const char* letters;
      bool needed;
    };
    constexpr Part kParts[] = {{"year", "yyyy", true}, {"month", "M", true},
                               {"day", "d", true},     {"hour", "H", false},
                               {"minute", "m", false}, {"second", "s", false}};
    std::string pattern;
    for (const Part& part : kParts) {
      const Field given = field.at(part.name);
      if (!given.present() && !part.needed) continue;
      mapping_.time.columns.push_back(column(given));
      pattern += fmt::format("{}{}", pattern.empty() ? "" : " ", part.letters);
    }
    set_pattern(field, pattern);
  }

  // "a text", or {column: its column}.
  MappedName read_name(const Field& field) const {
    MappedName name;
    if (!field.present()) return name;
    if (field.is_map()) {
      field.expect_keys({"column"});
      name.column = column(field.at("column"));
    } else {
      name.constant = field.text();
    }
    return name;
  }

  void read_reading(const Field& field) {
    field.expect_keys({"column", "as", "stream", "thing", "datastream"});
    MappedReading reading;
    reading.place = place_of(file_, field);
    reading.column = column(field.at("column"));
    if (field.at("as").present()) {
      const std::string form = field.at("as").one_of({"number", "text", "json"}, "a form");
      if (form == "text") reading.form = ResultForm::text;
      if (form == "json") reading.form = ResultForm::json;
    }
    reading.stream = read_name(field.at("stream"));
    reading.thing = read_name(field.at("thing"));
    reading.datastream = read_name(field.at("datastream"));
    const bool by_names = reading.thing.present() && reading.datastream.present();
    const bool any_name = reading.thing.present() || reading.datastream.present();
    if (reading.stream.present() ? any_name : !by_names) {
      field.fail("expected stream, or thing and datastream.");
    }
    const std::string& id = reading.stream.constant;
    if (const auto number = parse_integer(id); !id.empty() && (!number || *number < 1)) {
      field.at("stream").fail("expected the id of a Datastream, or {column: …}.");
    }
    mapping_.readings.push_back(std::move(reading));
  }

  const std::string file_;
  Mapping& mapping_;
};

}  // namespace

Result<Mapping> parse_mapping(const std::string& file, std::string_view text) {
  if (text.size() > limits::kMappingBytes) {
    return Error{Code::too_large,
                 fmt::format("{}: {} bytes; a mapping has at most {}.", file, text.size(),
                             limits::kMappingBytes),
                 file};
  }
  TRY(const source::Node root, source::parse_yaml(file, text));
  Mistake mistake{file, {}};
  Mapping mapping;
  MappingReader(file, mapping).read(Field(root, mistake));
  TRY_DO(mistake.status());
  return mapping;
}

}  // namespace duliang
