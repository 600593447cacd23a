#include "series/parts_job.h"

namespace duliang {
namespace {

// Finding an entry's reading may read a page, which costs as much as a few hundred readings.
constexpr size_t kRowsOfAPage = 256;

std::vector<int32_t> months_of(const SealedChunks& chunks, std::span<const FoldedEntry> folded) {
  std::set<int32_t> months;
  std::optional<int32_t> last;  // most readings are of the month of the one before
  const auto add = [&](const Reading& reading) {
    const int32_t month = month_of(reading.phenomenon_time.begin);
    if (month != last) months.insert(month);
    last = month;
  };
  for (const auto& chunk : chunks) {
    for (const Reading* reading : chunk->sorted.rows) add(*reading);
  }
  for (const FoldedEntry& each : folded) {
    if (each.kept) add(each.entry->reading);
  }
  return {months.begin(), months.end()};
}

bool leaves_names_unsynced() {
#ifdef DULIANG_MUTATIONS
  return Series::mutation_folder_not_synced;
#else
  return false;
#endif
}

}  // namespace

PartsJob::State::~State() {
  *slot = false;
  if (handed_over) return;
  outputs.clear();
  written.clear();
  for (const std::string& name : names) {
    // Where that fails the next opening does it.
    const Status removed = files.remove(path_in(folder, name));
    static_cast<void>(removed.ok());
  }
}

Result<bool> PartsJob::State::step() {
  CHECK(phase != Phase::done, "a job that is done has no more steps");
  switch (phase) {
    case Phase::choose: {
      const size_t most = std::max<size_t>(1, sizes.step_rows / kRowsOfAPage);
      const size_t end = std::min(entries.size(), next_entry + most);
      for (; next_entry < end; ++next_entry) TRY_DO(choose_entry(entries[next_entry]));
      if (next_entry == entries.size()) {
        prepare_writing();
        phase = months.empty() ? Phase::open : Phase::write;
      }
      return false;
    }
    case Phase::write: {
      if (!merge) TRY_DO(begin_pass());
      TRY(const bool pass_done, write_rows());
      if (!pass_done) return false;
      TRY_DO(end_pass());
      if (next_month == months.size()) phase = Phase::open;
      return false;
    }
    default:
      TRY_DO(open_outputs());
      phase = Phase::done;
      return true;
  }
}

Result<bool> PartsJob::State::is_input(const OverlayEntry& entry) const {
  const ReadingName name{entry.reading.id, entry.reading.stream};
  if (chunks) {
    return std::ranges::any_of(
        *chunks, [&](const auto& chunk) { return find_kept(*chunk, name) != nullptr; });
  }
  ReadEffort effort;
  for (const NamedPart& part : parts) {
    TRY(const auto found, find_kept(*part.part, name, effort));
    if (found) return true;
  }
  return false;
}

// An entry whose reading goes to another month takes two jobs: this one leaves out what it hides,
// and one that writes the other month takes it in, as it does whatever hides nothing.
Status PartsJob::State::choose_entry(const EntryPtr& entry) {
  const int32_t month = chunks ? 0 : parts.front().part->summary().month;
  if (entry->kept) {
    if (!chunks && month_of(*entry->kept) != month) return {};
    TRY(const bool here, is_input(*entry));
    if (!here) return {};
  }
  const Time begin = entry->reading.phenomenon_time.begin;
  if (entry->removed || begin < changes.cuts.before(entry->reading.stream)) {
    folded.push_back({entry, false, {}});
  } else if (chunks || month_of(begin) == month) {
    folded.push_back({entry, false, begin});
  } else if (entry->kept) {
    folded.push_back({entry, true, {}});
  }
  return {};
}

void PartsJob::State::prepare_writing() {
  entries.clear();
  Overlay overlay;
  std::vector<EntryPtr> taken;
  for (const FoldedEntry& each : folded) {
    if (!each.stays) {
      taken.push_back(each.entry);
      continue;
    }
    OverlayEntry left_out;
    left_out.reading.id = each.entry->reading.id;
    left_out.reading.stream = each.entry->reading.stream;
    left_out.removed = true;
    taken.push_back(std::make_shared<const OverlayEntry>(std::move(left_out)));
  }
  overlay.load(std::move(taken));
  folding = {overlay.published(), changes.cuts};
  months = chunks ? months_of(*chunks, folded)
                  : std::vector<int32_t>{parts.front().part->summary().month};
}

Status PartsJob::State::begin_pass() {
  merge = std::make_unique<Merge>(folding);
  merge->add_changed();
  if (chunks) {
    for (const auto& chunk : *chunks) merge->add(*chunk);
  }
  for (const NamedPart& part : parts) TRY_DO(merge->add(*part.part));
  next_month = std::min(months.size(), next_month + kMonthsAtOnce);
  return {};
}

// True when the pass has come to the end of its inputs.
Result<bool> PartsJob::State::write_rows() {
  for (size_t row = 0; row < sizes.step_rows; ++row) {
    TRY(const Reading* reading, merge->next());
    if (reading == nullptr) return true;
    TRY_DO(write(*reading));
  }
  return false;
}

Status PartsJob::State::write(const Reading& reading) {
  const int32_t month = month_of(reading.phenomenon_time.begin);
  const size_t pass = (next_month - 1) / kMonthsAtOnce * kMonthsAtOnce;
  if (month < months[pass] || month > months[next_month - 1]) return {};
  auto output = std::ranges::find(outputs, month, &Output::month);
  if (output == outputs.end()) {
    TRY(std::string name, free_part_name(files, folder, sequence, month));
    names.push_back(name);
    TRY(auto writer,
        PartWriter::create(files, path_in(folder, name), month, sequence, sizes.page_rows));
    outputs.push_back({month, std::move(name), std::move(writer)});
    output = outputs.end() - 1;
  }
  return output->writer.add(reading);
}

Status PartsJob::State::end_pass() {
  for (Output& output : outputs) {
    TRY(const PartSummary summary, output.writer.finish());
    CHECK(summary.month == output.month && summary.sequence == sequence);
    written.push_back({output.name, written_s, nullptr});
  }
  outputs.clear();
  // Each pass comes by every reading that is hidden; one tells how many there are.
  cut = merge->cut();
  merge = nullptr;
  return {};
}

Status PartsJob::State::open_outputs() {
  if (written.empty()) return {};
  if (!leaves_names_unsynced()) TRY_DO(files.sync_folder(folder));
  for (NamedPart& part : written) {
    TRY(part.part, Part::open(files, path_in(folder, part.name)));
  }
  return {};
}

PartsJob::PartsJob(std::unique_ptr<State> state) : state_(std::move(state)) {}
PartsJob::~PartsJob() = default;
Result<bool> PartsJob::step() { return state_->step(); }
uint64_t PartsJob::sequence() const { return state_->sequence; }
bool PartsJob::is_checkpoint() const { return state_->chunks != nullptr; }

}  // namespace duliang
