#include "series/series_state.h"
#include "series/tiers.h"

namespace duliang {
namespace {

// Of what the parts hold, cuts may hide one in so many readings before the oldest month is written
// anew without them.
constexpr uint64_t kHiddenShare = 4;

bool frees_tail_early() {
#ifdef DULIANG_MUTATIONS
  return Series::mutation_tail_freed_early;
#else
  return false;
#endif
}

bool lanes_stay_unrecorded() {
#ifdef DULIANG_MUTATIONS
  return Series::mutation_lanes_not_recorded;
#else
  return false;
#endif
}

}  // namespace

std::unique_ptr<PartsJob> Series::State::begin(std::unique_ptr<PartsJob::State> job) {
  CHECK(!folder.empty(), "a series without a folder stays in memory");
  CHECK(!*job_slot, "there is one job at a time");
  *job_slot = true;
  finishing.reset();  // of a job whose transaction was rolled back
  const auto shown = picture();
  job->slot = job_slot;
  job->sequence = shown->sequence;
  job->written_s = last_arrived_s;
  job->changes = shown->changes;
  job->entries = shown->changes.overlay.all();
  return std::make_unique<PartsJob>(std::move(job));
}

std::unique_ptr<PartsJob> Series::begin_checkpoint() {
  State& state = *state_;
  auto next = std::make_shared<SeriesView::State>(*state.picture());
  const size_t readings = next->rows.tail.readings;
  const size_t chunks = state.tail.seal_first(readings);
  // The same readings, in the chunks of which the tail now consists.
  const auto sealed = state.tail.snapshot().sealed;
  next->rows.tail = {std::make_shared<const SealedChunks>(
                         sealed->begin(), sealed->begin() + static_cast<ptrdiff_t>(chunks)),
                     nullptr, 0, readings};
  auto job = std::make_unique<PartsJob::State>(state.files, state.folder, state.sizes);
  job->chunks = next->rows.tail.sealed;
  job->lane_rows = state.lanes.changed(state.tail.behind(readings));
  if (frees_tail_early()) next->rows.tail = {};
  state.swap_in(std::move(next));
  return state.begin(std::move(job));
}

std::unique_ptr<PartsJob> Series::begin_merge() {
  Parts parts = state_->worth_merging();
  if (parts.empty()) return nullptr;
  auto job = std::make_unique<PartsJob::State>(state_->files, state_->folder, state_->sizes);
  job->parts = std::move(parts);
  return state_->begin(std::move(job));
}

Parts Series::State::worth_merging() const {
  Parts found = parts_to_merge(*parts, last_arrived_s);
  if (found.empty()) found = worth_folding();
  if (found.empty()) found = worth_cutting();
  return found;
}

// The month with most entries of the overlay that came after its parts were written: those that a
// job could not take in do not count again.
Parts Series::State::worth_folding() const {
  if (overlay.published().entries() <= sizes.overlay_entries) return {};
  std::map<int32_t, uint64_t> written;
  for (const NamedPart& part : *parts) {
    const PartSummary& summary = part.part->summary();
    const auto [known, fresh] = written.try_emplace(summary.month, summary.sequence);
    if (!fresh) known->second = std::min(known->second, summary.sequence);
  }
  std::map<int32_t, uint64_t> entries;
  for (const EntryPtr& entry : overlay.published().all()) {
    const int32_t month =
        month_of(entry->kept ? *entry->kept : entry->reading.phenomenon_time.begin);
    const auto known = written.find(month);
    if (known != written.end() && entry->sequence > known->second) ++entries[month];
  }
  const auto most =
      std::ranges::max_element(entries, {}, [](const auto& each) { return each.second; });
  return most == entries.end() ? Parts{} : parts_of(*parts, most->first);
}

// The oldest month that was written before the last cut and holds what lies before one.
Parts Series::State::worth_cutting() const {
  uint64_t hidden = 0;
  uint64_t sequence = 0;
  Time before = Time::min();
  for (const auto& [stream, cut] : counted.cuts) {
    hidden += cut.part_rows;
    sequence = std::max(sequence, cut.sequence);
    before = std::max(before, cut.before);
  }
  if (hidden == 0 || hidden < counted.part_readings / kHiddenShare) return {};
  for (const NamedPart& part : *parts) {
    const PartSummary& summary = part.part->summary();
    if (summary.sequence < sequence && summary.bounds.first < before) {
      return parts_of(*parts, summary.month);
    }
  }
  return {};
}

Result<bool> Series::save_lanes(Connection& connection, PartsJob& job) {
  PartsJob::State& done = *job.state_;
  CHECK(done.phase == PartsJob::State::Phase::done, "the writer goes on while a job is at work");
  auto rows = std::span(std::as_const(done.lane_rows)).subspan(done.lanes_saved);
  rows = rows.first(std::min(rows.size(), state_->sizes.lane_rows));
  if (rows.empty() || lanes_stay_unrecorded()) return true;
  TRY_DO(Lanes::save(connection, rows));
  done.lanes_saved += rows.size();
  return done.lanes_saved == done.lane_rows.size();
}

Status Series::finish(Connection& connection, PartsJob& job) {
  State& state = *state_;
  const PartsJob::State& done = *job.state_;
  CHECK(done.phase == PartsJob::State::Phase::done, "what is named must stand on the disk");
  CHECK(state.overlay.all_published(), "between turns");
  CHECK(!state.finishing, "a job is finished once");
  Status finished = state.finish(connection, done);
  if (finished.ok()) {
    job.state_->handed_over = true;
  } else {
    state.finishing.reset();
  }
  return finished;
}

Status Series::State::finish(Connection& connection, const PartsJob::State& done) {
  finishing = Finishing{nullptr, counted, {}, 0};
  Parts left;
  for (const NamedPart& part : *parts) {
    const bool replaced =
        std::ranges::find(done.parts, part.name, &NamedPart::name) != done.parts.end();
    if (!replaced) left.push_back(part);
  }
  for (const NamedPart& part : done.parts) TRY_DO(remove_part_row(connection, part.name));
  for (const NamedPart& part : done.written) {
    TRY_DO(write_part_row(connection, part));
    left.push_back(part);
  }
  std::ranges::sort(left, {}, [](const NamedPart& part) {
    const PartSummary& summary = part.part->summary();
    return std::tuple(summary.month, summary.sequence, part.name);
  });
  finishing->counted.part_readings = readings_of(left);
  finishing->parts = std::make_shared<const Parts>(std::move(left));
  if (done.chunks) {
    finishing->chunks = done.chunks->size();
    TRY_DO(write_position(connection, done.sequence));
    const auto rows = std::span(done.lane_rows).subspan(done.lanes_saved);
    if (!lanes_stay_unrecorded()) TRY_DO(Lanes::save(connection, rows));
  }
  TRY_DO(fold(connection, done));
  TRY_DO(count_cuts(connection, done));
  const size_t in_tail = tail.snapshot().without(finishing->chunks).readings;
  const uint64_t before = counted.readings(tail.readings());
  const uint64_t after = finishing->counted.readings(in_tail);
  if (before != after) {
    return Error{Code::corrupt,
                 fmt::format("There were {} readings before parts were written up to frame {}, "
                             "and would be {} afterwards.",
                             before, done.sequence, after),
                 ""};
  }
  return {};
}

// What the job has folded in goes from the overlay, but for what was changed again meanwhile.
Status Series::State::fold(Connection& connection, const PartsJob::State& job) {
  for (const FoldedEntry& each : job.folded) {
    const StreamId stream = each.entry->reading.stream;
    const ReadingId id = each.entry->reading.id;
    const OverlayEntry* current = overlay.find(stream, id);
    CHECK(current != nullptr, "only jobs take entries from the overlay");
    const Time cut = cut_before(stream);
    int64_t& weights = finishing->counted.weights;
    weights -= weight(*current, cut);
    if (current == each.entry.get() && !each.stays) {
      TRY_DO(forget_entry(connection, *current));
      finishing->folded.push_back({stream, id, nullptr});
      continue;
    }
    OverlayEntry left = *current;
    left.kept = each.kept;
    TRY_DO(store_entry(connection, left));
    weights += weight(left, cut);
    finishing->folded.push_back(
        {stream, id, std::make_shared<const OverlayEntry>(std::move(left))});
  }
  return {};
}

// What cuts hid when the job began is in none of its parts. Where a stream was cut since, what its
// cut hides is counted anew.
Status Series::State::count_cuts(Connection& connection, const PartsJob::State& job) {
  for (const auto& [stream, now] : counted.cuts) {
    CutState cut = now;
    if (job.changes.cuts.before(stream) != now.before) {
      TRY(cut.part_rows, count_before(*finishing->parts, stream, now.before));
      cut.tail_rows = count_before(tail.snapshot().without(finishing->chunks), stream, now.before);
    } else if (const auto gone = job.cut.find(stream); gone != job.cut.end()) {
      (job.chunks ? cut.tail_rows : cut.part_rows) -= gone->second;
    }
    if (cut.part_rows != now.part_rows) TRY_DO(store_cut(connection, stream, cut));
    finishing->counted.set(stream, cut);
  }
  return {};
}

void Series::finished(PartsJob& job) {
  State& state = *state_;
  CHECK(state.finishing && job.state_->handed_over, "finished() follows finish()");
  Finishing finishing = std::move(*state.finishing);
  state.finishing.reset();
  if (job.state_->chunks) state.lanes.saved();
  state.tail.forget(finishing.chunks);
  state.parts = std::move(finishing.parts);
  state.counted = std::move(finishing.counted);
  state.overlay.fold(finishing.folded);
  auto next = std::make_shared<SeriesView::State>(*state.picture());
  if (!frees_tail_early()) next->rows.tail = next->rows.tail.without(finishing.chunks);
  next->rows.parts = state.parts;
  next->changes.overlay = state.overlay.published();
  state.swap_in(std::move(next));
  for (const NamedPart& part : job.state_->parts) part.part->remove_when_unused();
  job.state_->parts.clear();
}

}  // namespace duliang
