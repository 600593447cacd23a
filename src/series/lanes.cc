#include "series/lanes.h"

namespace duliang {
namespace {

// More would mean that the table is broken: 2^31 lanes are 5 * 10^11 readings.
constexpr int64_t kLaneMax = int64_t{1} << 31;

}  // namespace

StreamId LaneView::stream_of(uint64_t lane) const {
  if (lane >= end) return StreamId{0};
  const LanePage& page = *(*pages)[lane / kLanesInPage];
  return StreamId{page.streams[lane % kLanesInPage].load(std::memory_order_relaxed)};
}

Status Lanes::create_tables(Connection& connection) {
  return connection.execute(
      "CREATE TABLE IF NOT EXISTS lane("
      "lane INTEGER PRIMARY KEY, stream INTEGER NOT NULL, next_slot INTEGER NOT NULL)");
}

Status Lanes::load(Connection& connection) {
  TRY(auto rows, connection.prepare("SELECT lane, stream, next_slot FROM lane ORDER BY lane"));
  for (;;) {
    TRY(bool stands, rows.step());
    if (!stands) return {};
    const int64_t lane = rows.integer(0);
    const StreamId stream{rows.integer(1)};
    const int64_t next_slot = rows.integer(2);
    if (lane < 0 || lane >= kLaneMax || stream <= StreamId{0} || next_slot < 0 ||
        next_slot > static_cast<int64_t>(kLaneIds)) {
      return Error{Code::corrupt, fmt::format("Row {} of the table of lanes is not valid.", lane),
                   "lane"};
    }
    own(static_cast<uint64_t>(lane), stream);
    current_[stream] = {static_cast<uint64_t>(lane), static_cast<uint64_t>(next_slot), false};
  }
}

ReadingId Lanes::give(StreamId stream) {
  CHECK(stream > StreamId{0}, "only a stream that has its id takes readings");
  Current& current = current_[stream];
  if (current.next_slot == kLaneIds) {
    // The old lane is full: what is saved of it stays as it is from here on.
    current = {next_lane_, next_lane_ == 0 ? uint64_t{1} : uint64_t{0}, false};
    own(current.lane, stream);
  }
  note_change(stream, current);
  const uint64_t id = current.lane * kLaneIds + current.next_slot;
  ++current.next_slot;
  return ReadingId{static_cast<int64_t>(id)};
}

void Lanes::restore(ReadingId id, StreamId stream) {
  CHECK(id > ReadingId{0} && stream > StreamId{0}, "a reading has an id and a stream");
  const uint64_t lane = lane_of(id);
  const uint64_t next_slot = slot_of(id) + 1;
  Current& current = current_[stream];
  if (current.lane == lane) {
    if (next_slot <= current.next_slot) return;  // given by give(), or restored before
    current.next_slot = next_slot;
    note_change(stream, current);
    return;
  }
  own(lane, stream);
  if (current.lane != kNoLane && lane < current.lane) {
    changed_.push_back({stream, lane});  // an older lane of the stream, full since
    return;
  }
  current = {lane, next_slot, false};
  note_change(stream, current);
}

void Lanes::own(uint64_t lane, StreamId stream) {
  if (lane / kLanesInPage >= pages_->size()) {
    auto pages = std::make_shared<LanePages>(*pages_);
    while (pages->size() <= lane / kLanesInPage) pages->push_back(std::make_shared<LanePage>());
    pages_ = std::move(pages);
  }
  std::atomic<int64_t>& owner = (*pages_)[lane / kLanesInPage]->streams[lane % kLanesInPage];
  const int64_t before = owner.load(std::memory_order_relaxed);
  CHECK(before == 0 || before == static_cast<int64_t>(stream), "a lane belongs to one stream");
  owner.store(static_cast<int64_t>(stream), std::memory_order_relaxed);
  next_lane_ = std::max(next_lane_, lane + 1);
}

void Lanes::note_change(StreamId stream, Current& current) {
  if (current.changed) return;
  current.changed = true;
  changed_.push_back({stream, current.lane});
}

Status Lanes::save(Connection& connection) {
  saving_.insert(saving_.end(), changed_.begin(), changed_.end());
  changed_.clear();
  TRY(Statement * put, connection.cached("INSERT OR REPLACE INTO lane VALUES (?1, ?2, ?3)"));
  for (const Change& change : saving_) {
    Current& current = current_[change.stream];
    const bool full = current.lane != change.lane;
    if (!full) current.changed = false;
    put->bind(1, static_cast<int64_t>(change.lane));
    put->bind(2, static_cast<int64_t>(change.stream));
    put->bind(3, static_cast<int64_t>(full ? kLaneIds : current.next_slot));
    TRY_DO(put->run());
  }
  return {};
}

}  // namespace duliang
