#include "engine/house.h"

#include "engine/whereabouts.h"

namespace duliang {

House::House(Connection& connection, Series& series)
    : connection_(&connection), series_(&series), ledger_(connection) {}

Status House::load() {
  for (const EntityType& type : all_types()) {
    TRY(const RowId last, ledger_.last_id(type.id));
    last_ids_[static_cast<size_t>(type.id)] = static_cast<int64_t>(last);
  }
  streams_.clear();
  Selection all;
  all.type = TypeId::datastream;
  TRY_DO(ledger_.each(all, [this](const Row& row) {
    streams_.try_emplace(StreamId{number(row.id)});
    return true;
  }));
  return load_declarations();
}

Status House::load_declarations() {
  TRY(rules_, active_rules(ledger_));
  TRY_DO(load_workflows());
  TRY_DO(load_packs());
  return watch_.load(rules_, ledger_);
}

Status House::load_workflows() {
  workflows_.clear();
  Selection all;
  all.type = TypeId::workflow;
  Status parsed;
  TRY_DO(ledger_.each(all, [&](const Row& row) {
    auto workflow = workflow_from_json(std::get<Json>(row["declaration"]));
    if (!workflow.ok()) {
      parsed = workflow.error();
      return false;
    }
    workflows_[row.text("key")].push_back(
        {row.id, row.text("version"), std::move(workflow).value()});
    return true;
  }));
  return parsed;
}

namespace {

Status add_classes(const Pack& pack, std::vector<StreamClass>& classes) {
  for (const StreamClassDeclaration& declared : pack.stream_classes) {
    TRY(auto streams, parse_expression(declared.streams));
    classes.push_back({std::move(streams), declared.keep_days});
  }
  return {};
}

}  // namespace

// What has no rows of its own: classes of streams, and the prefix of case numbers, which stands in
// the pack that declares the district.
Status House::load_packs() {
  stream_classes_.clear();
  Selection all;
  all.type = TypeId::pack;
  Status parsed;
  TRY_DO(ledger_.each(all, [&](const Row& row) {
    auto pack = check_pack(files_of(row));
    if (!pack.ok()) {
      parsed = pack.error();
      return false;
    }
    if (!pack->district.empty()) case_prefix_ = pack->district.front().prefix;
    parsed = add_classes(*pack, stream_classes_);
    return parsed.ok();
  }));
  return parsed;
}

RowId House::next_id(TypeId type) { return RowId{++last_ids_[static_cast<size_t>(type)]}; }

const Rule* House::rule(RowId id) const {
  for (const Rule& rule : rules_) {
    if (rule.id == id) return &rule;
  }
  return nullptr;
}

const LoadedWorkflow* House::workflow(const std::string& key) const {
  const auto found = workflows_.find(key);
  return found == workflows_.end() ? nullptr : &found->second.back();
}

const LoadedWorkflow* House::workflow(const std::string& key, const std::string& version) const {
  const auto found = workflows_.find(key);
  if (found == workflows_.end()) return nullptr;
  for (const LoadedWorkflow& loaded : found->second) {
    if (loaded.version == version) return &loaded;
  }
  return nullptr;
}

bool House::judged_otherwise(const Row& before, const Row& after) const {
  const EntityType& type = type_of(after.type);
  for (size_t i = 0; i < type.properties.size(); ++i) {
    if (!watch_.names(type.id, type.properties[i].name)) continue;
    if (!same(before.values[i], after.values[i])) return true;
  }
  for (size_t i = 0; i < after.links.size(); ++i) {
    if (before.links[i] != after.links[i] && watch_.names(type.id, type.relations[i].name)) {
      return true;
    }
  }
  return false;
}

// The streams of a Thing, Sensor or ObservedProperty that was changed: their rules may look at it.
Status House::rebind(const Row& changed) {
  if (find_step(changed.type, "Datastreams") == nullptr) return {};
  TRY(const auto streams, reached(ledger_, changed.type, changed.id, "Datastreams"));
  for (const RowId stream : streams) TRY_DO(watch_.bind(ledger_, StreamId{number(stream)}));
  return {};
}

// Of which streams a reading may be of another feature now. A Thing that is new has no streams.
Status House::forget_features(const RowChange& change) {
  std::vector<StreamId> streams;
  const Step& locations = *find_step(TypeId::thing, "Locations");
  if (change.kind == RowChange::Kind::link || change.kind == RowChange::Kind::unlink) {
    if (change.owner != locations.owner || change.relation != locations.relation) return {};
    TRY(streams, streams_of(ledger_, TypeId::thing, change.from));
  } else if (change.row.type == TypeId::location) {
    TRY(streams, streams_of(ledger_, TypeId::location, change.row.id));
  } else if (change.row.type == TypeId::datastream) {
    streams.push_back(StreamId{number(change.row.id)});
  } else if (change.row.type == TypeId::feature_of_interest) {
    TRY(const auto before, ledger_.find(change.row.type, change.row.id));
    if (!before) return {};
    for (auto& [stream, feature] : streams_) {
      if (feature == change.row.id) feature.reset();
    }
  }
  for (const StreamId stream : streams) {
    if (const auto found = streams_.find(stream); found != streams_.end()) found->second.reset();
  }
  return {};
}

Status House::write(const RowChange& change, uint64_t sequence) {
  if (!connection_->in_transaction()) TRY_DO(connection_->execute("BEGIN IMMEDIATE"));
  std::optional<Row> before;
  if (change.kind == RowChange::Kind::put && find_step(change.row.type, "Datastreams") != nullptr) {
    TRY(before, ledger_.find(change.row.type, change.row.id));
  }
  TRY_DO(forget_features(change));
  TRY_DO(ledger_.apply(change, sequence));
  if (change.kind == RowChange::Kind::remove && change.row.type == TypeId::datastream) {
    forget(StreamId{number(change.row.id)});
  }
  if (change.kind != RowChange::Kind::put) return {};
  auto& last = last_ids_[static_cast<size_t>(change.row.type)];
  last = std::max(last, static_cast<int64_t>(change.row.id));
  if (change.row.type == TypeId::datastream) {
    const StreamId stream{static_cast<int64_t>(change.row.id)};
    streams_.try_emplace(stream);
    return watch_.bind(ledger_, stream);
  }
  if (before && judged_otherwise(*before, change.row)) return rebind(change.row);
  return {};
}

Status House::take_back(const std::vector<NumberedChange>& written) {
  TRY_DO(connection_->execute("ROLLBACK"));
  for (const auto& [command, change] : written) {
    const bool is_stream =
        change.kind == RowChange::Kind::put && change.row.type == TypeId::datastream;
    if (is_stream) forget(StreamId{number(change.row.id)});
  }
  return {};
}

void House::forget(StreamId stream) {
  streams_.erase(stream);
  watch_.forget(stream);
}

Status House::write(const Series::Change& change) {
  if (!connection_->in_transaction()) TRY_DO(connection_->execute("BEGIN IMMEDIATE"));
  return series_->change(*connection_, change);
}

Time House::unset_time(Time now) {
  // Much further ahead is no crowd of readings, but a clock that was set back.
  const bool given = unset_time_ >= now && unset_time_ < now + std::chrono::seconds{1};
  return unset_time_ = given ? unset_time_ + Duration{1} : now;
}

void House::passed(Time frame_time) { latest_ = std::max(latest_, frame_time); }

void House::append(Reading reading, Time now) {
  reading.arrived_s = static_cast<uint32_t>(
      std::chrono::floor<std::chrono::seconds>(std::max(latest_, now)).time_since_epoch().count());
  series_->append(reading);
}

Json files_to_json(const std::vector<PackFile>& files) {
  Json json = Json::object();
  for (const PackFile& file : files) json[file.name] = Json(file.content);
  return json;
}

std::vector<PackFile> files_of(const Row& pack_row) {
  std::vector<PackFile> files;
  for (const auto& [name, content] : std::get<Json>(pack_row["files"]).members()) {
    files.push_back({name, content.as_string()});
  }
  return files;
}

}  // namespace duliang
