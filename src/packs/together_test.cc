#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/os/os_files.h"
#include "packs/pack.h"

namespace duliang {
namespace {

Pack with_key(const char* key) {
  Pack pack;
  pack.key = key;
  return pack;
}

TEST(PacksTogether, ReferencesAcrossPacks) {
  Pack rules = with_key("rules");
  rules.rules.resize(1);
  rules.rules[0].key = "high";
  rules.rules[0].opens = "mend";
  Pack desk = with_key("desk");
  desk.workflows.resize(1);
  desk.workflows[0].key = "mend";
  EXPECT_TRUE(check_together({rules, desk}).ok());
  desk.workflows[0].key = "mends";
  const Status missing = check_together({rules, desk});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().message,
            "rules: the rule \"high\" names the workflow \"mend\"; did you mean \"mends\"? "
            "expected one that a pack has.");

  Pack people = with_key("people");
  people.people.push_back({"an", {}, {}, "rescue"});
  EXPECT_FALSE(check_together({people}).ok());
  Pack units = with_key("units");
  units.units.push_back({"rescue", {}, "emergency", ""});
  EXPECT_TRUE(check_together({people, units}).ok());
  units.units[0].town = "1";
  EXPECT_FALSE(check_together({people, units}).ok());
}

std::string keys_of(const Result<std::vector<Pack>>& packs) {
  std::string keys;
  if (!packs.ok()) return packs.error().message;
  for (const Pack& pack : *packs) keys += pack.key + " ";
  return keys;
}

TEST(PacksTogether, PacksAreLoadedBehindThoseThatTheyName) {
  Pack people = with_key("a-people");
  people.people.push_back({"an", {}, {}, "rescue"});
  Pack units = with_key("b-units");
  units.units.push_back({"rescue", {}, "emergency", "1"});
  units.units.push_back({"district", {}, "emergency", ""});
  Pack towns = with_key("c-towns");
  towns.towns.push_back({"1", {}, "", {}});
  Pack rules = with_key("d-rules");
  rules.rules.resize(2);
  rules.rules[0].opens = "mend";
  Pack desk = with_key("e-desk");  // has rules too, and opens its own workflow
  desk.workflows.resize(1);
  desk.workflows[0].key = "mend";
  desk.rules.resize(1);
  desk.rules[0].opens = "mend";
  EXPECT_EQ(keys_of(in_loading_order({people, units, towns, rules, desk})),
            "c-towns b-units a-people e-desk d-rules ");
  EXPECT_EQ(keys_of(in_loading_order({towns, desk, units, rules, people})),
            "c-towns e-desk b-units d-rules a-people ");  // nothing moves without need
  EXPECT_EQ(keys_of(in_loading_order({})), "");
}

TEST(PacksTogether, PacksThatNameEachOtherAreRefused) {
  Pack one = with_key("one");
  one.units.push_back({"rescue", {}, "emergency", "1"});
  one.workflows.resize(1);
  one.workflows[0].key = "mend";
  Pack two = with_key("two");
  two.towns.push_back({"1", {}, "", {}});
  two.rules.resize(1);
  two.rules[0].opens = "mend";
  const Result<std::vector<Pack>> ordered = in_loading_order({with_key("free"), one, two});
  ASSERT_FALSE(ordered.ok());
  EXPECT_EQ(ordered.error().code, Code::bad_input);
  EXPECT_EQ(ordered.error().message,
            "one: none of one, two can be loaded first, since each names something of another; "
            "expected packs that do not need each other.");
}

TEST(PacksTogether, NothingStandsInTwoPacks) {
  Pack one = with_key("one");
  one.units.push_back({"rescue", {}, "emergency", ""});
  Pack two = with_key("two");
  two.units = one.units;
  EXPECT_FALSE(check_together({one, two}).ok());
  EXPECT_FALSE(check_together({one, one}).ok());
  two.units.clear();
  EXPECT_TRUE(check_together({one, two}).ok());
  one.district.resize(1);
  two.district.resize(1);
  EXPECT_FALSE(check_together({one, two}).ok());
}

// The packs that come with the program.
TEST(PacksTogether, OurPacksLoadTogether) {
  OsFiles files;
  std::vector<Pack> packs;
  const auto folders = find_packs(files, "packs");
  ASSERT_TRUE(folders.ok()) << folders.error().message;
  for (const std::string& folder : *folders) {
    Result<Pack> pack = read_pack(files, folder);
    ASSERT_TRUE(pack.ok()) << pack.error().message;
    EXPECT_EQ(folder, "packs/" + pack->key);
    packs.push_back(std::move(*pack));
  }
  ASSERT_GE(packs.size(), 4u);
  const Status together = check_together(packs);
  EXPECT_TRUE(together.ok()) << together.error().message;
  EXPECT_TRUE(in_loading_order(packs).ok());
  size_t towns = 0, points = 0;
  for (const Pack& pack : packs) {
    towns += pack.towns.size();
    for (const TownDeclaration& town : pack.towns) points += town.location.is_null() ? 0 : 1;
  }
  EXPECT_EQ(towns, 33u);
  EXPECT_EQ(points, 30u);
}

}  // namespace
}  // namespace duliang
