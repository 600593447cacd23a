// A folder in which bytes have changed or are gone: opening says so and where, or shows what was
// kept. It never shows anything else.
#include <gtest/gtest.h>

#include "base/sim/full.h"
#include "base/text.h"
#include "journal/file_log.h"
#include "journal/segment.h"
#include "sqlite/sqlite.h"
#include "tests/faults/trial.h"

namespace duliang {
namespace {

constexpr uint64_t kPageBytes = 4096;
constexpr uint64_t kLogFrameBytes = 24 + kPageBytes;

// So long that the whole journal is in one: damage in those that are finished, sealed or retired is
// the concern of the tests of journal/.
constexpr Manner kOneSegment{.segment_bytes = 16 * 1024};

const Reference& reference() {
  static const Reference life(kOneSegment);
  return life;
}

struct Record {
  std::string file;
  uint64_t at = 0;  // in the file
  uint64_t size = 0;
  Place place = 0;
};

std::vector<Record> records_of(SimFiles& files) {
  const std::string folder = journal_folder(kFaultFolder);
  const auto log = FileLog::open(files, folder, false).value();
  std::vector<Record> records;
  EXPECT_TRUE(log->read(0, SIZE_MAX, [&](Place place, std::string_view bytes) {
                   const std::string file = log->file_of(place);
                   const Place first = *segment_place(file.substr(folder.size() + 1));
                   records.push_back({file, place - first, bytes.size(), place});
                   return true;
                 }).ok());
  return records;
}

// The file with some of its bytes flipped, or cut off; without a file: none.
struct Damage {
  std::string file;
  uint64_t at = 0;
  bool cut = false;
  bool between = false;  // just between two records, where a file may well end
};

std::string text_of(const Damage& damage) {
  return fmt::format("{} {} at {}", damage.file, damage.cut ? "cut" : "flipped", damage.at);
}

void apply(SimFiles& files, const Damage& damage) {
  File file = File::open(files, damage.file, OpenMode::write).value();
  if (damage.cut) {
    ASSERT_TRUE(file.truncate(damage.at).ok());
    return;
  }
  std::string bytes(1, '\0');
  ASSERT_EQ(file.read_at(bytes.data(), 1, damage.at).value(), 1u);
  bytes[0] = static_cast<char>(bytes[0] ^ 0x55);
  ASSERT_TRUE(file.write_at(bytes, damage.at).ok());
}

// What became of a folder.
struct Found {
  std::optional<Error> refused;  // by opening, or by reading all of it
  std::optional<LostTail> lost;
  uint64_t frame = 0;
  std::string shown;
  std::string verified;  // the first fault that `verify` names, or empty
  std::string told;      // all that it says
};

class DamageTest : public testing::Test {
 protected:
  Found look(const SimFiles& disk, size_t step, const Damage& damage) {
    Life life(kOneSegment, disk, step);
    if (!damage.file.empty()) apply(life.files, damage);
    Found found;
    const auto report = verify(life.review_input(), [&found](std::string_view line) {
      found.told.append(line).append("\n");
    });
    found.verified = !report.ok()     ? "error: " + report.error().message
                     : report->well ? ""
                                    : report->first_fault;
    if (const Status opened = life.open(); !opened.ok()) {
      found.refused = opened.error();
      return found;
    }
    found.lost = life.engine->status().lost_tail;
    found.frame = life.engine->status().sequence;
    const auto shown = life.picture();
    if (shown.ok()) {
      found.shown = *shown;
    } else {
      found.refused = shown.error();
    }
    return found;
  }

  // A refusal and `verify` name the file, or one of another folder that no longer agrees with it;
  // what is shown is what was kept, up to a frame.
  void expect_told(size_t step, const Damage& damage, const Found& found,
                   const std::string& other = "no other") {
    const auto names = [&](const std::string& text) {
      return text.find(damage.file) != std::string::npos || text.find(other) != std::string::npos;
    };
    SCOPED_TRACE(text_of(damage) + " before step " + Life::name_of(step));
    if (found.refused) {
      ++refused_;
      const Error& error = *found.refused;
      EXPECT_TRUE(error.code == Code::corrupt || error.code == Code::unsupported) << error.message;
      EXPECT_TRUE(names(error.message + error.field)) << error.message << error.field;
      EXPECT_NE(found.verified, "") << "opening refuses: " << error.message;
    } else {
      size_t at = 0;
      while (at + 1 < step && reference().frame_behind(at) < found.frame) ++at;
      EXPECT_EQ(first_difference(reference().shown_behind(at), found.shown), "");
      if (found.lost) ++cut_;
      const bool all_there = found.frame == reference().frame_behind(step - 1);
      EXPECT_TRUE(all_there || found.lost || damage.between)
          << "it opens at frame " << found.frame << " and does not say that more was there";
    }
    EXPECT_TRUE(found.verified.empty() || names(found.verified)) << found.verified;
  }

