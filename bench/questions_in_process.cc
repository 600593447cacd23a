// What questions cost over ten million readings of 400 streams, with nothing else going on: a table
// of milliseconds (median and p99), pages looked into, and the gate. The readings stand in parts as
// checkpoints and merges leave them, the newest in the tail. Built by
// `ninja -C build/release duliang_questions`; `duliang_questions FOLDER` keeps them for the next
// run, `duliang_questions FOLDER newest` asks only those questions.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "base/os/os_clock.h"
#include "base/os/os_files.h"
#include "base/random.h"
#include "query/question.h"
#include "series/tables.h"
#include "sqlite/answers.h"

namespace duliang {
namespace {

constexpr int64_t kStreams = 400;
constexpr int64_t kReadings = 10'000'000;
constexpr int64_t kEach = kReadings / kStreams;
constexpr size_t kCheckpoint = 200'000;  // readings, as the engine has it
constexpr Time kStart{std::chrono::seconds{1'788'220'800}};  // 2026-09-01
constexpr std::chrono::minutes kStep{5};

Time time_of(int64_t number) { return kStart + number * kStep; }

class World {
 public:
  Status open(const std::string& folder) {
    TRY_DO(make_durable_folder(files_, folder));
    TRY(connection_, Connection::open(folder + "/ledger.sqlite", {}));
    TRY_DO(Ledger::create_tables(connection_));
    TRY_DO(Series::create_tables(connection_));
    TRY(series_, Series::open(files_, folder + "/parts", connection_));
    TRY(const uint64_t kept, series_->view().count());
    if (kept == 0) {
      TRY_DO(fill());
      TRY_DO(put_streams());
    }
    before_tail_ = series_->view();
    // The newest are in memory, as behind a checkpoint that was some hours ago.
    for (int64_t number = kEach; number < kEach + 100; ++number) append(number);
    series_->publish(kept + kReadings + 1);
    return add_reading_tables(connection_, series_->view());
  }
  View view(bool in_parts) {
    const std::shared_ptr<Connection> lent(&connection_, [](Connection*) {});
    return {lent, Ledger(connection_), in_parts ? before_tail_ : series_->view(),
            time_of(kEach + 100)};
  }
  const SeriesCounts& counts() const { return series_->counts(); }

 private:
  // A level of its own for each stream, and a slow wave with noise on it.
  std::string result(int64_t stream, int64_t number) {
    const double wave = std::sin(static_cast<double>(number) / 40 + static_cast<double>(stream));
    const double noise = static_cast<double>(random_.below(20)) / 10;
    return fmt::format("{:.1f}", static_cast<double>(stream % 50) * 2 + 5 * wave + noise);
  }
  void append(int64_t number) {
    for (int64_t stream = 1; stream <= kStreams; ++stream) {
      Reading reading;
      reading.stream = StreamId{stream};
      reading.id = series_->give_id(reading.stream);
      reading.phenomenon_time = {time_of(number), time_of(number)};
      reading.result = result(stream, number);
      reading.feature = RowId{stream};
      reading.arrived_s = static_cast<uint32_t>(
          std::chrono::duration_cast<std::chrono::seconds>(time_of(number).time_since_epoch())
              .count());
      series_->append(reading);
    }
  }
  Status run(std::unique_ptr<PartsJob> job) {
    for (bool done = false; !done;) {
      TRY(done, job->step());
    }
    TRY_DO(connection_.execute("BEGIN IMMEDIATE"));
    TRY_DO(series_->finish(connection_, *job));
    TRY_DO(connection_.execute("COMMIT"));
    series_->finished(*job);
    return {};
  }
  Status fill() {
    for (int64_t number = 0; number < kEach; ++number) {
      append(number);
      if (series_->tail_readings() < kCheckpoint && number + 1 < kEach) continue;
      series_->publish(static_cast<uint64_t>(number) + 1);
      TRY_DO(run(series_->begin_checkpoint()));
      while (auto merge = series_->begin_merge()) TRY_DO(run(std::move(merge)));
    }
    return {};
  }
  Status put_streams() {
    TRY_DO(connection_.execute("BEGIN IMMEDIATE"));
    Ledger ledger(connection_);
    for (int64_t stream = 1; stream <= kStreams; ++stream) {
      Row row = make_row(TypeId::datastream, RowId{stream});
      row["name"] = fmt::format("stream {}", stream);
      row.link("Thing") = RowId{1 + stream % 40};
      TRY_DO(ledger.apply(RowChange::put(row), 1));
    }
    for (int64_t thing = 1; thing <= 40; ++thing) {
      Row row = make_row(TypeId::thing, RowId{thing});
      row["name"] = fmt::format("station {}", thing);
      TRY_DO(ledger.apply(RowChange::put(row), 1));
    }
    TRY_DO(connection_.execute("COMMIT"));
    return connection_.learn_sizes();
  }

  OsFiles files_;
  Random random_{7};
  Connection connection_;
  std::unique_ptr<Series> series_;
  SeriesView before_tail_;
};

struct Asked {
  const char* name;
  double gate_ms;  // 0: none
  std::function<Result<uint64_t>(const View& view, uint64_t round)> ask;  // how many came
  bool in_parts = false;  // of a view with nothing in memory
};

Result<uint64_t> ask_observations(const View& view, const std::string& filter,
                                  const std::string& order, Question question) {
  question.type = TypeId::observation;
  if (!filter.empty()) {
    TRY(question.filter, parse_expression(filter));
  }
  if (!order.empty()) {
    TRY(question.order, parse_order(order));
  }
  TRY(const Answer answer, ask(view, question));
  return answer.count ? *answer.count : answer.rows.size();
}

Question of_stream(uint64_t stream, size_t top) {
  Question question;
  question.by = *find_step(TypeId::datastream, "Observations");
  question.from = RowId{static_cast<int64_t>(1 + stream % kStreams)};
  question.top = top;
  return question;
}

Question counted(size_t top) {
  Question question;
  question.top = top;
  question.count = true;
  return question;
}

std::string window(int64_t first, int64_t last) {
  return fmt::format("phenomenonTime ge {} and phenomenonTime lt {}", to_text(time_of(first)),
                     to_text(time_of(last)));
}

Result<uint64_t> ask_sql(const View& view, const std::string& sql) {
  uint64_t lines = 0;
  TRY_DO(print_answers(*view.lease, sql, [&lines](std::string_view) { ++lines; }));
  return lines - 1;
}

std::string at(int64_t number) { return to_text(time_of(number)); }

// The newest reading of each stream, among those before a time if one is given.
Result<uint64_t> newest_of_each(const View& view, const std::string& filter) {
  uint64_t found = 0;
  for (uint64_t stream = 0; stream < kStreams; ++stream) {
    TRY(const uint64_t one,
        ask_observations(view, filter, "phenomenonTime desc", of_stream(stream, 1)));
    found += one;
  }
  return found;
}

std::vector<Asked> newest_asked() {
  return {{"newest 100 of a stream", 1,
           [](const View& view, uint64_t round) {
             return ask_observations(view, "", "phenomenonTime desc", of_stream(round * 7, 100));
           }},
          {"newest 1000 of a stream", 0,
           [](const View& view, uint64_t round) {
             return ask_observations(view, "", "phenomenonTime desc", of_stream(round * 7, 1000));
           }},
          {"newest 100 over all streams", 400,
           [](const View& view, uint64_t) {
             return ask_observations(view, "", "phenomenonTime desc", {});
           }},
          {"newest of each of 400", 20,
           [](const View& view, uint64_t) { return newest_of_each(view, ""); }},
          {"newest of each of 400, nothing in memory", 20,
           [](const View& view, uint64_t) { return newest_of_each(view, ""); }, true},
          {"newest of each of 400 before another time each time", 0,
           [](const View& view, uint64_t round) {
             const auto before = static_cast<int64_t>(2500 + 200 * round);
             return newest_of_each(view, "phenomenonTime lt " + at(before));
           }},
          {"one by id", 1, [](const View& view, uint64_t round) -> Result<uint64_t> {
             const auto id = static_cast<int64_t>((round * 7'919'317) % kReadings + 1);
             TRY(const auto row, find_entity(view, TypeId::observation, RowId{id}));
             return row ? 1 : 0;
           }}};
}

std::vector<Asked> counts_asked() {
  const auto in_days = [](int64_t days) {
    return [days](const View& view, uint64_t round) {
      const auto first = static_cast<int64_t>(3000 + round * 11);
      return ask_observations(view, window(first, first + days * 288), "", counted(0));
    };
  };
  return {{"$count", 1,
           [](const View& view, uint64_t) { return ask_observations(view, "", "", counted(0)); }},
          {"count in a window of 10 days, all streams", 100, in_days(10)},
          {"count in a window of 60 days, all streams", 100, in_days(60)},
          {"count in a window of 60 days, one stream", 0, [](const View& view, uint64_t round) {
             const auto first = static_cast<int64_t>(3000 + round * 11);
             Question question = of_stream(round, 0);
             question.count = true;
             return ask_observations(view, window(first, first + 17280), "", question);
           }}};
}

std::vector<Asked> results_asked() {
  const auto above = [](const char* filter) {
    return [filter](const View& view, uint64_t) {
      return ask_observations(view, filter, "", counted(100));
    };
  };
  return {{"result gt 105 (none), count, top 100", 250, above("result gt 105")},
          {"result gt 104.5 (rare), count, top 100", 250, above("result gt 104.5")},
          {"result gt 95 (4 %), count, top 100", 250, above("result gt 95")},
          {"result gt 50 (half), count, top 100", 250, above("result gt 50")},
          {"result gt 95, newest 100 of all", 400, [](const View& view, uint64_t) {
             return ask_observations(view, "result gt 95", "phenomenonTime desc", {});
           }}};
}

std::vector<Asked> sql_asked() {
  return {{"SQL: newest of each of 400", 0,
           [](const View& view, uint64_t) {
             return ask_sql(view,
                            "SELECT d.name, (SELECT number FROM readings WHERE stream = d.id "
                            "ORDER BY begin DESC LIMIT 1) FROM Datastreams d");
           }},
          {"SQL: ten days of the streams of a station", 0, [](const View& view, uint64_t round) {
             const auto first = static_cast<int64_t>(3000 + round * 11);
             return ask_sql(
                 view,
                 fmt::format("SELECT d.name, count(*), avg(number) FROM Things t "
                             "JOIN Datastreams d ON d.Thing = t.id JOIN readings r ON "
                             "r.stream = d.id WHERE t.name = 'station 7' AND r.begin >= {} AND "
                             "r.begin < {} GROUP BY d.id",
                             number(time_of(first)), number(time_of(first + 2880))));
           }}};
}

Status measure(World& world, const Asked& asked, size_t rounds) {
  using Steady = std::chrono::steady_clock;
  OsClock clock;
  std::vector<double> took;
  std::vector<double> worked;
  const uint64_t pages_before = world.counts().pages;
  uint64_t came = 0;
  double sum = 0;
  for (uint64_t round = 0; round < rounds && sum < 6000; ++round) {
    const auto start = Steady::now();
    const Duration cpu = clock.thread_cpu();
    TRY(came, asked.ask(world.view(asked.in_parts), round));
    worked.push_back(std::chrono::duration<double, std::milli>(clock.thread_cpu() - cpu).count());
    took.push_back(std::chrono::duration<double, std::milli>(Steady::now() - start).count());
    sum += took.back();
  }
  const double pages =
      static_cast<double>(world.counts().pages - pages_before) / static_cast<double>(took.size());
  std::ranges::sort(took);
  std::ranges::sort(worked);
  const double median = worked[worked.size() / 2];
  std::printf("%-48s %9.2f %9.2f %9.2f %7.0f %10llu %6.0f %s\n", asked.name, median,
              took[took.size() / 2], took[took.size() * 99 / 100], pages,
              static_cast<unsigned long long>(came), asked.gate_ms,
              asked.gate_ms == 0 ? "" : median <= asked.gate_ms ? "met" : "NOT MET");
  std::fflush(stdout);
  return {};
}

Status run(const std::string& folder, std::string_view chosen) {
  World world;
  TRY_DO(world.open(folder));
  std::printf("%-48s %9s %9s %9s %7s %10s %6s\n", "question", "CPU ms", "wall ms", "p99 ms",
              "pages", "answer", "gate");
  for (const auto& some : {newest_asked(), counts_asked(), results_asked(), sql_asked()}) {
    for (const Asked& asked : some) {
      if (std::string_view(asked.name).find(chosen) == std::string_view::npos) continue;
      TRY_DO(measure(world, asked, 100));
    }
  }
  return {};
}

}  // namespace
}  // namespace duliang

int main(int argc, char** argv) {
  const bool kept = argc > 1;
  const std::string folder =
      kept ? argv[1]
           : (std::filesystem::temp_directory_path() / "duliang-questions").string();
  const auto ran = duliang::run(folder, argc > 2 ? argv[2] : "");
  if (!kept) std::filesystem::remove_all(folder);
  if (!ran.ok()) std::fprintf(stderr, "questions: %s\n", ran.error().message.c_str());
  return ran.ok() ? 0 : 1;
}
