#include "series/verify.h"

#include "series/stored_changes.h"

namespace duliang {
namespace {

Error of_overlay(const OverlayEntry& entry, std::string_view what) {
  return {Code::corrupt,
          fmt::format("The changed reading {} of stream {} {}.",
                      static_cast<int64_t>(entry.reading.id),
                      static_cast<int64_t>(entry.reading.stream), what),
          "overlay"};
}

std::string shown(const OptionalTime& begin) {
  return begin ? "one that begins " + to_text(*begin) : "none";
}

}  // namespace

Result<SeriesVerifier> SeriesVerifier::open(Files& files, std::string folder,
                                            Connection& connection, Told told) {
  SeriesVerifier verifier(files);
  verifier.folder_ = std::move(folder);
  verifier.told_ = std::move(told);
  TRY(verifier.manifest_, read_manifest(connection));
  Lanes lanes;
  TRY_DO(lanes.load(connection));
  verifier.lanes_ = lanes.view();
  TRY(verifier.used_, verifier.lanes_.saved_use(connection));
  TRY(auto entries, load_overlay(connection));
  for (EntryPtr& entry : entries) {
    const ReadingId id = entry->reading.id;
    verifier.changed_[id] = {std::move(entry), {}};
  }
  return verifier;
}

Status SeriesVerifier::verify_parts() {
  for (const PartRow& row : manifest_) {
    const Status verified = verify_part_of(row);
    if (verified.ok()) continue;
    const Error& fault = verified.error();
    if (fault.code != Code::corrupt && fault.code != Code::not_found) return fault;
    told_(fault);
  }
  return {};
}

Status SeriesVerifier::verify_part_of(const PartRow& row) {
  const std::string path = path_in(folder_, row.name);
  TRY_DO(open_part(*files_, path, row));
  return verify_part(*files_, path, [&](const Reading& reading) {
    note(reading);
    Status checked = check_lane(reading);
    if (checked.ok()) return checked;
    Error fault = checked.error();
    fault.field = path;
    return Status(std::move(fault));
  });
}

// What stands in a part has its id by the table of lanes that was saved with the manifest.
Status SeriesVerifier::check_lane(const Reading& reading) const {
  const size_t run = lanes_.run_of(lane_of(reading.id));
  const bool given = run < lanes_.runs && lanes_[run].stream == reading.stream &&
                     static_cast<uint64_t>(reading.id) - lanes_[run].first * kLaneIds < used_[run];
  if (given) return {};
  return Error{Code::corrupt,
               fmt::format("The reading {} of stream {} has an id that the lanes did not give it.",
                           static_cast<int64_t>(reading.id),
                           static_cast<int64_t>(reading.stream)),
               "lane"};
}

void SeriesVerifier::note(const Reading& reading) {
  const auto changed = changed_.find(reading.id);
  if (changed == changed_.end()) return;
  const OverlayEntry& entry = *changed->second.entry;
  if (entry.reading.stream == reading.stream) changed->second.found = reading.phenomenon_time.begin;
}

void SeriesVerifier::take(const Reading& reading) { note(reading); }

void SeriesVerifier::verify_changes(bool all_taken) {
  for (const auto& [id, changed] : changed_) verify_change(changed, all_taken);
}

void SeriesVerifier::verify_change(const Changed& changed, bool all_taken) {
  const OverlayEntry& entry = *changed.entry;
  const ReadingId id = entry.reading.id;
  const size_t run = lanes_.run_of(lane_of(id));
  const bool known = run < lanes_.runs;
  if (known && lanes_[run].stream != entry.reading.stream) {
    told_(of_overlay(entry, "is in a lane of another stream"));
    return;
  }
  const bool in_parts =
      known && static_cast<uint64_t>(id) - lanes_[run].first * kLaneIds < used_[run];
  if (!in_parts && !all_taken) return;
  if (!in_parts && !changed.found) {
    told_(of_overlay(entry, "is in no frame"));
  } else if (changed.found != entry.kept) {
    told_(of_overlay(entry, fmt::format("says that it hides {}, and there is {}",
                                        shown(entry.kept), shown(changed.found))));
  }
}

Result<std::vector<std::string>> SeriesVerifier::unnamed_parts() const {
  TRY(const bool there, files_->exists(folder_));
  if (!there) return std::vector<std::string>();
  return others_in(*files_, folder_, manifest_);
}

}  // namespace duliang
