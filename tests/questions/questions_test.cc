// Asks every question of the files beside this one, through the routes of the doors and the code of
// `duliang sql`, and holds answer, cost and plan against what stands there. See README.md.
#include <filesystem>

#include "base/text.h"
#include "doors/house_for_test.h"
#include "series/tables.h"
#include "sqlite/answers.h"
#include "tests/questions/question_file.h"

namespace duliang {
namespace {

constexpr int64_t kStreamsOfStation = 10;
constexpr size_t kLinesShown = 6;

std::string stations_body(int64_t station, int64_t streams) {
  std::string body = fmt::format(
      R"({{"name":"station {}","description":"d","properties":{{}},"Datastreams":[)", station);
  const int64_t first = (station - 1) * kStreamsOfStation + 1;
  for (int64_t stream = first; stream < first + kStreamsOfStation && stream <= streams; ++stream) {
    if (stream != first) body += ',';
    body += fmt::format(
        R"({{"name":"stream {}","description":"d","observationType":"o",
 "unitOfMeasurement":{{"name":"metre","symbol":"m","definition":null}},
 "Sensor":{{"name":"s","description":"d","encodingType":"text/html","metadata":"m"}},
 "ObservedProperty":{{"name":"p","definition":"u","description":"d"}}}})",
        stream);
  }
  return body + "]}";
}

class AskedHouse {
 public:
  Status fill(const QuestionHouse& wanted) {
    EngineOptions options;
    const auto rows = static_cast<size_t>(wanted.page_rows);
    options.series_sizes = {.chunk_rows = 256, .page_rows = rows};
    TRY_DO(house_.open(options));
    const int64_t stations = (wanted.streams + kStreamsOfStation - 1) / kStreamsOfStation;
    for (int64_t station = 1; station <= stations; ++station) {
      const Response made = house_.post("/v1.1/Things", stations_body(station, wanted.streams));
      if (made.status != 201) return Error{Code::bad_input, made.body, ""};
    }
    TRY(from_, parse_time(wanted.from));
    every_ = std::chrono::seconds{wanted.every_s};
    for (int64_t number = 0; number < wanted.readings; ++number) {
      TRY_DO(post(number, wanted.streams));
    }
    TRY_DO(house_.engine->checkpoint());
    for (int64_t number = 0; number < wanted.in_memory; ++number) {
      TRY_DO(post(wanted.readings + number, wanted.streams));
    }
    for (const ReadingEdit& edit : wanted.edits) TRY_DO(change(edit));
    return {};
  }

  struct Cost {
    uint64_t pages = 0;
    uint64_t rows = 0;
  };
  Cost cost() const {
    const SeriesCounts& counts = house_.engine->series_counts();
    return {counts.pages, counts.tail_rows + counts.part_rows + counts.overlay_rows};
  }

  std::vector<std::string> answer(const AskedQuestion& question) {
    if (question.kind == AskedQuestion::Kind::sql) return ask_sql(question.text);
    if (question.each_to == 0) return get(question.text);
    std::vector<std::string> lines;
    for (int64_t each = question.each_from; each <= question.each_to; ++each) {
      std::string url = question.text;
      url.replace(url.find("{}"), 2, std::to_string(each));
      for (std::string& line : get(url)) {
        if (line != "more") lines.push_back(std::move(line));
      }
    }
    return lines;
  }
  std::vector<std::string> plan(const std::string& sql) {
    std::vector<std::string> lines = ask_sql("EXPLAIN QUERY PLAN " + sql);
    lines.erase(lines.begin());
    for (std::string& line : lines) line = line.substr(line.rfind(" | ") + 3);
    return lines;
  }

 private:
  Status post(int64_t number, int64_t streams) {
    PostReadings readings;
    const Time time = from_ + number * every_;
    for (int64_t stream = 1; stream <= streams; ++stream) {
      Reading reading;
      reading.stream = StreamId{stream};
      reading.phenomenon_time = {time, time};
      reading.result = std::to_string(stream * 1000 + number);
      readings.readings.push_back(std::move(reading));
    }
    Command command;
    command.door = "test";
    command.body = std::move(readings);
    Status posted;
    house_.engine->submit(std::move(command), [&posted](const Result<Outcome>& outcome) {
      if (!outcome.ok()) posted = outcome.error();
    });
    while (house_.engine->has_work()) TRY_DO(house_.engine->turn());
    return posted;
  }

