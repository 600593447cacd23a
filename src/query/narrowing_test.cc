// Narrowing must never change an answer: random expressions over random rows, judged with and
// without.
#include "base/random.h"
#include "base/sim/full.h"
#include "query/evaluate.h"
#include "query/narrow.h"
#include "query/query_for_test.h"
#include "query/values.h"
#include "query/wording_for_test.h"

namespace duliang {
namespace {

const std::vector<std::string> kTimes{
    "2026-11-24T02:00:00Z", "2026-11-24T05:00:00Z", "2026-11-24T07:30:00Z", "now()",
    "2026-11-24T01:00:00Z/2026-11-24T03:00:00Z", "2026-11-24T05:00:00Z/2026-11-24T05:00:00Z",
    "now() sub duration'PT6H'"};
const std::vector<std::string> kNumbers{
    "0", "1", "2", "3", "2.5", "3.0", "-1", "1e30", "-1e30", "9223372036854775807",
    "9223372036854775808", "-9223372036854775808", "1 div 0", "100", "9007199254740993"};
const std::vector<std::string> kTexts{"'2'", "'a'", "'b'", "''", "'level'", "'3.0'", "'梁'"};
const Wording::Words kConstants{kNumbers, kTexts, kTimes};

// What each type is asked with, and those behind it.
class Subjects {
 public:
  explicit Subjects(const House& house) {
    for (const size_t number : {0, 3, 12, 17})
      readings_.constants.numbers.push_back(
          std::to_string(static_cast<int64_t>(house.readings[number].id)));
  }
  const Wording& of(TypeId type) const {
    switch (type) {
      case TypeId::alarm: return alarms_;
      case TypeId::datastream: return streams_;
      case TypeId::thing: return things_;
      default: return readings_;
    }
  }

