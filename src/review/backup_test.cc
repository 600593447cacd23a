// That what was backed up is what comes back, and that a backup that was touched is refused.
#include <gtest/gtest.h>

#include "base/sim/full.h"
#include "review/house_for_test.h"

namespace duliang {
namespace {

class BackupTest : public ReviewHouse {
 protected:
  std::string dump_of(const std::string& folder) {
    std::string text;
    ReviewInput other = input();
    other.folder = folder;
    const auto report =
        dump(other, [&text](std::string_view line) { text.append(line).append("\n"); });
    EXPECT_TRUE(report.ok()) << (report.ok() ? "" : report.error().message);
    return text;
  }
  ReviewInput restored() {
    ReviewInput other = input();
    other.folder = "/restored";
    return other;
  }
};

TEST_F(BackupTest, WhatIsRestoredIsWhatWasBackedUp) {
  ASSERT_TRUE(backup(input(), "/backup", silent_).ok());
  const auto report = restore(restored(), "/backup", silent_);
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_TRUE(report->well) << report->first_fault;
  const std::string before = dump_of("/data");
  EXPECT_FALSE(before.empty());
  EXPECT_EQ(dump_of("/restored"), before);
}

TEST_F(BackupTest, AJournalThatIsRetiredInPartIsBackedUpToo) {
  retire_some();
  ASSERT_TRUE(backup(input(), "/backup", silent_).ok());
  const auto report = restore(restored(), "/backup", silent_);
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_TRUE(report->well) << report->first_fault;
  EXPECT_EQ(dump_of("/restored"), dump_of("/data"));
}

TEST_F(BackupTest, WhatAKilledHouseLeftOfMomentsIsNoPartOfIt) {
  const std::string left = moments_folder("/data");
  ASSERT_TRUE(make_durable_folder(files_, left).ok());
  ASSERT_TRUE(replace_file(files_, left + "/1.sqlite", "a moment").ok());
  ASSERT_TRUE(backup(input(), "/backup", silent_).ok());
  EXPECT_FALSE(files_.exists("/backup/moments").value());
}

TEST_F(BackupTest, NothingIsOverwritten) {
  ASSERT_TRUE(backup(input(), "/backup", silent_).ok());
  EXPECT_EQ(backup(input(), "/backup", silent_).error().code, Code::conflict);
  EXPECT_EQ(restore(input(), "/backup", silent_).error().code, Code::conflict);
}

TEST_F(BackupTest, EveryFileOfABackupThatWasTouchedIsNoticed) {
  ASSERT_TRUE(backup(input(), "/backup", silent_).ok());
  int touched = 0;
  for (const std::string folder : {"/backup", "/backup/journal", "/backup/parts"}) {
    const auto names = files_.list(folder);
    ASSERT_TRUE(names.ok());
    for (const std::string& name : *names) {
      const std::string path = folder + "/" + name;
      auto file = File::open(files_, path, OpenMode::write);
      if (!file.ok()) continue;  // a folder
      const std::string content = file->read_all().value();
      ASSERT_TRUE(file->truncate(content.size() / 2).ok());
      const auto cut = restore(restored(), "/backup", silent_);
      EXPECT_FALSE(cut.ok()) << path;
      ASSERT_TRUE(file->write_at(content, 0).ok());
      remove_unfinished();
      ++touched;
    }
  }
  EXPECT_GE(touched, 3);
  EXPECT_TRUE(restore(restored(), "/backup", silent_).ok()) << "put right again";
}

TEST_F(BackupTest, ANameThatLeadsOutIsRefused) {
  ASSERT_TRUE(backup(input(), "/backup", silent_).ok());
  for (const char* name : {"../lock", "/etc/passwd", "journal/../../x", "a/b/c", ""}) {
    const std::string manifest =
        fmt::format(R"({{"version":1,"files":[{{"name":"{}","bytes":0,"sha256":""}}]}})", name);
    ASSERT_TRUE(replace_file(files_, "/backup/backup.json", manifest).ok());
    EXPECT_EQ(restore(restored(), "/backup", silent_).error().code, Code::corrupt) << name;
  }
  ASSERT_TRUE(replace_file(files_, "/backup/backup.json", R"({"version":2,"files":[]})").ok());
  EXPECT_EQ(restore(restored(), "/backup", silent_).error().code, Code::unsupported);
}

// A call of it may fail, and it or the machine may die at any: either there is no folder of this
// name, or a whole one; and what it was made from is as it was.
class WholeOrNotThere : public BackupTest, public testing::WithParamInterface<SimFiles::Fault> {
 protected:
  struct Act {
    std::string makes;                     // this folder
    std::function<void()> prepare;
    std::function<bool()> perform;         // whether it says that it did
    std::function<bool()> is_whole;        // what it has made
    std::function<bool()> left_untouched;  // what it was made from
  };

