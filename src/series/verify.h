// Whether part files, manifest, lanes and overlay are of one series: for `verify`, of a folder that
// nobody writes. Parts first, then what came behind them, then the changes:
//
//   TRY(auto verifier, SeriesVerifier::open(files, folder, connection, told));
//   TRY_DO(verifier.verify_parts());
//   for each reading of the frames behind the parts: verifier.take(reading);
//   verifier.verify_changes(true);
//
// One thread. A fault is told, and what can still be looked at is; returned is only what ends the
// work: io, and corrupt where a table of the connection can't be read.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "series/lanes.h"
#include "series/manifest.h"
#include "series/overlay.h"

namespace duliang {

class SeriesVerifier {
 public:
  using Told = std::function<void(const Error& fault)>;
  static Result<SeriesVerifier> open(Files& files, std::string folder, Connection& connection,
                                     Told told);

  // Each part that the manifest names is there, agrees with it, and is whole; its readings have ids
  // of lanes of their streams.
  Status verify_parts();
  // A reading of a frame behind the parts.
  void take(const Reading& reading);
  // Each entry of the overlay is of a lane of its stream and hides what it says. Without
  // `all_taken` those are passed by whose reading may be in a frame that was not taken.
  void verify_changes(bool all_taken);
  // Parts in the folder that the manifest does not name. They are no fault: the next start removes
  // them.
  Result<std::vector<std::string>> unnamed_parts() const;

 private:
  struct Changed {
    EntryPtr entry;
    OptionalTime found;  // when what it hides begins
  };
  explicit SeriesVerifier(Files& files) : files_(&files) {}
  Status verify_part_of(const PartRow& row);
  Status check_lane(const Reading& reading) const;
  void note(const Reading& reading);
  void verify_change(const Changed& changed, bool all_taken);

  Files* files_;
  std::string folder_;
  Told told_;
  std::vector<PartRow> manifest_;
  LaneView lanes_;
  std::vector<uint64_t> used_;  // of each run
  std::unordered_map<ReadingId, Changed> changed_;
};

}  // namespace duliang
