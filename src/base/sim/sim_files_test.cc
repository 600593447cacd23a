// The simulated disk is what the crash tests believe in, so these tests ask of each thing that can
// be lost whether it is lost in some run, and of each promise whether it holds in every run.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/sim/crash_outcomes.h"

namespace duliang {
namespace {

using Names = std::vector<std::string>;

TEST(SimCrash, keeps_what_was_synced) {
  const auto seen = contents_after([](SimFiles& files) { durable_file(files, "content"); });
  EXPECT_EQ(seen, std::set<std::string>{"content"});
}

TEST(SimCrash, may_lose_or_keep_an_unsynced_write) {
  const auto seen = contents_after([](SimFiles& files) {
    File file = durable_file(files, "old");
    CHECK(file.write_at("new", 0).ok());
  });
  EXPECT_EQ(seen, (std::set<std::string>{"old", "new"}));
}

TEST(SimCrash, may_lose_the_first_write_and_keep_the_second) {
  const auto seen = contents_after([](SimFiles& files) {
    File file = durable_file(files, std::string(1024, '.'));
    CHECK(file.write_at("A", 0).ok() && file.write_at("B", 600).ok());
  });
  const auto with = [](char first, char second) {
    std::string content(1024, '.');
    content[0] = first, content[600] = second;
    return content;
  };
  EXPECT_EQ(seen, (std::set<std::string>{with('.', '.'), with('A', '.'), with('.', 'B'),
                                         with('A', 'B')}));
}

TEST(SimCrash, a_later_write_to_the_same_place_wins_where_both_survive) {
  const auto seen = contents_after([](SimFiles& files) {
    File file = durable_file(files, "0");
    CHECK(file.write_at("1", 0).ok() && file.write_at("2", 0).ok());
  });
  EXPECT_EQ(seen, (std::set<std::string>{"0", "1", "2"}));
}

TEST(SimCrash, tears_a_write_at_sectors_and_nowhere_else) {
  std::set<std::string> kept;
  const auto seen = contents_after([](SimFiles& files) {
    File file = durable_file(files, std::string(2048, '.'));
    CHECK(file.write_at(std::string(1000, 'x'), 300).ok());  // sectors 0, 1 and 2
  });
  for (const std::string& content : seen) {
    ASSERT_EQ(content.size(), 2048u);
    std::string sectors;
    for (const auto& [from, to] : {std::pair{300, 512}, {512, 1024}, {1024, 1300}}) {
      const auto begin = static_cast<size_t>(from);
      const auto length = static_cast<size_t>(to - from);
      const std::string part = content.substr(begin, length);
      ASSERT_TRUE(part == std::string(length, '.') || part == std::string(length, 'x'));
      sectors.push_back(part.front());
    }
    EXPECT_EQ(content.substr(0, 300), std::string(300, '.'));
    EXPECT_EQ(content.substr(1300), std::string(748, '.'));
    kept.insert(sectors);
  }
  EXPECT_EQ(kept.size(), 8u);  // every subset of the three
}

TEST(SimCrash, a_growing_write_may_leave_holes_or_size_alone) {
  const auto seen = contents_after([](SimFiles& files) {
    File file = durable_file(files, "");
    CHECK(file.write_at(std::string(1024, 'x'), 0).ok());
  });
  const std::string zeros(512, '\0'), xs(512, 'x');
  EXPECT_EQ(seen, (std::set<std::string>{"", xs, xs + zeros, zeros + xs, xs + xs, zeros + zeros}));
}

TEST(SimCrash, may_lose_a_truncation_but_not_a_synced_one) {
  const auto unsynced = contents_after([](SimFiles& files) {
    File file = durable_file(files, "content");
    CHECK(file.truncate(3).ok());
  });
  EXPECT_EQ(unsynced, (std::set<std::string>{"content", "con"}));
  const auto synced = contents_after([](SimFiles& files) {
    File file = durable_file(files, "content");
    CHECK(file.truncate(3).ok() && file.truncate(5).ok() && file.sync().ok());
  });
  EXPECT_EQ(synced, (std::set<std::string>{std::string("con\0\0", 5)}));
}

TEST(SimCrash, loses_the_name_of_a_synced_file_without_sync_folder) {
  const auto seen = contents_after([](SimFiles& files) {
    File file = open_file(files, "f");
    CHECK(file.write_at("content", 0).ok() && file.sync().ok());
  });
  EXPECT_EQ(seen, (std::set<std::string>{"none", "content"}));
}

TEST(SimCrash, a_synced_name_does_not_make_the_content_durable) {
  const auto seen = contents_after([](SimFiles& files) {
    File file = open_file(files, "f");
    CHECK(file.write_at("content", 0).ok() && files.sync_folder("").ok());
  });
  EXPECT_EQ(seen, (std::set<std::string>{"", "content", std::string(7, '\0')}));
}

TEST(SimCrash, names_survive_as_a_prefix_of_their_order) {
  const auto seen = outcomes(
      [](SimFiles& files) {
        open_file(files, "a");
        open_file(files, "b");
        CHECK(files.rename("a", "c").ok() && files.remove("b").ok());
      },
      [](SimFiles& files) { return files.list("/").value(); });
  EXPECT_EQ(seen, (std::set<Names>{{}, {"a"}, {"a", "b"}, {"b", "c"}, {"c"}}));
}

TEST(SimCrash, a_removed_file_may_come_back_until_its_folder_is_synced) {
  const auto act = [](SimFiles& files) {
    durable_file(files, "content");
    CHECK(files.remove("f").ok());
  };
  EXPECT_EQ(contents_after(act), (std::set<std::string>{"none", "content"}));
  const auto synced = contents_after([&](SimFiles& files) {
    act(files);
    CHECK(files.sync_folder("/").ok());
  });
  EXPECT_EQ(synced, std::set<std::string>{"none"});
}

TEST(SimCrash, a_rename_over_a_file_leaves_the_old_or_the_new) {
  const auto seen = contents_after([](SimFiles& files) {
    durable_file(files, "old");
    File file = open_file(files, "g");
    CHECK(file.write_at("new", 0).ok() && file.sync().ok() && files.rename("g", "f").ok());
  });
  EXPECT_EQ(seen, (std::set<std::string>{"old", "new"}));
}

TEST(SimCrash, a_rename_before_the_sync_may_leave_an_empty_file) {
  const auto seen = contents_after([](SimFiles& files) {
    durable_file(files, "old");
    File file = open_file(files, "g");
    CHECK(file.write_at("new", 0).ok() && files.rename("g", "f").ok());
  });
  EXPECT_TRUE(seen.contains(""));
}

// Two folders, durable, with a durable file in the first.
void two_folders(SimFiles& files) {
  CHECK(files.make_folder("x").ok() && files.make_folder("y").ok());
  File file = open_file(files, "x/f");
  CHECK(file.write_at("content", 0).ok() && file.sync().ok());
  CHECK(files.sync_folder("").ok() && files.sync_folder("x").ok());
}

std::string where_f_is(SimFiles& files) {
  std::string where;
  for (const std::string& folder : files.list("").value())
    for (const std::string& name : files.list(folder).value())
      where += fmt::format("{}/{}={} ", folder, name, content_of(files, folder + "/" + name));
  return where;
}

TEST(SimCrash, a_rename_from_folder_to_folder_is_in_both_or_in_neither) {
  const auto seen = outcomes(
      [](SimFiles& files) {
        two_folders(files);
        CHECK(files.rename("x/f", "y/g").ok());
      },
      where_f_is);
  EXPECT_EQ(seen, (std::set<std::string>{"x/f=content ", "y/g=content "}));
  for (const char* synced : {"x", "y"}) {
    const auto durable = outcomes(
        [&](SimFiles& files) {
          two_folders(files);
          CHECK(files.rename("x/f", "y/g").ok() && files.sync_folder(synced).ok());
        },
        where_f_is);
    EXPECT_EQ(durable, std::set<std::string>{"y/g=content "}) << synced;
  }
}

TEST(SimCrash, what_came_before_such_a_rename_is_synced_with_it) {
  const auto seen = outcomes(
      [](SimFiles& files) {
        two_folders(files);
        open_file(files, "y/before");
        CHECK(files.rename("x/f", "y/g").ok());
        open_file(files, "y/later");
        CHECK(files.sync_folder("x").ok());
      },
      [](SimFiles& files) { return files.list("y").value(); });
  EXPECT_EQ(seen, (std::set<Names>{{"before", "g"}, {"before", "g", "later"}}));
}

TEST(SimCrash, a_new_folder_needs_its_parent_synced) {
  const auto made = [](SimFiles& files) {
    CHECK(files.make_folder("x/y").ok());
    File file = open_file(files, "x/y/f");
    CHECK(file.write_at("content", 0).ok() && file.sync().ok());
    CHECK(files.sync_folder("x/y").ok());
  };
  const auto look = [](SimFiles& files) { return content_of(files, "x/y/f"); };
  EXPECT_EQ(outcomes(made, look), (std::set<std::string>{"none", "content"}));
  const auto synced = outcomes(
      [&](SimFiles& files) {
        made(files);
        CHECK(files.sync_folder("x").ok() && files.sync_folder("").ok());
      },
      look);
  EXPECT_EQ(synced, std::set<std::string>{"content"});
}

TEST(SimCrash, syncing_one_file_or_folder_leaves_the_others) {
  const auto seen = outcomes(
      [](SimFiles& files) {
        two_folders(files);
        File f = open_file(files, "x/f"), g = open_file(files, "y/g");
        CHECK(f.write_at("F", 0).ok() && g.write_at("G", 0).ok());
        CHECK(g.sync().ok() && files.sync_folder("x").ok());
      },
      where_f_is);
  EXPECT_EQ(seen, (std::set<std::string>{"x/f=content ", "x/f=Fontent ", "x/f=content y/g=G ",
                                         "x/f=Fontent y/g=G "}));
}

TEST(SimCrash, what_survived_once_survives_again) {
  SimFiles files;
  File file = durable_file(files, "");
  CHECK(file.write_at(std::string(5000, 'x'), 0).ok());
  open_file(files, "other");
  Random random(9);
  files.crash(random);
  const std::string content = content_of(files, "f");
  const Names names = files.list("").value();
  for (int i = 0; i < 20; ++i) {
    files.crash(random);
    ASSERT_EQ(content_of(files, "f"), content);
    ASSERT_EQ(files.list("").value(), names);
  }
}

TEST(SimCrash, is_the_same_for_the_same_seed) {
  const auto run = [](uint64_t seed) {
    SimFiles files;
    std::string all;
    for (int i = 0; i < 20; ++i) {
      CHECK(files.make_folder(fmt::format("d{}", i % 5)).ok());
      File file = open_file(files, fmt::format("d{}/f{}", i % 5, i));
      CHECK(file.write_at(std::string(3000, 'x'), 0).ok());
    }
    Random random(seed);
    files.crash(random);
    return where_f_is(files);
  };
  EXPECT_EQ(run(1234), run(1234));
  EXPECT_EQ(run(99), run(99));
}

TEST(SimCrash, closes_every_file_for_good) {
  SimFiles files;
  File file = durable_file(files, "content");
  ASSERT_TRUE(file.lock().ok());
  Random random(1);
  files.crash(random);
  EXPECT_EQ(file.write_at("x", 0).error().code, Code::io);
  EXPECT_EQ(file.read_all().error().code, Code::io);
  File other = open_file(files, "f");
  EXPECT_TRUE(other.lock().ok());
  file = File();  // closes a handle of before the crash, and must not meet the new one
  EXPECT_EQ(other.read_all().value(), "content");
}

}  // namespace
}  // namespace duliang
