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
constexpr uint64_t kAheadBytes = 1024;
// So small that what is said of a span takes several turns, and what comes at once.
constexpr size_t kTurnCorrections = 2, kTurnReadings = 4;
constexpr size_t kManyReadings = 2 * kTurnReadings + 2;
constexpr std::chrono::seconds kSpanRest{60};

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

const Pack& trial_pack() {
  static const Pack trial = [] {
    OsFiles files;
    return read_pack(files, "tests/trial_pack").value();
  }();
  return trial;
}

// Its second version: readings of levels are kept for a day.
Command pack_with_class() {
  static const Pack trial = [] {
    std::vector<PackFile> files = trial_pack().files;
    constexpr std::string_view kVersion = "version: \"1\"";
    for (PackFile& file : files) {
      const size_t at = file.content.find(kVersion);
      if (at != std::string::npos) file.content.replace(at, kVersion.size(), "version: \"2\"");
    }
    files.push_back({"streams.yaml",
                     "classes:\n"
                     "  - {key: l, streams: ObservedProperty/name eq 'level', keep_days: 1}\n"});
    return check_pack(std::move(files)).value();
  }();
  return asked(LoadPack{trial});
}

// Ids of readings, in the order in which they come. The first two are of the first stream.
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

// It raises an alarm of the second stream: of its readings so far it is the latest, as it is a
// little ahead of the clock. Asked again it changes nothing, however long after.
Status reading_with_key(Life& life) {
  Command command = readings(2, {"3.2"}, kStart + std::chrono::minutes{3});
  command.key = "a key";
  return life.group({command});
}

// One command that takes three frames. Where only some of them are there, asking again goes on.
Status readings_of_several_frames(Life& life) {
  std::vector<std::string> results;
  for (size_t i = 0; i < kManyReadings; ++i) results.push_back(fmt::format("{}.50", i % 3));
  Command command = readings(2, results, kStart - kTwoMonths);
  command.key = "a key of many";
  return life.group({command});
}

Status ask_again(Life& life, Perform perform) {
  const uint64_t sequence = life.engine->status().sequence;
  TRY_DO(perform(life));
  if (life.engine->status().sequence == sequence) return {};
  return Error{Code::conflict, "what was asked again was done again", ""};
}

Status key_again(Life& life) { return ask_again(life, reading_with_key); }

Status keys_again(Life& life) {
  TRY_DO(key_again(life));
  return ask_again(life, readings_of_several_frames);
}

// What stands of the first stream, but for the last.
Status quality_of_a_span(Life& life) {
  const FlagReadings flag{StreamId{1}, kStart - 2 * kTwoMonths, life.clock.now() - kSpanRest,
                          Quality::bad, "the probe was dirty"};
  ChangeReadings same;
  same.scope.stream = flag.stream;
  same.scope.from = flag.from;
  same.scope.to = flag.to;
  same.quality = flag.quality;
  return life.long_work(LongCommand{"ann", "test", flag}, {asked(same)});
}

// The begin of the day before this one, in the district.
Status cut_by_class(Life& life) {
  using std::chrono::days;
  const auto today = std::chrono::floor<days>(life.clock.now() + kDistrictZone.offset);
  const Time before = Time(today - days{1}) - kDistrictZone.offset;
  return life.long_work({}, {asked(CutReadings{StreamId{1}, before, ""}),
                             asked(CutReadings{StreamId{2}, before, ""})});
}

struct ScriptStep {
  const char* name;
  Perform perform;
  enum Kind : uint8_t {
    recorded,
    in_parts,  // in several frames
    readings_alone,
    readings_in_parts,
    opening,
  } kind = recorded;
  std::chrono::hours rest{};  // that passes before it
};

constexpr std::chrono::hours kDays{48};

constexpr ScriptStep kSteps[] = {
    {"opens", open_folder, ScriptStep::opening},
    {"loads a pack", [](Life& life) { return life.group({asked(LoadPack{trial_pack()})}); }},
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
    {"a reading with a key", reading_with_key},
    {"restarts", restart, ScriptStep::opening},
    {"the key again", key_again},
    {"readings of several frames", readings_of_several_frames, ScriptStep::readings_in_parts},
    {"a second checkpoint", checkpoint},
    {"readings days later",
     [](Life& life) {
       return life.group({readings(1, {"3.1"}, life.clock.now()),
                          readings(2, {"3.3"}, life.clock.now())});
     },
     ScriptStep::readings_alone, kDays},
    {"a quality of a span", quality_of_a_span, ScriptStep::in_parts},
    {"a cut",
     [](Life& life) {
       return life.group({asked(
           CutReadings{StreamId{1}, kStart - kTwoMonths + std::chrono::seconds{60}, "too old"},
           "ann")});
     }},
    {"a third checkpoint", checkpoint},
    {"a merge", merge},
    {"restarts after the merge", restart, ScriptStep::opening},
    {"the keys again, from the checkpoint", keys_again},
    {"the alarm clears",
     [](Life& life) { return life.group({readings(1, {"1.0"}, life.clock.now())}); }},
    {"the case is closed",
     [](Life& life) { return life.group({asked(ActOnCase{RowId{1}, "done", ""}, "ann")}); }},
    {"a pack with a class", [](Life& life) { return life.group({pack_with_class()}); }},
    {"a cut by the class", cut_by_class},
    {"a station goes",
     [](Life& life) {
       return life.group({asked(RemoveRow{TypeId::thing, RowId{2}, "taken down"}, "ann")});
     }},
    {"seals what is left", merge},
    {"stops", stop},
};

std::string next_vfs() {
  static int made = 0;
  return fmt::format("faults_{}", ++made);
}

}  // namespace