  int refused_ = 0, cut_ = 0;
};

// Where in a record a byte is flipped: each field of its head, and its body.
std::vector<uint64_t> places_in(const Record& record) {
  std::vector<uint64_t> places{0, 2, 3, 4, 8, 12, 13, 21, 29, 37, 45, 53, 84};
  if (record.size > 85) places.insert(places.end(), {85, (85 + record.size) / 2, record.size - 1});
  return places;
}

TEST_F(DamageTest, OfTheJournal) {
  // Before the first of them readings alone have come: where they are damaged they are cut, since
  // nothing was built on them.
  for (const size_t step : {Life::step_named("a reading with a key"), Life::step_named("stops")}) {
    Life life(kOneSegment, reference().disk_before(step), step);
    const auto records = records_of(life.files);
    EXPECT_GT(records.size(), 10u);
    size_t places = 0;
    for (const Record& record : records) {
      std::vector<Damage> damages;
      for (const uint64_t back : {uint64_t{0}, uint64_t{1}, record.size / 2, record.size - 1})
        damages.push_back({record.file, record.at + back, true, back == 0});
      for (const uint64_t at : places_in(record))
        damages.push_back({record.file, record.at + at, false});
      for (const Damage& damage : damages) {
        // Else one of three: as many as a record has is no multiple, so each kind comes.
        if (!is_full() && ++places % 3 != 0) continue;
        const Found found = look(life.files, step, damage);
        expect_told(step, damage, found);
        if (HasFailure()) return;
        // The place that is named is that of the record.
        const bool names_it = found.verified.find(to_hex(record.place)) != std::string::npos;
        EXPECT_TRUE(found.verified.empty() || names_it) << text_of(damage) << found.verified;
        // Where all that is left is well, either it is said that something is behind, or the file
        // ends just between two records, as one does of which nothing more was written.
        const bool says_so = found.told.find("Behind its end stand") != std::string::npos;
        EXPECT_TRUE(!found.verified.empty() || says_so || damage.between) << text_of(damage);
      }
    }
    std::printf("  %zu records: %d refused, %d cut\n", records.size(), refused_, cut_);
  }
  EXPECT_GT(refused_, 100);
  EXPECT_GT(cut_, 5);
}

TEST_F(DamageTest, OfTheParts) {
  const size_t step = Life::step_named("stops");
  Life life(kOneSegment, reference().disk_before(step), step);
  for (const std::string& name : life.files.list(parts_folder(kFaultFolder)).value()) {
    const std::string path = parts_folder(kFaultFolder) + "/" + name;
    const uint64_t size = read_file(life.files, path)->size();
    const uint64_t every = is_full() ? 1 : 23;  // byte; of the trailer each
    for (uint64_t at = 0; at < size; at += at + 30 < size ? every : 1) {
      for (const bool cut : {false, true}) {
        const Damage damage{path, at, cut};
        const Found found = look(life.files, step, damage);
        expect_told(step, damage, found);
        EXPECT_NE(found.verified, "") << text_of(damage);
        EXPECT_TRUE(found.refused) << text_of(damage);
        if (HasFailure()) return;
      }
    }
  }
  EXPECT_GT(refused_, 50);
}

// Each is sound; only the manifest tells that they are not what they are called.
TEST_F(DamageTest, OfTheNamesOfParts) {
  const size_t step = Life::step_named("stops");
  Life life(kOneSegment, reference().disk_before(step), step);
  const std::string folder = parts_folder(kFaultFolder) + "/";
  const auto names = life.files.list(parts_folder(kFaultFolder)).value();
  ASSERT_GT(names.size(), 1u);
  const std::string bytes = read_file(life.files, folder + names[1]).value();
  ASSERT_TRUE(replace_file(life.files, folder + "left.part", bytes).ok());
  const Found left = look(life.files, step, {});
  EXPECT_EQ(left.verified, "");
  EXPECT_NE(left.told.find("No manifest names " + folder + "left.part"), std::string::npos);
  EXPECT_EQ(first_difference(reference().shown_behind(step - 1), left.shown), "");
  ASSERT_TRUE(life.files.rename(folder + names[0], folder + names[1]).ok());
  ASSERT_TRUE(life.files.rename(folder + "left.part", folder + names[0]).ok());
  const Found exchanged = look(life.files, step, {});
  for (const size_t at : {0, 1}) {
    EXPECT_NE(exchanged.told.find("FAULT: The part " + folder + names[at] + " holds"),
              std::string::npos)
        << exchanged.told;
  }
  EXPECT_TRUE(exchanged.refused);
}

// Each page has a check. What was moved into the file is told where it is damaged.
TEST_F(DamageTest, OfTheLedger) {
  const size_t step = Life::step_named("stops");
  Life life(kOneSegment, reference().disk_before(step), step);
  const std::string path = ledger_path(kFaultFolder);
  {
    auto connection = Connection::open(path, {.vfs = life.review_input().vfs}).value();
    ASSERT_TRUE(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").ok());
  }
  const uint64_t pages = read_file(life.files, path)->size() / kPageBytes;
  EXPECT_GT(pages, 20u);
  for (uint64_t page = 0; page < pages; ++page) {
    const Damage damage{path, page * kPageBytes + page * 619 % kPageBytes, false};
    const Found found = look(life.files, step, damage);
    expect_told(step, damage, found);
    EXPECT_NE(found.verified, "") << text_of(damage);
    if (HasFailure()) return;
  }
  EXPECT_GT(refused_, 10);
}

// A log that is damaged counts up to there, and the journal brings the rest; unless parts that the
// manifest of then names are gone.
TEST_F(DamageTest, OfTheLogOfTheLedger) {
  const size_t step = Life::step_named("stops");
  Life life(kOneSegment, reference().disk_before(step), step);
  const std::string path = ledger_path(kFaultFolder) + "-wal";
  const uint64_t size = read_file(life.files, path)->size();
  int frames = 0;
  for (uint64_t at = 0; at < size; at += kLogFrameBytes + 13, ++frames) {
    for (const bool cut : {false, true}) {
      const Damage damage{path, at, cut};
      expect_told(step, damage, look(life.files, step, damage), parts_folder(kFaultFolder));
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(frames, 20);
}

}  // namespace
}  // namespace duliang
