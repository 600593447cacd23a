// What must hold in a World whose engine is open.
#include "review/review.h"
#include "tests/simulation/world.h"

namespace duliang {
namespace {

// All that a view shows.
std::string picture(const View& view, std::string& fault) {
  std::string text;
  const auto line = [&text](std::string_view one) { text.append(one).append("\n"); };
  const Status rows = dump_rows(*view.lease, line);
  const Status readings = dump_readings(view.series, *view.lease, line);
  if (!rows.ok()) fault = "held view: " + rows.error().message;
  if (!readings.ok()) fault = "held view: " + readings.error().message;
  return text;
}

}  // namespace

// Of the frames that the Oracle has not seen yet, those that are retired: known from before, and
// the journal goes on from the last of them.
std::string World::check_retired() {
  const auto horizon = house_.engine->status().horizon;
  // A mark may stand behind the last frame of a segment: the same frame, another place.
  if (!horizon || horizon->tail.place <= oracle_.tail().place) return {};
  for (uint64_t sequence = oracle_.tail().sequence + 1; sequence <= horizon->tail.sequence;
       ++sequence) {
    const auto known = frames_.find(sequence);
    if (known == frames_.end()) return fmt::format("frame {} was retired unseen", sequence);
    if (auto failed = oracle_.take(*known->second); !failed.empty()) return failed;
    if (sequence == horizon->tail.sequence && known->second->hash != horizon->tail.hash) {
      return fmt::format("frame {} was retired with another hash", sequence);
    }
  }
  oracle_.set_tail(horizon->tail);
  return {};
}

// The frames that the Oracle has not seen yet. Each is the one that the feed has told.
std::string World::check_journal() {
  if (auto failed = check_retired(); !failed.empty()) return failed;
  const auto log = FileLog::reader(house_.files, journal_folder(kTestFolder));
  if (!log.ok()) return "journal: " + log.error().message;
  std::string failed;
  const auto tail = read_frames(**log, oracle_.tail(), [&](const Frame& frame, const Tail&) {
    auto& known = frames_[frame.header.sequence];
    if (!known) known = std::make_shared<const Frame>(frame);
    if (known->hash != frame.hash) {
      failed = fmt::format("frame {} is not the one that was told", frame.header.sequence);
    }
    if (failed.empty()) failed = oracle_.take(frame);
    return failed.empty();
  });
  if (!failed.empty()) return failed;
  if (!tail.ok()) return "journal: " + tail.error().message;
  oracle_.set_tail(*tail);
  const uint64_t end = house_.engine->status().sequence;
  if (tail->sequence != end) {
    return fmt::format("the journal ends with frame {}, the engine with {}", tail->sequence, end);
  }
  if (listener_->last != end) {
    return fmt::format("the listener was told up to frame {} of {}", listener_->last, end);
  }
  return listener_->fault;
}

std::string World::check_acknowledged(const View& view) {
  if (house_.engine->status().sequence < sequence_) {
    return fmt::format("frame {} was acknowledged, the journal ends with {}", sequence_,
                       house_.engine->status().sequence);
  }
  for (const auto& [id, station] : things_) {
    if (oracle_.was_removed(TypeId::thing, id)) continue;
    const auto row = view.ledger.find(TypeId::thing, RowId{id});
    if (!row.ok() || !row->has_value() || (*row)->text("name") != station.name) {
      return fmt::format("station {} was acknowledged and is gone", id);
    }
  }
  for (const auto& [id, expected] : readings_) {
    const auto found = oracle_.readings().find(id);
    if (found == oracle_.readings().end()) {
      return fmt::format("reading {} was acknowledged and is gone", static_cast<int64_t>(id));
    }
    const auto& [sequence, reading] = found->second;
    // Readings that no turn has room for stand in several frames.
    const bool in_its_frame =
        expected.last ? sequence == expected.sequence : sequence <= expected.sequence;
    if (!in_its_frame || reading.result != expected.result ||
        reading.stream != expected.stream ||
        (expected.time && reading.phenomenon_time.begin != *expected.time)) {
      return fmt::format("reading {} has changed", static_cast<int64_t>(id));
    }
  }
  for (const auto& [sequence, id] : corrections_) {
    if (!oracle_.corrections().contains({sequence, id})) {
      return fmt::format("the correction of reading {} was acknowledged and is gone",
                         static_cast<int64_t>(id));
    }
  }
  for (const auto& [reason, expected] : flags_) {
    const auto found = oracle_.replaced().find(reason);
    if (found == oracle_.replaced().end() || found->second != expected) {
      return fmt::format("the {} of {} readings was acknowledged and is gone, or not whole", reason,
                         expected.readings);
    }
  }
  for (const auto& [key, count] : oracle_.keyed()) {
    if (count > keyed_.at(key)) return "what was asked again was done twice: " + key;
  }
  for (const Oracle::Removal& removal : removals_) {
    if (!oracle_.removals().contains(removal)) {
      return fmt::format("the removal of {} {} was acknowledged and is gone",
                         type_of(removal.type).name, removal.id);
    }
  }
  for (const Oracle::RecordedAct& act : acts_) {
    if (!oracle_.acts().contains(act)) {
      return fmt::format("the act {} on case {} was acknowledged and is gone", act.act,
                         act.case_id);
    }
  }
  return {};
}

// A turn holds up everybody, so it is bounded. There is one rule for a stream, and a row that goes
// takes no more than one with it.
std::string World::check_turns() const {
  const TurnWork& most = house_.engine->turn_costs().most;
  const bool bounded = most.commands <= turn_.commands && most.readings <= turn_.readings &&
                       most.corrections <= turn_.corrections &&
                       most.rule_steps <= turn_.rule_steps && most.places <= turn_.places &&
                       most.bytes <= limits::kFrameBytes;
  return bounded ? "" : "a turn did more than its bounds allow";
}

std::string World::check() {
  if (auto failed = check_turns(); !failed.empty()) return failed;
  if (auto failed = check_journal(); !failed.empty()) return failed;
  const auto view = house_.engine->view();
  if (!view.ok()) return "view: " + view.error().message;
  if (auto failed = check_acknowledged(*view); !failed.empty()) return failed;
  if (auto failed = oracle_.compare(*view); !failed.empty()) return failed;
  // The long way, as a door goes it, for some.
  for (int i = 0; i < 3 && !readings_.empty(); ++i) {
    auto one = readings_.begin();
    std::advance(one, static_cast<long>(random_.below(readings_.size())));
    const auto found = view->series.find(one->first);
    if (!found.ok()) return "find: " + found.error().message;
    const auto stands = oracle_.standing().find(one->first);
    const bool same =
        stands == oracle_.standing().end() ? !found->has_value() : *found == stands->second;
    if (!same) {
      return fmt::format("reading {} is not found as it stands", static_cast<int64_t>(one->first));
    }
  }
  ++happened["checked"];
  return {};
}

// A reader that takes its time: what it sees stays as it was.
std::string World::hold_view() {
  if (held_) return {};
  auto view = house_.engine->view();
  if (!view.ok()) return "view: " + view.error().message;
  // Hours go by between turns here, and within one such view everything must stand.
  view->series.expire({});
  view->lease->expire({});
  std::string fault;
  std::string text = picture(*view, fault);
  held_.emplace(
      Held{std::move(*view), std::move(text), now_ + 1 + static_cast<int>(random_.below(8))});
  return fault;
}

std::string World::check_held() {
  if (!held_) return {};
  std::string fault;
  const std::string text = picture(held_->view, fault);
  if (!fault.empty()) return fault;
  ++happened["view held"];
  return text == held_->picture ? "" : "a view has changed while it was held";
}

std::string dump_text(HouseForTest& house, const std::string& folder, std::string& fault) {
  std::string text;
  const auto report = dump({folder, &house.files, &house.clock, kTestVfs},
                           [&text](std::string_view line) { text.append(line).append("\n"); });
  if (!report.ok()) fault = "dump: " + report.error().message;
  return text;
}

// The folder is whole, and so is the past.
std::string World::check_end() {
  happened["alarms"] += static_cast<int>(oracle_.alarms());
  happened["cases"] += static_cast<int>(oracle_.cases());
  for (const auto& [what, count] : oracle_.happened) happened["judged: " + what] += count;
  const bool all_there = !house_.engine->status().horizon;
  house_.close();
  const auto report = verify(input(), [](std::string_view) {});
  if (!report.ok()) return "verify: " + report.error().message;
  if (!report->well) return "verify: " + report->first_fault;
  return check_past(all_there);
}

// The past judged anew gives the same, and the journal alone gives the same folder. Where some of
// it is retired that can't be had, and both say so.
std::string World::check_past(bool all_there) {
  const auto silent = [](std::string_view) {};
  const auto judged = rejudge(input(), silent);
  const auto replayed = replay(input(), "/replayed", silent);
  if (!all_there) {
    const bool refused = !judged.ok() && judged.error().code == Code::not_found && !replayed.ok() &&
                         replayed.error().code == Code::not_found;
    if (refused) ++happened["refused anew"];
    return refused ? "" : "the past was built anew, though its begin is retired";
  }
  if (!judged.ok()) return "rejudge: " + judged.error().message;
  if (!judged->well) return "rejudge: " + judged->first_fault;
  ++happened["judged anew"];
  if (!replayed.ok()) return "replay: " + replayed.error().message;
  std::string fault;
  const std::string live = dump_text(house_, kTestFolder, fault);
  const std::string again = dump_text(house_, "/replayed", fault);
  if (!fault.empty()) return fault;
  if (live != again) return "the folder built from the journal differs from the live one";
  if (live.empty()) return "the dump is empty";
  return {};
}

}  // namespace duliang
