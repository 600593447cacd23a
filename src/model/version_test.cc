#include "model/version.h"

#include <gtest/gtest.h>

#include <set>

#include "model/reading.h"

namespace duliang {
namespace {

TEST(Version, OfARowIsItsIdAndFrame) {
  Row row = make_row(TypeId::thing, RowId{1});
  row.sequence = 7;
  EXPECT_EQ(version_of(row), "1.7");
}

TEST(Version, OfAReadingIsWhatItSays) {
  Reading reading;
  reading.id = ReadingId{1};
  reading.stream = StreamId{1};
  reading.result = "21.50";
  const std::string version = version_of(to_row(reading));
  EXPECT_EQ(version.size(), 16U);
  EXPECT_EQ(version_of(to_row(reading)), version);
  std::set<std::string> versions{version};
  const auto is_new = [&versions](const Reading& changed) {
    return versions.insert(version_of(to_row(changed))).second;
  };
  Reading changed = reading;
  changed.result = "21.5";
  EXPECT_TRUE(is_new(changed)) << "the text is the result";
  changed = reading;
  changed.quality = Quality::bad;
  EXPECT_TRUE(is_new(changed));
  changed = reading;
  changed.extras = R"({"parameters":{"a":1}})";
  EXPECT_TRUE(is_new(changed));
  changed = reading;
  changed.feature = RowId{2};
  EXPECT_TRUE(is_new(changed));
}

TEST(Version, IsNamedByOneOfTheTags) {
  for (const char* tags : {R"("7")", R"( "7" )", R"("6","7")", R"("6" , "7")", "*"}) {
    EXPECT_TRUE(names_version(tags, "7")) << tags;
  }
  for (const char* tags : {"", "7", R"("8")", R"(W/"7")", R"("77")", "\"", "\"\"", R"("7)"}) {
    EXPECT_FALSE(names_version(tags, "7")) << tags;
  }
  EXPECT_TRUE(names_version(R"(W/"7")", "7", Comparison::weak));
  EXPECT_FALSE(names_version(R"(W/"8")", "7", Comparison::weak));
}

}  // namespace
}  // namespace duliang