Life::Life(Manner manner) : Life(manner, SimFiles(), 0) {}

Life::Life(Manner manner, const SimFiles& disk, size_t step)
    : files(disk), clock(kStart), vfs_(next_vfs()), manner_(manner) {
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
  options.readings_durability = manner_.readings_durability;
  options.keep_journal = manner_.keep_journal;
  options.turn.corrections = kTurnCorrections;
  options.turn.readings = kTurnReadings;
  options.clock_proof = Duration{0};
  options.disk_reserve = 0;
  options.segments = {manner_.segment_bytes, kAheadBytes};
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

bool Life::is_durable(size_t step) {
  const ScriptStep::Kind kind = kSteps[step].kind;
  return kind != ScriptStep::readings_alone && kind != ScriptStep::readings_in_parts;
}

bool Life::is_in_parts(size_t step) {
  const ScriptStep::Kind kind = kSteps[step].kind;
  return kind == ScriptStep::in_parts || kind == ScriptStep::readings_in_parts;
}

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
  under_way_ = commands;
  for (Command& command : commands) {
    const auto kept = std::make_shared<Command>(command);
    engine->submit(std::move(command), [this, kept, &refused](const Result<Outcome>& outcome) {
      if (!outcome.ok()) refused = outcome.error();
      if (outcome.ok()) remember(*kept, *outcome);
    });
  }
  while (engine->has_work()) TRY_DO(engine->turn());
  under_way_.clear();
  return refused;
}

Status Life::long_work(std::optional<LongCommand> asked, std::vector<Command> same) {
  Status refused;
  under_way_ = std::move(same);
  if (asked) {
    engine->submit(std::move(*asked), [&refused](const Result<Outcome>& outcome) {
      if (!outcome.ok()) refused = outcome.error();
    });
  }
  do {
    TRY_DO(engine->tend());
    while (engine->has_work()) TRY_DO(engine->turn());
  } while (engine->has_long_work());
  if (refused.ok()) settle_under_way();
  return refused;
}

void Life::settle_under_way() {
  for (const Command& command : std::exchange(under_way_, {})) {
    // Of readings that nobody was told of, nobody knows the ids.
    if (!std::holds_alternative<PostReadings>(command.body)) remember(command, {});
  }
}

void Life::remember(const Command& command, const Outcome& outcome) {
  if (const auto* post = std::get_if<PostReadings>(&command.body)) {
    for (size_t i = 0; i < post->readings.size(); ++i) {
      const Reading& one = post->readings[i];
      answered_[outcome.readings[i]].push_back(
          {step_, one.result, Quality::unset, one.phenomenon_time.begin, one.stream});
    }
  } else if (const auto* patched = std::get_if<PatchReading>(&command.body)) {
    // Whoever does not know that a reading was taken has not been answered.
    auto& answers = answered_[patched->id];
    Answered now = answers.empty() ? Answered() : answers.back();
    now.step = step_;
    now.result = patched->patch.result;
    now.quality = patched->patch.quality.value();
    answers.push_back(now);
  } else if (const auto* removed = std::get_if<RemoveReading>(&command.body)) {
    answered_[removed->id].push_back({.step = step_, .result = std::nullopt});
  } else if (const auto* cut = std::get_if<CutReadings>(&command.body)) {
    remember_of([cut](const Answered& one) {
      return one.stream == cut->stream && one.time < cut->before;
    }, std::nullopt);
  } else if (const auto* change = std::get_if<ChangeReadings>(&command.body)) {
    remember_of([change](const Answered& one) {
      return one.stream == change->scope.stream && change->scope.from <= one.time &&
             one.time < change->scope.to;
    }, change->quality);
  } else if (const auto* row = std::get_if<RemoveRow>(&command.body)) {
    // A station and its stream were made together, and have the same id.
    remember_of([row](const Answered& one) { return number(one.stream) == number(row->id); },
                std::nullopt);
  }
}

// Of what stands of these: another quality, or that it is gone.
void Life::remember_of(const std::function<bool(const Answered&)>& concerns,
                       std::optional<Quality> quality) {
  for (auto& [id, answers] : answered_) {
    Answered now = answers.back();
    if (!now.result || !concerns(now)) continue;
    now.step = step_;
    if (!quality) now.result.reset();
    now.quality = quality.value_or(now.quality);
    answers.push_back(now);
  }
}

void Life::forget_from(size_t step) {
  for (auto& [id, answers] : answered_)
    std::erase_if(answers, [step](const Answered& one) { return one.step >= step; });
  std::erase_if(answered_, [](const auto& one) { return one.second.empty(); });
  under_way_.clear();
}

// With `or_before` also as it was before the last step.
std::string Life::check_answered(bool or_before) {
  const auto view = engine->view();
  if (!view.ok()) return "view: " + view.error().message;
  for (const auto& [id, answers] : answered_) {
    const auto found = view->series.find(id);
    if (!found.ok()) return "find: " + found.error().message;
    const Answered& last = answers.back();
    const auto result = *found ? std::optional((*found)->result) : std::nullopt;
    const auto is_found = [&](const Answered& one) {
      return result == one.result && (!result || (*found)->quality == one.quality);
    };
    if (is_found(last)) continue;
    const bool has_before = or_before && last.step == step_ && answers.size() > 1;
    if (has_before && is_found(answers[answers.size() - 2])) continue;
    return fmt::format("reading {} was acknowledged as {}, and is {}, or of another quality",
                       static_cast<int64_t>(id), last.result.value_or("gone"),
                       result.value_or("gone"));
  }
  return {};
}

std::string Life::check_half_done() {
  settle_under_way();
  const std::string wrong = check_answered(true);
  forget_from(step_);
  return wrong;
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
