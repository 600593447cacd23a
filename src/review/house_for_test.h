// A small data folder on the simulated disk, for tests of the reviews.
#pragma once

#include <gtest/gtest.h>

#include "base/sim/sim_clock.h"
#include "base/sim/sim_files.h"
#include "engine/engine.h"
#include "journal/segment.h"
#include "review/review.h"
#include "sqlite/vfs.h"

namespace duliang {

inline constexpr const char* kVfs = "review_test";

// Four entities, a checkpoint behind the third.
class ReviewHouse : public testing::Test {
 protected:
  void SetUp() override {
    register_vfs(kVfs, files_);
    const auto engine = start();
    for (int i = 0; i < 3; ++i) put(*engine, i);
    ASSERT_TRUE(engine->checkpoint().ok());
    put(*engine, 3);
  }
  void TearDown() override { unregister_vfs(kVfs); }

  std::unique_ptr<Engine> start(EngineOptions options = {}) {
    options.folder = "/data";
    options.vfs = kVfs;
    auto engine = Engine::open(options, clock_, files_, Random(1));
    CHECK(engine.ok());
    return std::move(engine).value();
  }

  static void put(Engine& engine, int number) {
    Row row = make_row(TypeId::observed_property, RowId{-1});
    row["name"] = fmt::format("property {}", number);
    row["definition"] = std::string("u");
    row["description"] = std::string("d");
    Command command;
    command.door = "test";
    PutRows rows;
    rows.changes.push_back(RowChange::put(row));
    command.body = std::move(rows);
    engine.submit(std::move(command),
                  [](const Result<Outcome>& outcome) { ASSERT_TRUE(outcome.ok()); });
    while (engine.has_work()) ASSERT_TRUE(engine.turn().ok());
  }

  // A journal of small segments, of which the first are retired.
  void retire_some() {
    EngineOptions options;
    options.segments = {2048, 512};
    options.keep_journal = std::chrono::hours{1};
    const auto engine = start(options);
    for (int i = 4; i < 40; ++i) put(*engine, i);
    clock_.advance(std::chrono::hours{2});
    put(*engine, 40);
    for (int i = 0; i < 300; ++i) ASSERT_TRUE(engine->tend().ok());
    ASSERT_TRUE(engine->status().horizon);
  }

  std::string segment() {
    const auto names = files_.list("/data/journal");
    return "/data/journal/" + names->front();
  }

  // Half a record behind the end of the journal.
  void tear_tail() {
    const auto log = FileLog::open(files_, "/data/journal", false);
    ASSERT_TRUE(log.ok());
    std::string record;
    ASSERT_TRUE((*log)->read(0, SIZE_MAX, [&](Place, std::string_view bytes) {
                        record = bytes;
                        return true;
                      }).ok());
    const Place end = (*log)->end().value();
    const std::string path = (*log)->file_of(end);
    auto file = File::open(files_, path, OpenMode::write);
    const Place first = *segment_place(path.substr(path.rfind('/') + 1));
    ASSERT_TRUE(file->write_at(record.substr(0, record.size() / 2), end - first).ok());
    EXPECT_TRUE((*FileLog::open(files_, "/data/journal", false))->lost_tail());
  }

  std::map<std::string, std::string> bytes_of(const std::string& folder) {
    std::map<std::string, std::string> bytes;
    for (const std::string inner : {"", "/journal", "/parts"}) {
      const auto names = files_.list(folder + inner);
      if (!names.ok()) continue;
      for (const std::string& name : *names) {
        const std::string path = folder + inner + "/" + name;
        if (auto read = read_file(files_, path); read.ok()) bytes[path] = *read;
      }
    }
    return bytes;
  }

  // What an interrupted backup or restore leaves.
  void remove_unfinished() {
    for (const std::string folder : {"/backup-unfinished", "/restored-unfinished"})
      remove_made(folder);
  }

  void remove_made(const std::string& folder) {
    for (const std::string inner : {"/journal", "/parts", ""}) {
      const auto names = files_.list(folder + inner);
      if (!names.ok()) continue;
      for (const std::string& name : *names)
        ASSERT_TRUE(files_.remove(folder + inner + "/" + name).ok());
      ASSERT_TRUE(files_.remove(folder + inner).ok());
    }
  }

  ReviewInput input() { return {"/data", &files_, &clock_, kVfs}; }
  const Print silent_ = [](std::string_view) {};
  SimFiles files_;
  SimClock clock_{Time{std::chrono::seconds{1'795'500'000}}};
};

}  // namespace duliang