  // Does it with a fault at each of its calls (where there is no time for all, at every third), and
  // once without. What a fault has left is looked at and removed.
  void at_each_call(const Act& act) {
    Random random(1);
    for (uint64_t call = 1; !HasFailure(); call += is_full() ? 1 : 3) {
      act.prepare();
      const uint64_t before = files_.calls_for(GetParam());
      files_.fault_at(call, GetParam());
      const bool made = act.perform();
      const bool met = files_.calls_for(GetParam()) - before >= call;
      recover(random);
      const bool there = files_.exists(act.makes).value();
      EXPECT_TRUE(there || !made) << call;
      EXPECT_TRUE(!there || act.is_whole()) << call;
      EXPECT_TRUE(act.left_untouched()) << call;
      clean(act.makes);
      if (met) continue;
      EXPECT_TRUE(made);
      EXPECT_GT(call, kCallsAtLeast);
      return;
    }
  }

 private:
  static constexpr uint64_t kCallsAtLeast = 10;

  void recover(Random& random) {
    if (GetParam() == SimFiles::Fault::die && files_.dead()) files_.crash(random);
    files_.kill();
    files_.fault_at(0, GetParam());
    files_.set_capacity(0);  // somebody makes room
  }

  void clean(const std::string& made) {
    remove_made("/restored");
    remove_made(made);
    remove_unfinished();
    EXPECT_TRUE(files_.sync_folder("").ok());  // power must not bring them back
  }
};

// Before each the house has run, so that SQLite's log is there to be moved into the ledger: that
// alone may have changed. Where power took a row from it, a start brings it back.
TEST_P(WholeOrNotThere, ABackup) {
  int rows = 4;
  std::string shown;
  std::map<std::string, std::string> before;
  const auto journal_and_parts = [this] {
    auto bytes = bytes_of("/data");
    std::erase_if(bytes, [](const auto& one) { return std::ranges::count(one.first, '/') == 2; });
    return bytes;
  };
  const auto prepare = [&] {
    put(*start(), rows++);
    shown = dump_of("/data");
    before = journal_and_parts();
    EXPECT_GE(before.size(), 1u);
  };
  const auto is_whole = [&] {
    const auto report = restore(restored(), "/backup", silent_);
    return report.ok() && report->well && dump_of("/restored") == shown;
  };
  const auto left_untouched = [&] {
    const auto report = verify(input(), silent_);
    const bool is_same = journal_and_parts() == before;
    start();
    return report.ok() && report->well && is_same && dump_of("/data") == shown;
  };
  const auto perform = [this] { return backup(input(), "/backup", silent_).ok(); };
  at_each_call({"/backup", prepare, perform, is_whole, left_untouched});
}

// Where it ends with an error behind the rename, what is there is whole all the same.
TEST_P(WholeOrNotThere, WhatIsRestored) {
  ASSERT_TRUE(backup(input(), "/backup", silent_).ok());
  const std::string shown = dump_of("/data");
  const auto before = bytes_of("/backup");
  EXPECT_GE(before.size(), 3u);
  at_each_call({"/restored", [] {},
                [this] { return restore(restored(), "/backup", silent_).ok(); },
                [&] { return dump_of("/restored") == shown; },
                [&] { return bytes_of("/backup") == before; }});
}

std::string name_of(const testing::TestParamInfo<SimFiles::Fault>& one) {
  switch (one.param) {
    case SimFiles::Fault::fail:
      return "WhereACallFails";
    case SimFiles::Fault::die:
      return "WherePowerGoes";
    case SimFiles::Fault::kill:
      return "WhereItIsKilled";
    case SimFiles::Fault::fill:
      return "WhereTheDiskIsFull";
    case SimFiles::Fault::fail_open:
      return "WhereAnOpenFails";
  }
  return "";
}

INSTANTIATE_TEST_SUITE_P(Backup, WholeOrNotThere,
                         testing::Values(SimFiles::Fault::fail, SimFiles::Fault::die,
                                         SimFiles::Fault::kill, SimFiles::Fault::fill,
                                         SimFiles::Fault::fail_open),
                         name_of);

}  // namespace
}  // namespace duliang
