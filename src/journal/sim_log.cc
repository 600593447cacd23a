#include "journal/sim_log.h"

#include <algorithm>

#include "base/limits.h"

namespace duliang {

void SimLog::append(std::string_view record, Durability durability, Done done) {
  AppendResult result;
  if (failed_) {
    result.why = "An earlier append has failed.";
    return done(result);
  }
  const bool too_large = record.size() > limits::kFrameBytes;
  if (next_failure_ || too_large) {
    failed_ = true;
    result.error = too_large ? LogError::unavailable : next_failure_->first;
    result.why = too_large ? "The record is too large." : "The log was told to fail.";
    if (!too_large && next_failure_->second) insert(std::string(record));
    return done(result);
  }
  result.ok = true;
  result.stored.place = next_;
  insert(std::string(record));
  if (durability == Durability::power) synced_ = next_;
  result.stored.next = next_;
  result.stored.synced = synced_;
  done(result);
}

Result<Place> SimLog::read(Place from, size_t bytes_max, const Sink& sink) {
  if (from >= next_) return from;
  if (from < trimmed_)
    return Error{Code::not_found, "Place " + std::to_string(from) + " is no longer in the log.",
                 ""};
  const auto at_or_behind = [](const Entry& entry, Place place) { return entry.place < place; };
  auto entry = std::lower_bound(entries_.begin(), entries_.end(), from, at_or_behind);
  if (entry == entries_.end() || entry->place != from)
    return Error{Code::corrupt, "No record begins at place " + std::to_string(from) + ".", ""};
  Place place = from;
  for (; entry != entries_.end() && place - from < bytes_max; ++entry) {
    place = entry->place + entry->record.size();
    if (!sink(entry->place, entry->record)) break;
  }
  return place;
}

Result<Place> SimLog::end() { return next_; }

Status SimLog::trim(Place before) {
  while (!entries_.empty() && entries_.front().place + entries_.front().record.size() <= before)
    entries_.erase(entries_.begin());
  trimmed_ = entries_.empty() ? next_ : entries_.front().place;
  return {};
}

Result<Place> SimLog::sync() {
  if (failed_) return Error{Code::io, "An earlier append has failed.", ""};
  synced_ = next_;
  return synced_;
}

void SimLog::insert(std::string record) {
  const size_t size = record.size();
  entries_.push_back({next_, std::move(record)});
  next_ += size;
}

void SimLog::fail_next(LogError error, bool stored) {
  CHECK(!stored || error == LogError::unknown, "only what is unknown may be stored");
  next_failure_ = {error, stored};
}

}  // namespace duliang
