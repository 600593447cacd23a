// That what was backed up is what comes back, and that a backup that was touched is refused.
#include <gtest/gtest.h>

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

// Power may go at any moment of it: either there is no backup of this name, or a whole one.
TEST_F(BackupTest, ABackupIsWholeOrNotThere) {
  Random random(1);
  for (uint64_t call = 1;; call += 1 + call / 8) {
    files_.fault_at(call, SimFiles::Fault::die);
    const bool made = backup(input(), "/backup", silent_).ok();
    const bool met = files_.dead();
    files_.fault_at(0, SimFiles::Fault::die);
    if (met) files_.crash(random);
    const bool there = files_.exists("/backup").value();
    EXPECT_TRUE(!made || there);
    if (there) {
      const auto report = restore(restored(), "/backup", silent_);
      EXPECT_TRUE(report.ok() && report->well) << call;
      break;
    }
    remove_unfinished();
  }
}

}  // namespace
}  // namespace duliang
