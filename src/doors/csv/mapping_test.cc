#include "doors/csv/mapping.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace duliang {
namespace {

constexpr const char* kReadings = "readings: [{column: a, stream: 1}]\n";

std::string mistake(const std::string& text) {
  const auto mapping = parse_mapping("m.yaml", text);
  return mapping.ok() ? "" : mapping.error().message;
}

TEST(Mapping, ReadsAllThatItMaySay) {
  const auto mapping = parse_mapping("m.yaml", R"(separator: tab
header: true
zone: "+08:00"
na: [NA, "-9999"]
time: {year: y, month: m, day: d, hour: h}
readings:
  - {column: PM2.5, stream: 5}
  - {column: wd, thing: {column: site}, datastream: wind, as: text}
  - {column: raw, stream: {column: id}, as: json}
)");
  ASSERT_TRUE(mapping.ok()) << mapping.error().message;
  EXPECT_EQ(mapping->separator, '\t');
  EXPECT_EQ(mapping->zone.offset.count(), 480);
  EXPECT_EQ(mapping->na, (std::vector<std::string>{"NA", "-9999"}));
  EXPECT_EQ(mapping->time.columns, (std::vector<std::string>{"y", "m", "d", "h"}));
  EXPECT_EQ(to_text(*mapping->time.pattern->read("2013 3 1 0", mapping->zone)),
            "2013-02-28T16:00:00Z");
  ASSERT_EQ(mapping->readings.size(), 3U);
  EXPECT_EQ(mapping->readings[0].stream.constant, "5");
  EXPECT_EQ(mapping->readings[1].thing.column, "site");
  EXPECT_EQ(mapping->readings[1].datastream.constant, "wind");
  EXPECT_EQ(mapping->readings[1].form, ResultForm::text);
  EXPECT_EQ(mapping->readings[1].place, "m.yaml:8");
  EXPECT_EQ(mapping->readings[2].stream.column, "id");
}

TEST(Mapping, NamesLineAndExpectationOfAMistake) {
  const std::string zone = "zone: Z\n";
  const std::string time = "time: {column: t}\n";
  EXPECT_EQ(mistake(zone + time + kReadings), "");
  struct Case {
    std::string text;
    const char* message;
  };
  for (const Case& each : std::vector<Case>{
           {zone + "tme: {column: t}\n" + kReadings,
            "m.yaml:2: tme: unknown key; did you mean \"time\"?"},
           {time + kReadings, "zone: missing"},
           {"zone: Peking\n" + time + kReadings, "m.yaml:1: zone: \"Peking\" is no zone"},
           {zone + kReadings, "time: missing"},
           {zone + "time: {month: m, day: d}\n" + kReadings, "time.year: missing"},
           {zone + "time: {year: y, day: d}\n" + kReadings, "time.month: missing"},
           {zone + "time: {year: y, month: m, day: d, pattern: x}\n" + kReadings, "not together"},
           {zone + "time: {column: t, pattern: hh}\n" + kReadings, "time.pattern: \"hh\""},
           {zone + "time: {columns: [a, b]}\n" + kReadings, "several columns need a pattern"},
           {zone + "time: {}\n" + kReadings, "expected one of column, columns"},
           {zone + time, "readings: expected at least one"},
           {zone + time + "readings: [{column: a}]\n", "expected stream, or thing and datastream"},
           {zone + time + "readings: [{column: a, thing: x}]\n", "expected stream, or thing"},
           {zone + time + "readings: [{column: a, stream: 1, thing: x}]\n", "expected stream, or"},
           {zone + time + "readings: [{column: a, stream: x}]\n", "the id of a Datastream"},
           {zone + time + "readings: [{column: a, stream: 1, as: nmber}]\n",
            "did you mean \"number\""},
           {zone + "separator: x\n" + time + kReadings, "is not a separator"},
           {zone + "header: false\n" + time + kReadings, "named by its number"},
           {zone + "header: false\ntime: {column: 0}\n" + kReadings, "from 1 to 4096"},
       }) {
    EXPECT_NE(mistake(each.text).find(each.message), std::string::npos)
        << each.text << mistake(each.text);
  }
}

TEST(Mapping, HasLimits) {
  EXPECT_EQ(parse_mapping("m.yaml", std::string(limits::kMappingBytes + 1, ' ')).error().code,
            Code::too_large);
  std::string text = "zone: Z\ntime: {column: t}\nreadings:\n";
  for (size_t i = 0; i <= limits::kCsvFields; ++i) text += "- {column: a, stream: 1}\n";
  EXPECT_NE(mistake(text).find("at most 4096 entries"), std::string::npos);
}

}  // namespace
}  // namespace duliang
