#include "tests/faults/life.h"

#include "base/os/os_files.h"
#include "base/text.h"
#include "sqlite/vfs.h"

namespace duliang {
namespace {

constexpr Time kStart{std::chrono::seconds{1'795'500'000}};  // 2026-11-24T06:00:00Z
constexpr std::chrono::seconds kStepTakes{10};
constexpr std::chrono::hours kTwoMonths{61 * 24};
constexpr int kTendsAtMost = 50;
// So small that the script goes through several segments.
constexpr uint64_t kSegmentBytes = 8 * 1024;
constexpr uint64_t kAheadBytes = 2 * 1024;

Command asked(decltype(Command::body) body, std::string actor = "") {
  Command command;
  command.actor = std::move(actor);
  command.door = "test";
  command.body = std::move(body);
  return command;
}

Row described(TypeId type, int64_t id, std::string name) {
  Row row = make_row(type, RowId{id});
  row["name"] = std::move(name);
  row["description"] = std::string("d");
  return row;
}

// A Thing with one stream, which the rule of the pack judges.
Command station(const std::string& name) {
  Row thing = described(TypeId::thing, -1, name);
  Row sensor = described(TypeId::sensor, -2, "s");
  sensor["encodingType"] = std::string("text/html");
  sensor["metadata"] = Json("m");
  Row property = described(TypeId::observed_property, -3, "level");
  property["definition"] = std::string("u");
  Row stream = described(TypeId::datastream, -4, "x");
  stream["observationType"] = std::string("o");
  stream["unitOfMeasurement"] = Json::object();
  Json thresholds;
  thresholds["warning_m"] = 3;
  stream["properties"] = std::move(thresholds);
  stream.link("Thing") = RowId{-1};
  stream.link("Sensor") = RowId{-2};
  stream.link("ObservedProperty") = RowId{-3};
  PutRows put;
  for (Row& row : std::vector<Row>{thing, sensor, property, stream})
    put.changes.push_back(RowChange::put(row));
  return asked(std::move(put));
}

Command readings(int64_t stream, const std::vector<std::string>& results, Time last) {
  PostReadings post;
  for (size_t i = 0; i < results.size(); ++i) {
    const Time time = last - std::chrono::seconds{results.size() - 1 - i};
    Reading reading;
    reading.stream = StreamId{stream};
    reading.phenomenon_time = {time, time};
    reading.result = results[i];
    post.readings.push_back(std::move(reading));
  }
  return asked(std::move(post));
}

Command patch(int64_t id, const std::string& result) {
  ReadingPatch to;
  to.result = result;
  to.quality = Quality::corrected;
  return asked(PatchReading{ReadingId{id}, std::move(to), "misread"}, "ann");
}

Command pack() {
  static const Pack trial = [] {
    OsFiles files;
    return read_pack(files, "tests/trial_pack").value();
  }();
  return asked(LoadPack{trial});
}

// Ids of readings of the first stream, in the order in which they come.
constexpr int64_t kFirst = 1, kSecond = 2, kEighth = 8;

using Perform = Status (*)(Life&);

Status open_folder(Life& life) { return life.open(); }

Status restart(Life& life) {
  life.close();
  return life.open();
}

Status stop(Life& life) {
  TRY_DO(life.engine->checkpoint());
  life.close();
  return {};
}

Status checkpoint(Life& life) { return life.engine->checkpoint(); }

// Until a mark stands in the journal.
Status tend(Life& life) {
  for (int i = 0; i < 3; ++i) {
    TRY_DO(life.engine->tend());
    life.clock.advance(limits::kMarkAfter);
  }
  return {};
}

// The work begins where something is worth merging, and goes on a step at a time.
Status merge(Life& life) {
  for (int i = 0; i < kTendsAtMost; ++i) TRY_DO(life.engine->tend());
  return {};
}

Status stream_and_reading(Life& life) {
  return life.group({station("b"), readings(1, {"2.25"}, life.clock.now())});
}

Status old_readings(Life& life) {
  return life.group({readings(1, {"0.5", "\"ice\"", "1e0"}, life.clock.now() - kTwoMonths)});
}

// Of both months, and a correction of the first of them in the same frame.
Status readings_and_correction(Life& life) {
  return life.group({readings(1, {"1.1"}, life.clock.now() - kTwoMonths),
                     readings(2, {"1", "1.0"}, life.clock.now()), patch(kEighth, "1.15")});
}

struct ScriptStep {
  const char* name;
  Perform perform;
  enum Kind : uint8_t { recorded, readings_alone, opening } kind = recorded;
  std::chrono::hours rest{};  // that passes before it
};

constexpr std::chrono::hours kDays{48};

constexpr ScriptStep kSteps[] = {
    {"opens", open_folder, ScriptStep::opening},
    {"loads a pack", [](Life& life) { return life.group({pack()}); }},
    {"a station", [](Life& life) { return life.group({station("a")}); }},
    {"readings",
     [](Life& life) { return life.group({readings(1, {"1.50", "2"}, life.clock.now())}); },
     ScriptStep::readings_alone},
    {"late readings", old_readings, ScriptStep::readings_alone},
    {"a station and a reading", stream_and_reading},
    {"an alarm", [](Life& life) { return life.group({readings(1, {"3.5"}, life.clock.now())}); }},
    {"a checkpoint", checkpoint},
    {"a correction in a part", [](Life& life) { return life.group({patch(kFirst, "1.75")}); }},
    {"a removal in a part",
     [](Life& life) {
       return life.group({asked(RemoveReading{ReadingId{kSecond}, "double"}, "ann")});
     }},
    {"marks", tend},
    {"readings and a correction", readings_and_correction},
    {"a reading in the tail",
     [](Life& life) { return life.group({readings(2, {"2.5"}, life.clock.now())}); },
     ScriptStep::readings_alone},
    {"restarts", restart, ScriptStep::opening},
    {"a second checkpoint", checkpoint},
    {"a reading days later",
     [](Life& life) { return life.group({readings(1, {"3.1"}, life.clock.now())}); },
     ScriptStep::readings_alone, kDays},
    {"a cut",
     [](Life& life) {
       return life.group({asked(
           CutReadings{StreamId{1}, kStart - kTwoMonths + std::chrono::seconds{60}, "too old"},
           "ann")});
     }},
    {"a third checkpoint", checkpoint},
    {"a merge", merge},
    {"restarts after the merge", restart, ScriptStep::opening},
    {"the alarm clears",
     [](Life& life) { return life.group({readings(1, {"1.0"}, life.clock.now())}); }},
    {"the case is closed",
     [](Life& life) { return life.group({asked(ActOnCase{RowId{1}, "done", ""}, "ann")}); }},
    {"stops", stop},
};

std::string next_vfs() {
  static int made = 0;
  return fmt::format("faults_{}", ++made);
}

}  // namespace

Life::Life(Durability readings_durability) : Life(readings_durability, SimFiles(), 0) {}

Life::Life(Durability readings_durability, const SimFiles& disk, size_t step)
    : files(disk), clock(kStart), vfs_(next_vfs()), readings_durability_(readings_durability) {
  register_vfs(vfs_, files);
  if (step > 0) move_clock_to(step - 1);
}

Life::~Life() {
  close();
  unregister_vfs(vfs_);
}

Status Life::open() {
  EngineOptions options;
  options.folder = kFaultFolder;
  options.vfs = vfs_;
  options.readings_durability = readings_durability_;
  options.disk_reserve = 0;
  options.segments = {kSegmentBytes, kAheadBytes};
  TRY(engine, Engine::open(options, clock, files, Random(1)));
  return {};
}

size_t Life::steps() { return std::size(kSteps); }
size_t Life::step_named(std::string_view name) {
  for (size_t step = 0; step < steps(); ++step)
    if (name_of(step) == name) return step;
  check_failed("name", __FILE__, __LINE__, "no such step");
}

const char* Life::name_of(size_t step) { return kSteps[step].name; }
bool Life::is_durable(size_t step) { return kSteps[step].kind != ScriptStep::readings_alone; }

bool Life::opens(size_t step) { return kSteps[step].kind == ScriptStep::opening; }

void Life::move_clock_to(size_t step) {
  Time at = kStart;
  for (size_t i = 0; i <= step; ++i) at += kStepTakes + kSteps[i].rest;
  // Back only where power has taken steps that were done already.
  if (at < clock.now()) clock.jump_wall(at - clock.now());
  clock.advance(at - clock.now());
}

Status Life::perform(size_t step) {
  step_ = step;
  move_clock_to(step);
  return kSteps[step].perform(*this);
}

Status Life::group(std::vector<Command> commands) {
  Status refused;
  for (Command& command : commands) {
    const auto kept = std::make_shared<Command>(command);
    engine->submit(std::move(command), [this, kept, &refused](const Result<Outcome>& outcome) {
      if (!outcome.ok()) refused = outcome.error();
      if (outcome.ok()) remember(*kept, *outcome);
    });
  }
  while (engine->has_work()) TRY_DO(engine->turn());
  return refused;
}

void Life::remember(const Command& command, const Outcome& outcome) {
  if (const auto* post = std::get_if<PostReadings>(&command.body)) {
    for (size_t i = 0; i < post->readings.size(); ++i) {
      const Reading& one = post->readings[i];
      answered_[outcome.readings[i]].push_back(
          {step_, one.result, one.phenomenon_time.begin, one.stream});
    }
  } else if (const auto* patched = std::get_if<PatchReading>(&command.body)) {
    // Whoever does not know that a reading was taken has not been answered.
    auto& answers = answered_[patched->id];
    Answered now = answers.empty() ? Answered() : answers.back();
    now.step = step_;
    now.result = patched->patch.result;
    answers.push_back(now);
  } else if (const auto* removed = std::get_if<RemoveReading>(&command.body)) {
    answered_[removed->id].push_back({step_, std::nullopt, {}, {}});
  } else if (const auto* cut = std::get_if<CutReadings>(&command.body)) {
    for (auto& [id, answers] : answered_) {
      const Answered last = answers.back();
      if (last.stream == cut->stream && last.time < cut->before)
        answers.push_back({step_, std::nullopt, {}, {}});
    }
  }
}

void Life::forget_from(size_t step) {
  for (auto& [id, answers] : answered_)
    std::erase_if(answers, [step](const Answered& one) { return one.step >= step; });
  std::erase_if(answered_, [](const auto& one) { return one.second.empty(); });
}

std::string Life::check_acknowledged() {
  const auto view = engine->view();
  if (!view.ok()) return "view: " + view.error().message;
  for (const auto& [id, answers] : answered_) {
    const auto found = view->series.find(id);
    if (!found.ok()) return "find: " + found.error().message;
    const auto result = *found ? std::optional((*found)->result) : std::nullopt;
    if (result == answers.back().result) continue;
    return fmt::format("reading {} was acknowledged as {}, and is {}", static_cast<int64_t>(id),
                       answers.back().result.value_or("gone"), result.value_or("gone"));
  }
  return {};
}

Result<std::string> Life::picture() {
  TRY(const View view, engine->view());
  std::string text;
  const auto add = [&text](std::string_view line) { text.append(line).append("\n"); };
  TRY_DO(dump_rows(*view.lease, add));
  TRY_DO(dump_readings(view.series, *view.lease, add));
  return text;
}

std::string dump_of(ReviewInput input, const std::string& folder) {
  std::string text;
  input.folder = folder;
  const auto report =
      dump(input, [&text](std::string_view line) { text.append(line).append("\n"); });
  return report.ok() ? text : "dump: " + report.error().message;
}

std::string first_difference(const std::string& expected, const std::string& found) {
  if (expected == found) return {};
  const auto left = split(expected, '\n');
  const auto right = split(found, '\n');
  size_t at = 0;
  while (at < left.size() && at < right.size() && left[at] == right[at]) ++at;
  const auto line = [at](const auto& lines) {
    return at < lines.size() ? std::string(lines[at]) : std::string("nothing");
  };
  return fmt::format("line {}: expected {}\nfound {}", at + 1, line(left), line(right));
}

}  // namespace duliang
