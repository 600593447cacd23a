// What the simulated disk does when it is killed, fails, dies or is full.
#include <gtest/gtest.h>

#include "base/sim/crash_outcomes.h"

namespace duliang {
namespace {

using Fault = SimFiles::Fault;
using Names = std::vector<std::string>;

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
  CHECK(file.lock().ok());                              // 9: it changes what others may
  CHECK(file.read_all().ok());
  CHECK(files.list("d").ok() && files.exists("d").ok());
  EXPECT_EQ(files.changing_calls(), 9u);
}

TEST(SimFault, an_open_of_a_file_that_is_there_may_fail) {
  SimFiles files;
  const File file = durable_file(files, "content");
  EXPECT_EQ(files.calls_for(Fault::fail_open), 0u) << "it was not there";
  files.fault_at(2, Fault::fail_open);
  EXPECT_EQ(content_of(files, "f"), "content");
  EXPECT_EQ(read_file(files, "f").error().code, Code::io);
  EXPECT_EQ(content_of(files, "f"), "content");
  EXPECT_EQ(read_file(files, "g").error().code, Code::not_found);
  EXPECT_EQ(files.calls_for(Fault::fail_open), 3u);
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

TEST(SimFault, a_process_dies_at_its_call_and_the_machine_goes_on) {
  SimFiles files;
  File file = open_file(files, "f");
  files.fault_at(2, Fault::kill);
  EXPECT_TRUE(file.write_at("one", 0).ok());
  EXPECT_FALSE(file.write_at("two", 3).ok());
  EXPECT_FALSE(file.write_at("more", 6).ok());
  files.kill();
  EXPECT_FALSE(files.dead());
  EXPECT_EQ(content_of(files, "f"), "onetwo") << "the last call was done";
}

TEST(SimFault, the_disk_is_full_from_a_call_on) {
  SimFiles files;
  File file = open_file(files, "f");
  ASSERT_TRUE(file.write_at("1234", 0).ok());
  files.fault_at(2, Fault::fill);
  EXPECT_TRUE(file.write_at("56", 4).ok());
  EXPECT_FALSE(file.write_at("78", 6).ok());
  EXPECT_TRUE(file.write_at("xx", 4).ok()) << "what needs no room is written";
  EXPECT_EQ(files.room("").value(), 0u);
  files.set_capacity(0);
  EXPECT_TRUE(file.write_at("78", 6).ok());
}

// Both lose the same, whatever was durable when the copy was made.
TEST(SimFiles, a_copy_is_a_disk_of_its_own) {
  for (uint64_t seed = 0; seed < kCrashRuns; ++seed) {
    SimFiles files;
    File file = durable_file(files, "old");
    CHECK(file.write_at("new", 0).ok() && file.lock().ok());
    CHECK(files.rename("f", "g").ok());
    SimFiles copy(files);
    EXPECT_TRUE(open_file(copy, "g").lock().ok());
    for (SimFiles* each : {&files, &copy}) {
      Random random(seed);
      each->crash(random);
    }
    EXPECT_EQ(content_of(copy, "f"), content_of(files, "f"));
    EXPECT_EQ(content_of(copy, "g"), content_of(files, "g"));
    CHECK(open_file(copy, "g").write_at("more", 0).ok());
    EXPECT_NE(content_of(files, "g"), "more");
  }
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