  Status change(const ReadingEdit& edit) {
    ScanOptions options;
    options.stream = StreamId{edit.stream};
    options.from = options.to = from_ + edit.number * every_;
    int64_t id = 0;
    TRY(const View view, house_.engine->view());
    TRY_DO(view.series.scan(options, [&id](const Reading& reading) {
      id = number(reading.id);
      return false;
    }));
    const std::string url = fmt::format("/v1.1/Observations({})", id);
    const Response changed =
        edit.removed ? house_.del(url)
                     : house_.patch(url, fmt::format(R"({{"result":{}}})", edit.result));
    if (changed.status == 200) return {};
    return Error{Code::bad_input, changed.body, ""};
  }

  std::vector<std::string> get(const std::string& url) {
    const Response response = house_.get(url);
    const auto json = parse_json(response.body);
    if (response.status != 200 || !json.ok()) return {response.body};
    const Json* value = json->find("value");
    if (value == nullptr) return {json->dump()};
    std::vector<std::string> lines;
    if (const Json* count = json->find("@iot.count")) lines.push_back(count->dump() + " in all");
    for (const Json& entity : value->items()) lines.push_back(entity.dump());
    if (json->find("@iot.nextLink") != nullptr) lines.emplace_back("more");
    return lines;
  }

  std::vector<std::string> ask_sql(const std::string& sql) {
    const auto view = house_.engine->view();
    if (!view.ok()) return {view.error().message};
    EXPECT_TRUE(add_reading_tables(*view->lease, view->series).ok());
    std::vector<std::string> lines;
    const Status asked = print_answers(*view->lease, sql, [&lines](std::string_view line) {
      std::string shown;
      for (const std::string_view value : split(line, '\t')) {
        if (!shown.empty()) shown += " | ";
        shown += value;
      }
      lines.push_back(std::move(shown));
    });
    if (!asked.ok()) lines.push_back(asked.error().message);
    return lines;
  }

  HouseForTest house_;
  Time from_{};
  Duration every_{};
};

std::vector<std::string> shortened(std::vector<std::string> lines) {
  if (lines.size() <= kLinesShown) return lines;
  const size_t left_out = lines.size() - 4;
  lines.erase(lines.begin() + 2, lines.end() - 2);
  lines.insert(lines.begin() + 2, fmt::format("… {} more …", left_out));
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += "  " + line + "\n";
  return text;
}

void expect_answers(const std::string& path) {
  OsFiles files;
  const auto text = read_file(files, path);
  ASSERT_TRUE(text.ok()) << path;
  const auto file = read_questions(*text);
  ASSERT_TRUE(file.ok()) << path << ": " << file.error().message;
  ASSERT_FALSE(file->questions.empty()) << path;
  AskedHouse house;
  const Status filled = house.fill(file->house);
  ASSERT_TRUE(filled.ok()) << path << ": " << filled.error().message;
  for (const AskedQuestion& question : file->questions) {
    SCOPED_TRACE(fmt::format("{}:{}: {}", path, question.line, question.name));
    const AskedHouse::Cost before = house.cost();
    const auto answer = house.answer(question);
    const AskedHouse::Cost after = house.cost();
    EXPECT_EQ(joined(shortened(answer)), joined(question.answer));
    EXPECT_LE(after.pages - before.pages, question.pages) << "pages";
    EXPECT_LE(after.rows - before.rows, question.rows) << "rows";
    if (question.kind == AskedQuestion::Kind::sql) {
      EXPECT_EQ(joined(house.plan(question.text)), joined(question.plan));
    }
  }
}

TEST(Questions, AreAnsweredAtTheirCost) {
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("tests/questions")) {
    if (entry.path().extension() != ".txt") continue;
    ++count;
    expect_answers(entry.path().string());
  }
  EXPECT_GE(count, 3U);
}

TEST(QuestionFiles, SayWhereTheyAreNotUnderstood) {
  const auto wrong = read_questions(
      "house: 1 streams, 1 readings each, every 1 s from x, pages of 1\n"
      "question: what\nGTE /v1.1/Things\n");
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().message, "Line 3 is not understood: GTE /v1.1/Things");
}

}  // namespace
}  // namespace duliang
