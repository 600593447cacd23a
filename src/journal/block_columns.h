// The columns of a sealed block, written and read: one walk over the records (see sealed_block.cc)
// serves both, and gives a ColumnWriter what they say, or takes it from a ColumnReader. Numbers
// stand as differences to what was to be expected. For sealed_block.cc only; of one thread. What is
// read may be foreign: a ColumnReader turns bad once and gives zeros from then on.
#pragma once

#include <array>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "journal/columns.h"

namespace duliang {

// Columns of numbers. Their order is that of the file.
enum Column : uint8_t {
  kForm,
  kKind,
  kEpoch,
  kClaim,
  kSequence,
  kTime,
  kSynced,
  kPrevious,
  kBodyTime,
  kCommands,
  kCommandKind,
  kReceived,
  kCause,
  kRuns,
  kStep,
  kCount,
  kStream,
  kFlags,
  kId,
  kBegin,
  kLength,
  kResultTime,
  kFeature,
  kScale,
  kMantissa,
  kColumnCount,
};
enum TextColumn : uint8_t {
  kWholeRecord,
  kHash,
  kBody,
  kActor,
  kDoor,
  kKey,
  kArguments,
  kRows,
  kCorrections,
  kResult,
  kExtras,
  kTextCount,
};
inline constexpr size_t kPredictions =
    3;  // the most that a column has; the best one is chosen by size

using Predictions = std::initializer_list<uint64_t>;

// One side of the same walk over a block's records: the Writer takes what they say, the Reader of
// columns gives it back. Numbers stand as differences to what was to be expected.
class ColumnWriter {
 public:
  static constexpr bool kReads = false;

  uint64_t number(Column column, uint64_t value, Predictions expected) {
    size_t way = 0;
    for (const uint64_t each : expected) numbers_[column][way++].push_back(value - each);
    return value;
  }
  std::string_view text(TextColumn column, std::string_view value) {
    lengths_[column].push_back(value.size());
    texts_[column] += value;
    return value;
  }
  bool ok() const { return true; }

  std::string packed() const {
    std::string out;
    for (const auto& ways : numbers_) put_shortest(out, ways);
    for (size_t i = 0; i < kTextCount; ++i) {
      put_varint(out, lengths_[i].size());
      if (lengths_[i].empty()) continue;
      put_numbers(out, lengths_[i]);
      put_bytes(out, texts_[i]);
    }
    return out;
  }

 private:
  using Ways = std::array<std::vector<uint64_t>, kPredictions>;

  static void put_shortest(std::string& out, const Ways& ways) {
    put_varint(out, ways[0].size());
    if (ways[0].empty()) return;
    std::string best;
    uint8_t best_way = 0;
    for (uint8_t way = 0; way < kPredictions && !ways[way].empty(); ++way) {
      std::string coded;
      put_numbers(coded, ways[way]);
      if (way == 0 || coded.size() < best.size()) best = std::move(coded), best_way = way;
    }
    put_u8(out, best_way);
    out += best;
  }

  std::array<Ways, kColumnCount> numbers_;
  std::array<std::vector<uint64_t>, kTextCount> lengths_;
  std::array<std::string, kTextCount> texts_;
};

class ColumnReader {
 public:
  static constexpr bool kReads = true;

  ColumnReader(std::string_view block, size_t numbers_max) {
    Reader in(block);
    for (Numbers& column : numbers_) {
      if (!take_count(in, numbers_max, column) || column.count == 0) continue;
      column.way = in.u8();
      column.values = get_numbers(in, column.count);
    }
    for (Texts& column : texts_) {
      if (!take_count(in, numbers_max, column.lengths) || column.lengths.count == 0) continue;
      column.lengths.values = get_numbers(in, column.lengths.count);
      size_t size = 0;
      for (const uint64_t length : column.lengths.values)
        size = length > numbers_max || size > numbers_max ? numbers_max + 1 : size + length;
      if (size > numbers_max) in.fail();
      column.bytes = get_bytes(in, in.ok() ? size : 0);
    }
    ok_ = in.done();
  }

  uint64_t number(Column column, uint64_t, Predictions expected) {
    Numbers& from = numbers_[column];
    if (from.at >= from.values.size() || from.way >= expected.size()) return ok_ = false, 0;
    return expected.begin()[from.way] + from.values[from.at++];
  }
  std::string_view text(TextColumn column, std::string_view) {
    Texts& from = texts_[column];
    if (from.lengths.at >= from.lengths.values.size()) return ok_ = false, std::string_view();
    const auto length = static_cast<size_t>(from.lengths.values[from.lengths.at++]);
    if (length > from.bytes.size() - from.offset) return ok_ = false, std::string_view();
    from.offset += length;
    return std::string_view(from.bytes).substr(from.offset - length, length);
  }
  bool ok() const { return ok_; }

 private:
  struct Numbers {
    size_t count = 0, at = 0;
    uint8_t way = 0;
    std::vector<uint64_t> values;
  };
  struct Texts {
    Numbers lengths;
    std::string bytes;
    size_t offset = 0;
  };

  static bool take_count(Reader& in, size_t& left, Numbers& column) {
    const uint64_t count = in.varint();
    if (count > left) in.fail();
    if (!in.ok()) return false;
    left -= column.count = static_cast<size_t>(count);
    return true;
  }

  std::array<Numbers, kColumnCount> numbers_;
  std::array<Texts, kTextCount> texts_;
  bool ok_ = false;
};

}  // namespace duliang
