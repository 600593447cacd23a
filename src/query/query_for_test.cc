#include "query/query_for_test.h"

namespace duliang {
namespace {

constexpr const char* kVfs = "query_test";

Value json(const char* text) { return to_value(*parse_json(text)); }

}  // namespace

House::House() {
  register_vfs(kVfs, files_);
  CHECK(files_.make_folder("data/parts").ok());
  auto opened = Connection::open("data/ledger.sqlite", {.read_only = false, .vfs = kVfs});
  connection = std::move(opened).value();
  CHECK(Ledger::create_tables(connection).ok());
  CHECK(Series::create_tables(connection).ok());
  // Small, so that a few readings are several pages.
  const SeriesSizes sizes{.chunk_rows = 8, .page_rows = 3};
  series_ = Series::open(files_, "data/parts", connection, sizes).value();
  put_places();
  put_streams();
  put_case();
  put_readings();
}

House::~House() {
  series_.reset();
  connection = Connection();
  unregister_vfs(kVfs);
}

View House::view() {
  return {nullptr, Ledger(connection), series_->view(), kHouseStart + std::chrono::hours{12}};
}

void House::put(TypeId type, int64_t id, const std::map<std::string, Given>& values,
                const std::map<std::string, int64_t>& links) {
  Row row = make_row(type, RowId{id});
  for (const auto& [name, given] : values) row[name] = given.value;
  for (const auto& [name, target] : links) row.link(name) = RowId{target};
  CHECK(Ledger(connection).apply(RowChange::put(row), ++sequence_).ok());
}

void House::link(TypeId owner, std::string_view relation, int64_t from, int64_t to) {
  const int index = type_of(owner).relation_index(relation);
  const auto change = RowChange::linked(owner, index, RowId{from}, RowId{to});
  CHECK(Ledger(connection).apply(change, ++sequence_).ok());
}

void House::read(int64_t stream, int from, int to, std::string result, int64_t feature) {
  Reading reading;
  reading.id = series_->give_id(StreamId{stream});
  reading.stream = StreamId{stream};
  reading.phenomenon_time = {kHouseStart + std::chrono::hours{from},
                             kHouseStart + std::chrono::hours{to}};
  if (readings.size() % 2 == 0) reading.result_time = reading.phenomenon_time.end;
  if (readings.size() % 3 == 0) reading.extras = R"({"parameters":{"depth":2}})";
  reading.feature = RowId{feature};
  reading.result = std::move(result);
  series_->append(reading);
  series_->publish(++sequence_);
  readings.push_back(std::move(reading));
}

void House::checkpoint() {
  const auto job = series_->begin_checkpoint();
  while (!job->step().value()) {
  }
  CHECK(series_->finish(connection, *job).ok());
  series_->finished(*job);
}

void House::change(const ReadingChange& change) {
  CHECK(series_->change(connection, {change, ++sequence_, kHouseStart, "tester"}).ok());
  series_->publish(sequence_);
}

void House::put_places() {
  put(TypeId::thing, 1, {{"name", "七涧河"}, {"properties", json(R"({"code":"b","height":12.5})")}});
  put(TypeId::thing, 2, {{"name", "Gaotan"}, {"properties", json(R"({"code":"a","height":3})")}});
  put(TypeId::thing, 3, {{"name", "gaotan"}});
  for (int64_t id = 1; id <= 3; ++id)
    put(TypeId::location, id, {{"name", fmt::format("place {}", id)}});
  link(TypeId::thing, "Locations", 1, 1);
  link(TypeId::thing, "Locations", 1, 2);
  link(TypeId::thing, "Locations", 2, 2);
  put(TypeId::feature_of_interest, 1, {{"name", "river"}});
  put(TypeId::feature_of_interest, 2, {{"name", "air"}});
}

void House::put_streams() {
  put(TypeId::sensor, 1, {{"name", "gauge"}});
  put(TypeId::observed_property, 1, {{"name", "water_level"}});
  put(TypeId::observed_property, 2, {{"name", "pm2_5"}});
  const auto stream = [this](int64_t id, const char* name, int64_t thing, int64_t property) {
    put(TypeId::datastream, id, {{"name", name}},
        {{"Thing", thing}, {"Sensor", 1}, {"ObservedProperty", property}});
  };
  stream(1, "level 1", 1, 1);
  stream(2, "air 1", 1, 2);
  stream(3, "level 2", 2, 1);
  stream(4, "empty", 3, 2);
}

void House::put_case() {
  put(TypeId::unit, 1, {{"key", "water"}, {"name", "Water bureau"}});
  put(TypeId::person, 1, {{"key", "li"}, {"name", "Li"}}, {{"Unit", 1}});
  put(TypeId::alarm, 1, {{"title", "High water"}, {"level", int64_t{2}}, {"state", "raised"}},
      {{"Datastream", 1}});
  put(TypeId::alarm, 2, {{"title", "Smoke"}, {"level", int64_t{4}}, {"state", "cleared"}},
      {{"Datastream", 2}});
  put(TypeId::case_file, 1, {{"number", "LP-1"}, {"state", "open"}},
      {{"Alarm", 1}, {"Handler", 1}});
  put(TypeId::case_file, 2, {{"number", "LP-2"}, {"state", "closed"}}, {{"Alarm", 2}});
}

// Numbers 0 to 9: stream 1, hourly, late ones among them. 10 to 15: stream 2, results of other
// kinds. 16 to 18: stream 3, intervals.
void House::put_readings() {
  const int hours[] = {0, 1, 2, 5, 3, 4, 6, 7, 9, 8};
  for (const int hour : hours) read(1, hour, hour, fmt::format("{}", 0.5 * hour));
  checkpoint();
  const char* const results[] = {"12", "\"dry\"", "null", "true", "3", R"({"x":{"y":7}})"};
  for (int i = 0; i < 6; ++i) read(2, i, i, results[i], 2);
  read(3, 0, 2, "1.50");
  read(3, 2, 4, "2");
  read(3, 3, 5, "3.0", 0);
}

Result<Answer> answer_to(House& house, const Asked& asked) {
  Question question;
  question.type = asked.type;
  question.top = asked.top;
  question.skip = asked.skip;
  question.count = asked.count;
  question.narrow = asked.narrow;
  if (!asked.step.empty()) {
    question.by = *find_step(asked.from_type, asked.step);
    question.from = RowId{asked.from};
  }
  if (!asked.filter.empty()) {
    TRY(question.filter, parse_expression(asked.filter));
  }
  if (!asked.order.empty()) {
    TRY(question.order, parse_order(asked.order));
  }
  return ask(house.view(), question);
}

std::string shown(const House& house, const Result<Answer>& answer) {
  if (!answer.ok()) return answer.error().message;
  std::string out;
  for (const Row& row : answer->rows) {
    int64_t number = static_cast<int64_t>(row.id);
    if (row.type == TypeId::observation) {
      const auto id = static_cast<ReadingId>(row.id);
      number = std::ranges::find(house.readings, id, &Reading::id) - house.readings.begin();
    }
    out += (out.empty() ? "" : " ") + std::to_string(number);
  }
  if (out.empty()) out = "none";
  if (answer->count) out += fmt::format(", of {}", *answer->count);
  if (answer->more) out += ", more";
  return out;
}

}  // namespace duliang
