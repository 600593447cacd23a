// The machine on which a World lives: its disk, its starts and its ends, and its backup.
#include "engine/folder_copy.h"
#include "review/review.h"
#include "tests/simulation/world.h"

namespace duliang {

void World::fault_at(uint64_t in, SimFiles::Fault fault) {
  house_.files.fault_at(in, fault);
  fault_call_ = house_.files.changing_calls() + in;
}

// Whether an error is the disk's doing: a fault that was set has been met, or there is no room.
bool World::is_excused() {
  const bool met = fault_call_ > 0 && house_.files.changing_calls() >= fault_call_;
  if (met) fault_call_ = 0;
  return met || full_;
}

// From now on the disk has little room, for any of its files.
void World::fill_disk() {
  uint64_t used = 0;
  for (const std::string folder : {"", "/journal", "/parts"}) {
    const auto names = house_.files.list(kTestFolder + folder);
    if (!names.ok()) continue;
    for (const std::string& name : *names) {
      const auto file = File::open(house_.files, kTestFolder + folder + "/" + name, OpenMode::read);
      const auto size = file.ok() ? file->size() : Result<uint64_t>(0);
      if (size.ok()) used += *size;
    }
  }
  house_.files.set_capacity(used + random_.below(60'000));
  full_ = true;
  ++happened["disk full"];
}

void World::make_room() {
  house_.files.set_capacity(0);
  full_ = false;
}

// An error of the engine means that the process must end. It needs a reason.
std::string World::ended(std::string_view doing, const Error& error, const char* what) {
  if (house_.files.dead()) {
    dead_ = true;
  } else if (is_excused()) {
    ended_ = true;
    ++happened[full_ ? "ended by a full disk" : "ended by a failed call"];
  } else {
    return fmt::format("{}: {}", doing, error.message);
  }
  ++happened[what];
  return {};
}

// Power may go again, and calls may fail, while the program recovers; that is one more start.
std::string World::open() {
  EngineOptions options;
  options.readings_durability = durability_;
  options.tail_readings = tail_readings_;
  options.disk_reserve = disk_reserve_;
  options.turn = turn_;
  options.portion_readings = 3 * turn_.corrections;
  options.segments = {segment_bytes_, segment_bytes_ / 4};
  options.keep_journal = keep_journal_;
  options.clock_proof = std::chrono::seconds{30};
  constexpr int kStarts = 100;
  for (int start = 0;; ++start) {
    const Status opened = house_.open(options);
    if (opened.ok()) return opened_well();
    house_.close();
    if (start == kStarts) return "open: no start was good";
    if (house_.files.dead()) {
      ++happened["died while opening"];
      house_.files.crash(random_);
      fault_call_ = 0;
      power_lost_ = true;
    } else if (is_excused()) {
      ++happened["failed while opening"];
      house_.files.kill();
      make_room();
    } else {
      return "open: " + opened.error().message;
    }
  }
}

// Only what no sync had reached, and only a loss of power, may take frames from the end.
std::string World::opened_well() {
  ++happened["opened"];
  const uint64_t end = house_.engine->status().sequence;
  const uint64_t needed = power_lost_ ? safe_ : sequence_;
  if (end < needed) {
    return fmt::format("frame {} was durable, the journal ends with frame {}", needed, end);
  }
  if (end < sequence_) ++happened["lost unsynced"];
  std::erase_if(readings_, [end](const auto& one) { return one.second.sequence > end; });
  std::erase_if(frames_, [end](const auto& one) { return one.first > end; });
  sequence_ = std::min(sequence_, end);
  safe_ = end;
  dead_ = ended_ = power_lost_ = false;
  oracle_ = Oracle();
  house_.engine->subscribe([this](const std::shared_ptr<const Frame>& frame) {
    frames_[frame->header.sequence] = frame;
    const bool durable = frame->body.has_rows() || durability_ == Durability::power;
    if (durable) safe_ = frame->header.sequence;
  });
  return listen();
}

// The listener comes back and is told what it has missed; or that what it saw is no more.
std::string World::listen() {
  const uint64_t end = house_.engine->status().sequence;
  const bool saw_more = listener_->last > end;
  listener_->reset = false;
  Request request;
  request.path = "/city/v1/Events";
  request.host = "127.0.0.1:8080";
  request.last_event_id = listener_->last_id;
  Response refused;
  const Route* route = house_.router->find(request.method, request.path, refused);
  Reply reply;
  reply.send = [this](const Response& response) { listener_->fault = response.body; };
  reply.stream = [this]() -> std::shared_ptr<EventStream> { return listener_; };
  route->endpoint(request, reply);
  if (listener_->reset != saw_more) return "a listener was told the wrong thing of its past";
  if (saw_more) {
    listener_->last = end;
    listener_->last_id = std::to_string(end);
    ++happened["listener reset"];
  }
  return listener_->fault;
}

std::string World::crash(bool power) {
  if (!dead_ && !house_.files.dead()) {
    if (auto failed = check_held(); !failed.empty()) return failed;
  }
  held_.reset();
  if (power && random_.chance(0.5)) house_.files.fault_at(1, SimFiles::Fault::die);
  const bool killed = !power && random_.chance(0.5);
  if (killed) house_.files.kill();  // before anything can be put in order
  house_.close();
  if (power || house_.files.dead()) {
    house_.files.crash(random_);
    fault_call_ = 0;
    power_lost_ = true;
  } else {
    house_.files.kill();
  }
  if (full_ && random_.chance(0.5)) make_room();
  ++happened[power ? "power lost" : killed ? "killed" : "stopped"];
  if (auto opened = open(); !opened.empty()) return opened;
  return check();
}

// --- the backup ---

// From here on the disk does what it should.
void World::mend_disk() {
  fault_at(0, SimFiles::Fault::fail);
  fault_call_ = 0;
  make_room();
}

// Stopped in peace.
std::string World::shut() {
  mend_disk();
  if (auto failed = check_held(); !failed.empty()) return failed;
  held_.reset();
  house_.close();
  return {};
}

void World::remove_folder(const std::string& folder) {
  for (const std::string inner : {"/journal", "/parts", ""}) {
    const auto names = house_.files.list(folder + inner);
    if (!names.ok()) continue;
    for (const std::string& name : *names) {
      CHECK(house_.files.remove(folder + inner + "/" + name).ok());
    }
    CHECK(house_.files.remove(folder + inner).ok());
  }
}

// While the house goes on, as a server does it.
std::string World::take_live_backup() {
  mend_disk();
  remove_folder(kBackup);
  house_.engine->hold_files(std::chrono::hours{24});
  const auto listed = files_to_copy(house_.files, kTestFolder, kTestVfs);
  if (!listed.ok()) return "live backup: " + listed.error().message;
  BackupSource source;
  for (const auto& [name, file] : *listed) source.files.push_back({name, file.bytes});
  std::string failed;
  source.read = [&](const std::string& name, uint64_t from) -> Result<std::string> {
    post_readings();
    if (failed.empty()) failed = turns();
    if (failed.empty()) failed = tend();
    TRY(const File file, File::open(house_.files, listed->at(name).path, OpenMode::read));
    std::string piece(32'000, '\0');
    TRY(const size_t got, file.read_at(piece.data(), piece.size(), from));
    piece.resize(got);
    return piece;
  };
  ReviewInput into = input();
  into.folder = kBackup;
  const auto taken = write_backup(into, source, [](std::string_view) {});
  if (!failed.empty()) return failed;
  if (!taken.ok()) return "live backup: " + taken.error().message;
  drop_ledger_copy(house_.files, kTestFolder);
  house_.engine->keep_holding_files(Duration{0});
  backup_end_ = taken->frames;
  ++happened["live backup"];
  return {};
}

std::string World::take_backup() {
  if (random_.chance(0.5)) return take_live_backup();
  const uint64_t end = house_.engine->status().sequence;
  if (auto failed = shut(); !failed.empty()) return failed;
  remove_folder(kBackup);
  const auto taken = backup(input(), kBackup, [](std::string_view) {});
  if (!taken.ok()) return "backup: " + taken.error().message;
  backup_end_ = end;
  ++happened["backup"];
  if (auto opened = open(); !opened.empty()) return opened;
  return check();
}

// What came behind the backup is lost, and nothing else.
std::string World::go_back() {
  if (!backup_end_) return take_backup();
  if (auto failed = shut(); !failed.empty()) return failed;
  remove_folder(kTestFolder);
  const auto restored = restore(input(), kBackup, [](std::string_view) {});
  if (!restored.ok()) return "restore: " + restored.error().message;
  if (!restored->well) return "restore: " + restored->first_fault;
  const uint64_t end = *backup_end_;
  std::erase_if(things_, [end](const auto& one) { return one.second.sequence > end; });
  std::erase_if(level_, [this](const auto& one) { return !things_.contains(one.first); });
  std::erase_if(acts_, [end](const auto& one) { return one.sequence > end; });
  std::erase_if(removals_, [end](const auto& one) { return one.sequence > end; });
  std::erase_if(flags_, [end](const auto& one) { return one.second.sequence > end; });
  std::erase_if(corrections_, [end](const auto& one) { return one.first > end; });
  safe_ = sequence_ = end;
  ++happened["restored"];
  if (auto opened = open(); !opened.empty()) return opened;
  return check();
}

}  // namespace duliang
