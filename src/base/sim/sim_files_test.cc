// The simulated disk is what the crash tests believe in, so these tests ask of each thing that can be
// lost whether it is lost in some run, and of each promise whether it holds in every run.
#include "base/sim/sim_files.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

namespace duliang {
namespace {

using Fault = SimFiles::Fault;
using Names = std::vector<std::string>;

constexpr int kRuns = 300;

std::string content_of(SimFiles& files, const std::string& path) {
  const Result<std::string> content = read_file(files, path);
  return content.ok() ? *content : "none";
}

File open_file(SimFiles& files, const std::string& path) {
  return File::open(files, path, OpenMode::write).value();
}

// Runs `act` on a new disk, pulls the plug, and collects what `look` finds afterwards.
template <typename Act, typename Look>
auto outcomes(Act act, Look look) {
  std::set<std::invoke_result_t<Look, SimFiles&>> seen;
  for (uint64_t seed = 0; seed < kRuns; ++seed) {
    SimFiles files;
    act(files);
    Random random(seed);
    files.crash(random);
    seen.insert(look(files));
  }
  return seen;
}

// A durable file "f" with this content.
File durable_file(SimFiles& files, std::string_view content) {
  File file = open_file(files, "f");
  CHECK(file.write_at(content, 0).ok() && file.sync().ok() && files.sync_folder("").ok());
  return file;
}

std::set<std::string> contents_after(const std::function<void(SimFiles&)>& act) {
  return outcomes(act, [](SimFiles& files) { return content_of(files, "f"); });
}

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

TEST(SimKill, closes_files_and_loses_nothing) {
  SimFiles files;
  File file = open_file(files, "f");
  ASSERT_TRUE(file.write_at("content", 0).ok());
  ASSERT_TRUE(file.lock().ok());
  files.kill();
  EXPECT_FALSE(file.sync().ok());
  EXPECT_EQ(content_of(files, "f"), "content");
  EXPECT_TRUE(open_file(files, "f").lock().ok());
  // But it did not sync anything either.
  const auto seen = contents_after([](SimFiles& disk) {
    File old = durable_file(disk, "old");
    CHECK(old.write_at("new", 0).ok());
    disk.kill();
  });
  EXPECT_EQ(seen, (std::set<std::string>{"old", "new"}));
}

TEST(SimFault, fails_the_call_that_was_named_once) {
  SimFiles files;
  File file = open_file(files, "f");
  files.fault_at(2, Fault::fail);
  EXPECT_TRUE(file.write_at("a", 0).ok());
  EXPECT_EQ(file.size().value(), 1u);  // changes nothing, so does not count
  EXPECT_EQ(file.truncate(0).error().code, Code::io);
  EXPECT_EQ(file.read_all().value(), "a");
  EXPECT_TRUE(file.truncate(0).ok());
  EXPECT_FALSE(files.dead());
  files.fault_at(1, Fault::fail);
  files.fault_at(0, Fault::fail);
  EXPECT_TRUE(file.write_at("b", 0).ok());
}

TEST(SimFault, counts_what_changes_something) {
  SimFiles files;
  CHECK(files.make_folder("d").ok());                   // 1
  CHECK(files.make_folder("d").ok());                   // stands already
  File file = open_file(files, "d/f");                  // 2
  File again = open_file(files, "d/f");                 // stands already
  CHECK(file.write_at("x", 0).ok());                    // 3
  CHECK(file.sync().ok());                              // 4
  CHECK(file.truncate(0).ok());                         // 5
  CHECK(files.rename("d/f", "d/g").ok());               // 6
  CHECK(files.sync_folder("d").ok());                   // 7
  CHECK(files.remove("d/g").ok());                      // 8
  CHECK(!files.remove("d/g").ok());                     // there is nothing to change
  CHECK(file.lock().ok() && file.read_all().ok());
  CHECK(files.list("d").ok() && files.exists("d").ok());
  EXPECT_EQ(files.changing_calls(), 8u);
}

// Every kind of change, each met by a fault.
std::vector<std::function<bool(SimFiles&, File&)>> changes() {
  return {
      [](SimFiles& files, File&) { return File::open(files, "new", OpenMode::create).ok(); },
      [](SimFiles&, File& file) { return file.write_at("xy", 0).ok(); },
      [](SimFiles&, File& file) { return file.truncate(1).ok(); },
      [](SimFiles&, File& file) { return file.sync().ok(); },
      [](SimFiles& files, File&) { return files.rename("f", "g").ok(); },
      [](SimFiles& files, File&) { return files.remove("f").ok(); },
      [](SimFiles& files, File&) { return files.make_folder("d").ok(); },
      [](SimFiles& files, File&) { return files.sync_folder("").ok(); },
  };
}

TEST(SimFault, can_meet_every_change) {
  for (const auto& change : changes()) {
    SimFiles files;
    File file = durable_file(files, "content");
    files.fault_at(1, Fault::fail);
    EXPECT_FALSE(change(files, file));
    EXPECT_EQ(files.list("").value(), Names{"f"});
    EXPECT_EQ(file.size().value(), 7u);
    EXPECT_TRUE(change(files, file));
  }
}

TEST(SimFault, after_death_every_call_fails_until_the_crash) {
  for (const auto& change : changes()) {
    SimFiles files;
    File file = durable_file(files, "content");
    files.fault_at(1, Fault::die);
    EXPECT_FALSE(change(files, file));
    EXPECT_TRUE(files.dead());
    for (const auto& other : changes()) EXPECT_FALSE(other(files, file));
    EXPECT_FALSE(file.read_all().ok() || file.size().ok() || file.lock().ok());
    EXPECT_FALSE(files.exists("f").ok() || files.list("").ok() || read_file(files, "f").ok());
    files.kill();
    EXPECT_TRUE(files.dead());
    Random random(1);
    files.crash(random);
    EXPECT_FALSE(files.dead());
    EXPECT_TRUE(files.list("").ok());
    EXPECT_TRUE(files.make_folder("later").ok());
  }
}

TEST(SimFault, what_it_was_doing_when_it_died_may_be_there) {
  const auto written = contents_after([](SimFiles& files) {
    File file = durable_file(files, "old");
    files.fault_at(1, Fault::die);
    CHECK(!file.write_at("new", 0).ok());
  });
  EXPECT_EQ(written, (std::set<std::string>{"old", "new"}));
  const auto synced = contents_after([](SimFiles& files) {
    File file = durable_file(files, "old");
    CHECK(file.write_at("new", 0).ok());
    files.fault_at(1, Fault::die);
    CHECK(!file.sync().ok());
  });
  EXPECT_EQ(synced, (std::set<std::string>{"old", "new"}));
  const auto removed = contents_after([](SimFiles& files) {
    durable_file(files, "old");
    files.fault_at(1, Fault::die);
    CHECK(!files.remove("f").ok());
  });
  EXPECT_EQ(removed, (std::set<std::string>{"old", "none"}));
}

TEST(SimFault, a_write_that_fails_leaves_its_first_half) {
  SimFiles files;
  File file = durable_file(files, "......");
  files.fault_at(1, Fault::fail);
  EXPECT_FALSE(file.write_at("abcd", 1).ok());
  EXPECT_EQ(file.read_all().value(), ".ab...");
}

TEST(SimFault, a_sync_that_failed_is_not_made_good_by_the_next) {
  const auto seen = contents_after([](SimFiles& files) {
    File file = durable_file(files, "..");
    CHECK(file.write_at("a", 0).ok());
    files.fault_at(1, Fault::fail);
    CHECK(!file.sync().ok());
    CHECK(file.read_all().value() == "a.");
    CHECK(file.write_at("b", 1).ok() && file.sync().ok());
  });
  EXPECT_EQ(seen, (std::set<std::string>{".b", "ab"}));
  // Writing it again and syncing that does help, and the old write cannot come after it.
  const auto again = contents_after([](SimFiles& files) {
    File file = durable_file(files, "..");
    CHECK(file.write_at("a", 0).ok());
    files.fault_at(1, Fault::fail);
    CHECK(!file.sync().ok());
    CHECK(file.write_at("c", 0).ok() && file.sync().ok());
  });
  EXPECT_EQ(again, std::set<std::string>{"c."});
}

TEST(SimFault, a_sync_of_a_folder_that_failed_can_be_repeated) {
  const auto seen = contents_after([](SimFiles& files) {
    File file = open_file(files, "f");
    files.fault_at(1, Fault::fail);
    CHECK(!files.sync_folder("").ok());
    CHECK(files.sync_folder("").ok());
  });
  EXPECT_EQ(seen, std::set<std::string>{""});
}

TEST(SimCapacity, a_full_disk_takes_what_fits) {
  SimFiles files;
  files.set_capacity(10);
  File file = open_file(files, "f");
  ASSERT_TRUE(file.write_at("12345678", 0).ok());
  EXPECT_EQ(file.write_at("abcd", 8).error().code, Code::io);
  EXPECT_EQ(file.read_all().value(), "12345678ab");
  EXPECT_EQ(file.write_at("x", 10).error().code, Code::io);
  EXPECT_EQ(file.write_at("x", 100).error().code, Code::io);
  EXPECT_TRUE(file.write_at("xx", 8).ok());  // needs no room
  EXPECT_EQ(file.size().value(), 10u);
  EXPECT_EQ(file.truncate(11).error().code, Code::io);
  EXPECT_EQ(open_file(files, "g").write_at("x", 0).error().code, Code::io);
  files.set_capacity(0);
  EXPECT_TRUE(file.write_at(std::string(1000, 'x'), 10).ok());
}

TEST(SimCapacity, removing_makes_room_once_the_file_is_closed) {
  SimFiles files;
  files.set_capacity(10);
  File old = open_file(files, "old");
  File other = open_file(files, "other");
  ASSERT_TRUE(old.write_at(std::string(10, 'x'), 0).ok());
  ASSERT_TRUE(files.rename("old", "older").ok());
  EXPECT_FALSE(other.write_at("x", 0).ok());
  ASSERT_TRUE(files.remove("older").ok());
  EXPECT_FALSE(other.write_at("x", 0).ok());
  old = File();
  EXPECT_TRUE(other.write_at(std::string(10, 'x'), 0).ok());
  ASSERT_TRUE(other.truncate(4).ok());
  EXPECT_TRUE(open_file(files, "third").write_at("123456", 0).ok());
}

TEST(SimFiles, refuses_sizes_that_cannot_be_meant) {
  SimFiles files;
  File file = open_file(files, "f");
  EXPECT_FALSE(file.write_at("x", uint64_t{1} << 62).ok());
  EXPECT_FALSE(file.write_at("x", ~uint64_t{0}).ok());
  EXPECT_FALSE(file.truncate(~uint64_t{0}).ok());
  EXPECT_EQ(file.size().value(), 0u);
}

TEST(SimFiles, reads_paths_as_a_shell_does) {
  SimFiles files;
  CHECK(files.make_folder("/data/x").ok());
  open_file(files, "data//x/./f");
  EXPECT_TRUE(files.exists("/data/x/f").value());
  EXPECT_TRUE(files.exists("/").value());
  EXPECT_TRUE(files.exists("").value());
  EXPECT_EQ(files.list(".").value(), Names{"data"});
  EXPECT_FALSE(files.remove("/").ok());
  EXPECT_FALSE(files.rename("/", "/data/y").ok());
}

}  // namespace
}  // namespace duliang
