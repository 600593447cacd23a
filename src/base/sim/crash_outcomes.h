// For tests of what a crash may leave: does the same on many simulated disks, pulls the plug of
// each with another seed, and gives the set of all that was found afterwards.
#pragma once

#include <set>

#include "base/sim/sim_files.h"

namespace duliang {

inline constexpr uint64_t kCrashRuns = 300;

inline std::string content_of(SimFiles& files, const std::string& path) {
  const Result<std::string> content = read_file(files, path);
  return content.ok() ? *content : "none";
}

inline File open_file(SimFiles& files, const std::string& path) {
  return File::open(files, path, OpenMode::write).value();
}

// Runs `act` on a new disk, pulls the plug, and collects what `look` finds afterwards.
template <typename Act, typename Look>
auto outcomes(Act act, Look look) {
  std::set<std::invoke_result_t<Look, SimFiles&>> seen;
  for (uint64_t seed = 0; seed < kCrashRuns; ++seed) {
    SimFiles files;
    act(files);
    Random random(seed);
    files.crash(random);
    seen.insert(look(files));
  }
  return seen;
}

// A durable file "f" with this content.
inline File durable_file(SimFiles& files, std::string_view content) {
  File file = open_file(files, "f");
  CHECK(file.write_at(content, 0).ok() && file.sync().ok() && files.sync_folder("").ok());
  return file;
}

inline std::set<std::string> contents_after(const std::function<void(SimFiles&)>& act) {
  return outcomes(act, [](SimFiles& files) { return content_of(files, "f"); });
}

}  // namespace duliang
