#include "doors/csv/csv.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "doors/csv/bytes_for_test.h"

namespace duliang {
namespace {

using Fields = std::vector<std::string>;

std::vector<CsvRecord> records_of(std::string_view text, char separator = ',',
                                  size_t piece = 1 << 20) {
  CsvReader reader(bytes_of(std::string(text), piece), separator);
  std::vector<CsvRecord> records;
  CsvRecord record;
  while (true) {
    const auto more = reader.next(record);
    EXPECT_TRUE(more.ok());
    if (!more.ok() || !*more) return records;
    records.push_back(record);
  }
}

TEST(Csv, ReadsWhatTheStandardHas) {
  const auto records =
      records_of("a,b,c\r\n1,\"x, \"\"y\"\"\",\r\n\"\",  3 ,\"two\r\nlines\"\r\n4");
  ASSERT_EQ(records.size(), 4U);
  EXPECT_EQ(records[0].fields, (Fields{"a", "b", "c"}));
  EXPECT_EQ(records[1].fields, (Fields{"1", "x, \"y\"", ""}));
  EXPECT_EQ(records[2].fields, (Fields{"", "  3 ", "two\r\nlines"}));
  EXPECT_EQ(records[2].line, 3U);
  EXPECT_EQ(records[3].fields, (Fields{"4"}));
  EXPECT_EQ(records[3].line, 5U);
  EXPECT_EQ(records[1].text, "1,\"x, \"\"y\"\"\",");
}

TEST(Csv, TakesEveryLineEndAndPassesEmptyLinesOver) {
  const auto records = records_of("\n\na;b\r\rc;d\n\r\ne;f\n\n", ';');
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].line, 3U);
  EXPECT_EQ(records[1].line, 5U);
  EXPECT_EQ(records[2].line, 7U);
  EXPECT_EQ(records[2].fields, (Fields{"e", "f"}));
  EXPECT_EQ(records_of("a\tb", '\t')[0].fields, (Fields{"a", "b"}));
  EXPECT_TRUE(records_of("").empty());
}

TEST(Csv, TheMarkIsNoPartOfTheFirstName) {
  for (const size_t piece : {1U, 2U, 100U}) {
    EXPECT_EQ(records_of("\xEF\xBB\xBF时间,b\n", ',', piece)[0].fields, (Fields{"时间", "b"}));
  }
}

TEST(Csv, PiecesMakeNoDifference) {
  const std::string text = "a,\"b\"\"\r\n\"\r\n\"c\" x,d\r\n\"e\r\nf,g\r\n1,2\r";
  const auto whole = records_of(text);
  ASSERT_EQ(whole.size(), 5U);
  for (size_t piece = 1; piece < text.size(); ++piece) {
    const auto pieces = records_of(text, ',', piece);
    ASSERT_EQ(pieces.size(), whole.size()) << piece;
    for (size_t i = 0; i < whole.size(); ++i) {
      EXPECT_EQ(pieces[i].fields, whole[i].fields);
      EXPECT_EQ(pieces[i].line, whole[i].line);
      EXPECT_EQ(pieces[i].text, whole[i].text);
      EXPECT_EQ(pieces[i].fault, whole[i].fault);
    }
  }
}

TEST(Csv, AFaultCostsItsFirstLineAlone) {
  const auto records = records_of("a,b\n1,\"2\n3,4\n5,6\"7\n8,9\n10,x\"y\n11,12\n13,\"14");
  ASSERT_EQ(records.size(), 8U);
  EXPECT_EQ(records[1].line, 2U);
  EXPECT_EQ(records[1].text, "1,\"2");
  EXPECT_EQ(records[1].fault, "something stands behind the quote that closes a field");
  EXPECT_TRUE(records[1].fields.empty());
  EXPECT_EQ(records[2].fields, (Fields{"3", "4"}));
  EXPECT_EQ(records[3].fault, "a quote stands in a field that does not begin with one");
  EXPECT_EQ(records[3].line, 4U);
  EXPECT_EQ(records[4].fields, (Fields{"8", "9"}));
  EXPECT_EQ(records[5].line, 6U);
  EXPECT_EQ(records[6].fields, (Fields{"11", "12"}));
  EXPECT_EQ(records[7].fault, "a quote is opened and not closed");
}

TEST(Csv, LimitsHoldAndTheNextLineIsRead) {
  const std::string long_field(limits::kCsvFieldBytes, 'x');
  EXPECT_EQ(records_of(long_field + "\n")[0].fields[0].size(), limits::kCsvFieldBytes);
  auto records = records_of(long_field + "x\n1,2\n");
  ASSERT_EQ(records.size(), 2U);
  EXPECT_NE(records[0].fault.find("a field has at most"), std::string::npos);
  EXPECT_EQ(records[1].fields, (Fields{"1", "2"}));

  std::string wide;
  while (wide.size() <= limits::kCsvRecordBytes) wide += long_field + ",";
  records = records_of(wide + "\n1,2\n");
  ASSERT_EQ(records.size(), 2U);
  EXPECT_NE(records[0].fault.find("a record has at most"), std::string::npos);
  EXPECT_LE(records[0].text.size(), limits::kCsvRecordBytes + 1);

  records = records_of(std::string(limits::kCsvFields, ',') + "\n1,2\n");
  ASSERT_EQ(records.size(), 2U);
  EXPECT_NE(records[0].fault.find("fields"), std::string::npos);
  EXPECT_EQ(records_of(std::string(limits::kCsvFields - 1, ','))[0].fields.size(),
            limits::kCsvFields);

  // A quote that is never closed: its line is lost, none of the many behind it.
  std::string rest;
  while (rest.size() < limits::kCsvRecordBytes) rest += "1,2\n";
  records = records_of("a,\"b\n" + rest);
  EXPECT_EQ(records.size(), 1 + rest.size() / 4);
}

TEST(Csv, RefusesWhatIsNotUtf8) {
  const auto records = records_of("\xCE\xC2\xB6\xC8,b\n1,2\n");
  ASSERT_EQ(records.size(), 2U);
  EXPECT_NE(records[0].fault.find("iconv"), std::string::npos);
}

TEST(Csv, ASourceThatFailsEndsIt) {
  size_t calls = 0;
  CsvReader reader(
      [&calls](char* into, size_t) -> Result<size_t> {
        if (calls++ > 0) return Error{Code::io, "The disk failed.", ""};
        into[0] = 'a';
        return size_t{1};
      },
      ',');
  CsvRecord record;
  const auto read = reader.next(record);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, Code::io);
}

TEST(Csv, WritesWhatItReadsBack) {
  const Fields fields{"", "a", " a", "a ", "x,y", "\"", "a\r\nb", "{\"x\":1}", "水位"};
  std::string line;
  for (const std::string& field : fields) {
    if (&field != &fields.front()) line += ',';
    append_csv_field(line, field);
  }
  line += kCsvLineEnd;
  EXPECT_EQ(records_of(line)[0].fields, fields);
}

}  // namespace
}  // namespace duliang
