// What both disks must do alike, the real one and the simulated one; and the helpers on them.
#include "base/files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "base/os/os_clock.h"
#include "base/os/os_files.h"
#include "base/sim/sim_clock.h"
#include "base/sim/sim_files.h"

namespace duliang {
namespace {

using Names = std::vector<std::string>;

class FilesTest : public testing::TestWithParam<bool> {
 protected:
  FilesTest() {
    if (GetParam()) {
      files_ = std::make_unique<SimFiles>();
      root_ = "/data";
    } else {
      files_ = std::make_unique<OsFiles>();
      std::string name = (std::filesystem::temp_directory_path() / "duliang-XXXXXX").string();
      CHECK(mkdtemp(name.data()) != nullptr);
      root_ = name;
    }
    CHECK(files_->make_folder(root_).ok());
  }
  ~FilesTest() override {
    if (!GetParam()) std::filesystem::remove_all(root_);
  }

  std::string at(const std::string& name) const { return root_ + "/" + name; }
  void put(const std::string& name, std::string_view content) {
    Result<File> file = File::open(*files_, at(name), OpenMode::write);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE(file->truncate(0).ok());
    ASSERT_TRUE(file->write_at(content, 0).ok());
  }
  std::string get(const std::string& name) {
    const Result<std::string> content = read_file(*files_, at(name));
    return content.ok() ? *content : "none";
  }
  Code open_error(const std::string& name, OpenMode mode) {
    return File::open(*files_, at(name), mode).error().code;
  }