 private:
  const Wording alarms_{{{"id", "@iot.id", "level", "Datastream/id", "Datastream", "Town/id",
                          "occurrences"},
                         {"state", "title", "Datastream/name"},
                         {}},
                        kConstants,
                        {}};
  Wording readings_{{{"id", "Datastream/id", "Datastream", "result", "result", "parameters/depth",
                      "FeatureOfInterest/id"},
                     {"result", "Datastream/name"},
                     {"phenomenonTime", "phenomenonTime", "resultTime"}},
                    kConstants,
                    {}};
  const Wording streams_{{{"id", "Thing/id", "Thing/@iot.id", "ObservedProperty"},
                          {"name", "Thing/name", "Thing/properties/code"},
                          {"phenomenonTime"}},
                         kConstants,
                         {{"Observations", &readings_}}};
  const Wording places_{{{"id"}, {"name"}, {}}, kConstants, {}};
  const Wording things_{{{"id", "properties/height"}, {"name", "properties/code"}, {}},
                        kConstants,
                        {{"Datastreams", &streams_}, {"Locations", &places_}}};
};

void add_alarms(House& house, Random& random) {
  const std::vector<std::string> texts{"", "2", "a", "b"};
  for (int64_t id = 3; id < 30; ++id) {
    const auto few = [&random] { return static_cast<int64_t>(random.below(4)); };
    house.put(TypeId::alarm, id,
              {{"title", pick(random, texts)},
               {"level", random.chance(0.2) ? Value{} : Value{few()}},
               {"state", random.chance(0.2) ? Value{} : Value{pick(random, texts)}}},
              {{"Datastream", few()}, {"Town", few()}});
  }
}

// How the random questions came out; these must not all be the same.
struct Outcomes {
  size_t with_rows = 0;
  size_t refused = 0;
};

void expect_same(House& house, Asked asked, Outcomes& outcomes) {
  const auto answer = answer_to(house, asked);
  const std::string narrowed = shown(house, answer);
  asked.narrow = false;
  ASSERT_EQ(narrowed, ask_in(house, asked)) << asked.filter;
  if (!answer.ok()) {
    ASSERT_EQ(answer.error().code, Code::bad_input) << asked.filter << ": " << narrowed;
    ++outcomes.refused;  // an operand of a kind that can't be meant
  } else if (!answer->rows.empty()) {
    ++outcomes.with_rows;
  }
}

TEST(Narrowing, ChangesNoAnswer) {
  House house;
  Random random(20261124);
  add_alarms(house, random);
  const Subjects subjects(house);
  constexpr TypeId kTypes[] = {TypeId::alarm, TypeId::datastream, TypeId::observation,
                               TypeId::observation, TypeId::thing};
  Outcomes outcomes;
  const size_t questions = is_full() ? 100'000 : 5'000;
  for (size_t i = 0; i < questions; ++i) {
    const TypeId type = kTypes[random.below(std::size(kTypes))];
    const std::string filter = RandomExpression(random, subjects.of(type)).condition(2);
    Asked asked{.type = type, .filter = filter, .top = 1 + random.below(20),
                .count = random.chance(0.5)};
    if (type == TypeId::observation && random.chance(0.3)) asked.order = "phenomenonTime desc";
    if (type == TypeId::observation && random.chance(0.3)) {
      asked.from_type = random.chance(0.5) ? TypeId::datastream : TypeId::feature_of_interest;
      asked.step = "Observations";
      asked.from = 1 + static_cast<int64_t>(random.below(3));
    }
    ASSERT_NO_FATAL_FAILURE(expect_same(house, asked, outcomes));
  }
  EXPECT_GT(outcomes.with_rows, questions / 5);  // else the expressions prove little
  EXPECT_LT(outcomes.refused, questions / 4);
}

// Readings in parts, in memory, corrected and removed.
void add_readings(House& house, Random& random) {
  const std::vector<std::string> results{"1", "2.5", "3.0", "-1", "9007199254740993", "\"a\"",
                                         "null", "true"};
  const auto below = [&](uint64_t bound) { return static_cast<int64_t>(random.below(bound)); };
  const size_t before = house.readings.size();
  for (int i = 0; i < 120; ++i) {
    const auto from = static_cast<int>(below(12));
    const int to = from + (random.chance(0.3) ? static_cast<int>(below(4)) : 0);
    const auto stream = random.chance(0.5) ? 1 : 1 + below(3);
    house.read(stream, from, to, pick(random, results), 1 + below(2));
    if (i == 40 || i == 90) house.checkpoint();
  }
  for (int i = 0; i < 12; ++i) {
    Reading reading = house.readings[before + random.below(house.readings.size() - before)];
    if (random.chance(0.3)) {
      house.change(ReadingChange::removed(reading.id, reading.stream, "wrong"));
      continue;
    }
    reading.result = pick(random, results);
    house.change(ReadingChange::replaced(reading, "better"));
  }
  house.change(ReadingChange::cut(StreamId{3}, kHouseStart + std::chrono::hours{2}, "old"));
}

// Comparisons that tell of whole pages whether their readings pass, in all their mixtures.
TEST(Narrowing, ByPagesChangesNoAnswer) {
  House house;
  Random random(20261128);
  add_readings(house, random);
  const auto some_id = [&] {
    return std::to_string(number(house.readings[random.below(house.readings.size())].id));
  };
  const Wording wording{
      {{"result", "result", "id", "Datastream", "Datastream/id", "FeatureOfInterest/id"},
       {"result"},
       {"phenomenonTime", "phenomenonTime"}},
      {{"1", "2", "2.5", "3", "-1", "0", "100", "9007199254740992", "9007199254740993", some_id(),
        some_id(), some_id()},
       {"'a'"},
       kTimes},
      {}};
  const std::vector<std::string> by_result{"result", "result desc", "result desc,id desc",
                                           "result,phenomenonTime desc"};
  Outcomes outcomes;
  for (int i = 0; i < 1000; ++i) {
    const std::string filter = RandomExpression(random, wording).condition(2);
    Asked asked{.type = TypeId::observation, .filter = filter,
                .top = random.chance(0.3) ? 0 : 1 + random.below(20),
                .count = random.chance(0.8)};
    if (random.chance(0.3)) asked.order = "phenomenonTime desc";
    if (random.chance(0.3)) asked.order = pick(random, by_result);
    if (random.chance(0.2)) asked.filter = "";
    if (random.chance(0.4)) {
      asked.from_type = random.chance(0.7) ? TypeId::datastream : TypeId::feature_of_interest;
      asked.step = "Observations";
      asked.from = 1 + static_cast<int64_t>(random.below(3));
    }
    ASSERT_NO_FATAL_FAILURE(expect_same(house, asked, outcomes));
  }
  EXPECT_GT(outcomes.with_rows, 90u);
}

Value random_value(Random& random) {
  const auto hour = [&] {
    return kHouseStart + std::chrono::hours{static_cast<int64_t>(random.below(9))};
  };
  switch (random.below(9)) {
    case 0: return {};
    case 1: return Decimal{static_cast<double>(random.below(8)) / 2, ""};
    case 2: return std::string(random.chance(0.5) ? "a" : "2");
    case 3: return hour();
    case 4: {
      const Time begin = hour();
      return Interval{begin, begin + std::chrono::hours{static_cast<int64_t>(random.below(4))}};
    }
    case 5: return random.chance(0.5);
    case 6: return random.chance(0.5) ? INT64_MAX : INT64_MIN;
    default: return static_cast<int64_t>(random.below(5)) - 1;
  }
}

// What passes lies within; a text bound says nothing of numbers.
bool within(const ValueBounds& bounds, const Value& value) {
  const auto holds_for = [&](const std::optional<Value>& bound, int direction) {
    if (!bound) return true;
    const bool text = std::holds_alternative<std::string>(*bound);
    if (is_number(value)) {
      return text || (is_number(*bound) && compare_for_order(value, *bound) * direction >= 0);
    }
    if (text != std::holds_alternative<std::string>(value)) return false;
    if (!text && !(interval_of(value) && interval_of(*bound))) return false;
    return compare_for_order(value, *bound) * direction >= 0;
  };
  return holds_for(bounds.least, 1) && holds_for(bounds.most, -1);
}

TEST(Bounds, NothingOutsidePasses) {
  Random random(7);
  const std::vector<std::string> names{"a", "b"};
  const Wording wording{{names, names, names}, kConstants, {}};
  std::map<std::string, Value> row;
  const Scope scope{.resolve = [&row](std::span<const std::string> path) -> Result<Value> {
                      return row[path.front()];
                    },
                    .now = kHouseStart + std::chrono::hours{8}};
  size_t bounded = 0;
  for (int i = 0; i < 8000; ++i) {
    const std::string text = RandomExpression(random, wording).condition(2);
    const auto expression = parse_expression(text);
    if (!expression.ok()) continue;  // an operand of a kind that can't be meant
    const ValueBounds bounds = bounds_of(*expression, "a", scope.now);
    for (int j = 0; j < 10; ++j) {
      row = {{"a", random_value(random)}, {"b", random_value(random)}};
      if (!*holds(*expression, scope)) continue;
      ASSERT_TRUE(within(bounds, row["a"])) << text << " with a = " << to_json(row["a"]).dump();
      bounded += bounds.least || bounds.most ? 1 : 0;
    }
  }
  EXPECT_GT(bounded, 500u);
}

}  // namespace
}  // namespace duliang
