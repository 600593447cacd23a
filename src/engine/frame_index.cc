#include "engine/frame_index.h"

#include "engine/state.h"

namespace duliang {

Status FrameIndex::create_tables(Connection& connection) {
  return connection.execute(
      "CREATE TABLE IF NOT EXISTS frame_index (sequence INTEGER PRIMARY KEY, tail TEXT NOT NULL)");
}

Status FrameIndex::load(Connection& connection) {
  TRY(Statement rows,
      connection.prepare("SELECT sequence, tail FROM frame_index ORDER BY sequence"));
  const std::scoped_lock hold(mutex_);
  entries_.clear();
  while (true) {
    TRY(const bool more, rows.step());
    if (!more) break;
    TRY(Checkpoint at, decode_checkpoint(rows.text(1)));
    entries_.emplace_back(static_cast<uint64_t>(rows.integer(0)), std::move(at));
  }
  saved_ = entries_.size();
  return {};
}

Status FrameIndex::save(Connection& connection) {
  const std::scoped_lock hold(mutex_);
  if (forgotten_) {
    TRY(Statement forget, connection.prepare("DELETE FROM frame_index WHERE sequence <= ?"));
    forget.bind(1, static_cast<int64_t>(begin_.sequence));
    TRY_DO(forget.run());
    forgotten_ = false;
  }
  TRY(Statement insert, connection.prepare("INSERT OR REPLACE INTO frame_index VALUES (?, ?)"));
  for (; saved_ < entries_.size(); ++saved_) {
    const auto& [sequence, before] = entries_[saved_];
    insert.bind(1, static_cast<int64_t>(sequence));
    insert.bind(2, encode_checkpoint(before));
    TRY_DO(insert.run());
  }
  return {};
}

void FrameIndex::add(uint64_t sequence, const Checkpoint& before) {
  const std::scoped_lock hold(mutex_);
  if (entries_.empty() || sequence >= entries_.back().first + kStride) {
    entries_.emplace_back(sequence, before);
  }
}

void FrameIndex::begin_at(const Tail& horizon) {
  const std::scoped_lock hold(mutex_);
  begin_ = horizon;
  const auto kept = std::ranges::find_if(
      entries_, [&](const auto& entry) { return entry.first > horizon.sequence; });
  const auto gone = static_cast<size_t>(kept - entries_.begin());
  entries_.erase(entries_.begin(), kept);
  forgotten_ = forgotten_ || (gone > 0 && saved_ > 0);
  saved_ -= std::min(gone, saved_);
}

Tail FrameIndex::before(uint64_t sequence) const {
  const std::scoped_lock hold(mutex_);
  const auto after =
      std::upper_bound(entries_.begin(), entries_.end(), sequence,
                       [](uint64_t wanted, const auto& entry) { return wanted < entry.first; });
  if (after == entries_.begin()) return begin_;
  // The place behind the last retired frame may be that of a mark that is retired with it.
  const Tail& tail = std::prev(after)->second.tail;
  return tail.place < begin_.place ? begin_ : tail;
}

Checkpoint FrameIndex::before(Time time) const {
  const std::scoped_lock hold(mutex_);
  const auto after = std::upper_bound(
      entries_.begin(), entries_.end(), time,
      [](Time wanted, const auto& entry) { return wanted < entry.second.time; });
  return after == entries_.begin() ? Checkpoint{begin_, {}} : std::prev(after)->second;
}

}  // namespace duliang