  std::unique_ptr<Files> files_;
  std::string root_;
};

INSTANTIATE_TEST_SUITE_P(Both, FilesTest, testing::Bool(),
                         [](const auto& each) { return each.param ? "sim" : "os"; });

TEST_P(FilesTest, writes_and_reads_where_it_is_told) {
  Result<File> opened = File::open(*files_, at("f"), OpenMode::write);
  ASSERT_TRUE(opened.ok());
  File& file = *opened;
  EXPECT_TRUE(file.is_open());
  EXPECT_EQ(file.size().value(), 0u);
  ASSERT_TRUE(file.write_at("hello", 3).ok());
  EXPECT_EQ(file.size().value(), 8u);
  EXPECT_EQ(file.read_all().value(), std::string("\0\0\0hello", 8));
  ASSERT_TRUE(file.write_at("J", 3).ok());
  ASSERT_TRUE(file.write_at("", 100).ok());
  EXPECT_EQ(file.size().value(), 8u);
  char into[10];
  EXPECT_EQ(file.read_at(into, 2, 3).value(), 2u);
  EXPECT_EQ(std::string(into, 2), "Je");
  EXPECT_EQ(file.read_at(into, 10, 5).value(), 3u);
  EXPECT_EQ(file.read_at(into, 10, 8).value(), 0u);
  EXPECT_EQ(file.read_at(into, 10, 1000).value(), 0u);
  EXPECT_EQ(file.read_at(into, 0, 0).value(), 0u);
  ASSERT_TRUE(file.truncate(4).ok());
  ASSERT_TRUE(file.truncate(6).ok());
  EXPECT_EQ(file.read_all().value(), std::string("\0\0\0J\0\0", 6));
  EXPECT_TRUE(file.sync().ok());
}

TEST_P(FilesTest, opens_by_mode) {
  EXPECT_EQ(open_error("f", OpenMode::read), Code::not_found);
  EXPECT_TRUE(File::open(*files_, at("f"), OpenMode::create).ok());
  EXPECT_EQ(open_error("f", OpenMode::create), Code::conflict);
  put("f", "content");
  EXPECT_TRUE(File::open(*files_, at("f"), OpenMode::write).ok());
  EXPECT_EQ(get("f"), "content");
  EXPECT_EQ(open_error("none/f", OpenMode::write), Code::not_found);
  EXPECT_EQ(open_error("f/f", OpenMode::write), Code::not_found);
  EXPECT_EQ(open_error(".", OpenMode::read), Code::io);
}

TEST_P(FilesTest, does_not_write_what_is_open_to_read) {
  put("f", "content");
  Result<File> file = File::open(*files_, at("f"), OpenMode::read);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file->write_at("x", 0).error().code, Code::io);
  EXPECT_EQ(file->truncate(0).error().code, Code::io);
  EXPECT_TRUE(file->sync().ok());
  EXPECT_EQ(get("f"), "content");
}

TEST_P(FilesTest, errors_name_the_file) {
  const Error error = read_file(*files_, at("none")).error();
  EXPECT_EQ(error.code, Code::not_found);
  EXPECT_EQ(error.field, at("none"));
  EXPECT_NE(error.message.find(at("none")), std::string::npos);
  Result<File> file = File::open(*files_, at("f"), OpenMode::write);
  ASSERT_TRUE(file.ok());
  Result<File> reader = File::open(*files_, at("f"), OpenMode::read);
  EXPECT_NE(reader->write_at("x", 0).error().message.find(at("f")), std::string::npos);
}

TEST_P(FilesTest, locks_for_one) {
  Result<File> first = File::open(*files_, at("lock"), OpenMode::write);
  Result<File> second = File::open(*files_, at("lock"), OpenMode::write);
  EXPECT_TRUE(first->lock().ok());
  EXPECT_TRUE(first->lock().ok());
  EXPECT_EQ(second->lock().error().code, Code::conflict);
  *first = File();
  EXPECT_FALSE(first->is_open());
  EXPECT_TRUE(second->lock().ok());
}

TEST_P(FilesTest, a_file_closes_itself_once) {
  Result<File> opened = File::open(*files_, at("f"), OpenMode::write);
  File file = *std::move(opened);
  File moved = std::move(file);
  EXPECT_TRUE(moved.is_open());
  EXPECT_FALSE(file.is_open());  // NOLINT: a File that was moved from is closed
  File& same = moved;
  moved = std::move(same);
  EXPECT_TRUE(moved.is_open());
  EXPECT_TRUE(moved.write_at("x", 0).ok());
}

TEST_P(FilesTest, renames_and_removes) {
  put("a", "1");
  put("b", "2");
  EXPECT_EQ(files_->rename(at("none"), at("b")).error().code, Code::not_found);
  EXPECT_EQ(files_->rename(at("a"), at("none/b")).error().code, Code::not_found);
  EXPECT_TRUE(files_->rename(at("a"), at("a")).ok());
  EXPECT_TRUE(files_->rename(at("a"), at("b")).ok());
  EXPECT_EQ(get("a"), "none");
  EXPECT_EQ(get("b"), "1");
  ASSERT_TRUE(files_->make_folder(at("d")).ok());
  EXPECT_TRUE(files_->rename(at("b"), at("d/b")).ok());
  EXPECT_EQ(get("d/b"), "1");
  EXPECT_EQ(files_->remove(at("d")).error().code, Code::conflict);
  EXPECT_TRUE(files_->rename(at("d"), at("e")).ok());
  EXPECT_EQ(get("e/b"), "1");
  EXPECT_FALSE(files_->rename(at("e"), at("e/f")).ok());
  EXPECT_TRUE(files_->remove(at("e/b")).ok());
  EXPECT_EQ(files_->remove(at("e/b")).error().code, Code::not_found);
  EXPECT_TRUE(files_->remove(at("e")).ok());
  EXPECT_EQ(files_->list(root_).value(), Names{});
}

TEST_P(FilesTest, a_file_without_a_name_lives_while_it_is_open) {
  put("f", "content");
  Result<File> file = File::open(*files_, at("f"), OpenMode::read);
  ASSERT_TRUE(files_->remove(at("f")).ok());
  EXPECT_FALSE(files_->exists(at("f")).value());
  EXPECT_EQ(file->read_all().value(), "content");
}

TEST_P(FilesTest, makes_and_lists_folders) {
  ASSERT_TRUE(files_->make_folder(at("x/y/z")).ok());
  EXPECT_TRUE(files_->make_folder(at("x/y/z")).ok());
  EXPECT_TRUE(files_->make_folder(at("x/y/")).ok());
  put("x/b", "");
  put("x/a", "");
  EXPECT_EQ(files_->list(at("x")).value(), (Names{"a", "b", "y"}));
  EXPECT_EQ(files_->list(at("x/y/z")).value(), Names{});
  EXPECT_EQ(files_->list(at("none")).error().code, Code::not_found);
  EXPECT_EQ(files_->list(at("x/a")).error().code, Code::not_found);
  EXPECT_FALSE(files_->make_folder(at("x/a")).ok());
  EXPECT_FALSE(files_->make_folder(at("x/a/b")).ok());
  EXPECT_TRUE(files_->exists(at("x/y")).value());
  EXPECT_TRUE(files_->exists(at("x/a")).value());
  EXPECT_FALSE(files_->exists(at("x/c")).value());
  EXPECT_FALSE(files_->exists(at("x/a/b")).value());
  EXPECT_TRUE(files_->sync_folder(at("x")).ok());
  EXPECT_EQ(files_->sync_folder(at("none")).error().code, Code::not_found);
  EXPECT_EQ(files_->sync_folder(at("x/a")).error().code, Code::not_found);
}

TEST_P(FilesTest, replaces_a_file) {
  ASSERT_TRUE(replace_file(*files_, at("f"), "one").ok());
  EXPECT_EQ(get("f"), "one");
  put("f.new", "left by an interrupted run, and longer");
  ASSERT_TRUE(replace_file(*files_, at("f"), "two").ok());
  EXPECT_EQ(get("f"), "two");
  EXPECT_EQ(files_->list(root_).value(), Names{"f"});
  EXPECT_EQ(replace_file(*files_, at("none/f"), "x").error().code, Code::not_found);
}

TEST(ReplaceFile, leaves_the_old_or_the_new_whatever_call_fails) {
  for (const auto fault : {SimFiles::Fault::fail, SimFiles::Fault::die}) {
    for (uint64_t call = 1;; ++call) {
      SimFiles files;
      ASSERT_TRUE(replace_file(files, "f", std::string(2000, 'a')).ok());
      files.fault_at(call, fault);
      const bool done = replace_file(files, "f", std::string(3000, 'b')).ok();
      Random random(call);
      files.crash(random);
      const std::string content = read_file(files, "f").value();
      EXPECT_TRUE(content == std::string(3000, 'b') || (!done && content == std::string(2000, 'a')))
          << call << ' ' << content.size();
      if (done) break;
    }
  }
}

TEST(ReplaceFile, gives_back_the_space_when_the_disk_is_full) {
  SimFiles files;
  ASSERT_TRUE(replace_file(files, "f", "old").ok());
  files.set_capacity(100);
  EXPECT_EQ(replace_file(files, "f", std::string(98, 'b')).error().code, Code::io);
  EXPECT_EQ(files.list("").value(), Names{"f"});
  EXPECT_TRUE(replace_file(files, "f", std::string(90, 'b')).ok());
}

TEST(SimFiles, tells_the_room_that_is_left) {
  SimFiles files;
  ASSERT_TRUE(replace_file(files, "f", std::string(40, 'a')).ok());
  EXPECT_GT(files.room("").value(), uint64_t{1} << 32);
  files.set_capacity(100);
  EXPECT_EQ(files.room("").value(), 60U);
  files.set_capacity(10);
  EXPECT_EQ(files.room("").value(), 0U);
  EXPECT_EQ(files.room("none").error().code, Code::not_found);
}

TEST(OsFiles, tells_the_room_that_is_left) {
  OsFiles files;
  EXPECT_GT(files.room("/tmp").value(), 0U);
  EXPECT_EQ(files.room("/none").error().code, Code::not_found);
}

TEST(FileDeathTest, a_closed_file_is_not_used) {
  EXPECT_DEATH((void)File().sync(), "is_open");
}

TEST(OsClock, goes_on) {
  OsClock clock;
  const Time now = clock.now();
  const Duration boot = clock.since_boot();
  const Duration cpu = clock.thread_cpu();
  while (clock.since_boot() - boot < std::chrono::milliseconds(2)) continue;
  EXPECT_GE(clock.now() - now, std::chrono::milliseconds(1));
  EXPECT_GE(clock.since_boot() - boot, std::chrono::milliseconds(2));
  EXPECT_GT(now, *parse_time("2024-01-01T00:00:00Z"));
  EXPECT_NE(random_from_system().next(), random_from_system().next());
}

TEST(SimClock, is_turned_by_hand) {
  SimClock clock(*parse_time("2026-11-24T13:20:40Z"));
  clock.advance(std::chrono::seconds(5));
  clock.jump_wall(std::chrono::hours(-1));
  EXPECT_EQ(to_text(clock.now()), "2026-11-24T12:20:45Z");
  EXPECT_EQ(clock.since_boot(), std::chrono::seconds(5));
}

}  // namespace
}  // namespace duliang
