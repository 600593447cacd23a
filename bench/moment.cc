// A moment of a large house (ledger/moment.h): 300,000 cases, each with four past versions, an
// alarm and three tasks. How long until it can be asked, and the first list of it.
#include <filesystem>

#include "base/os/os_files.h"
#include "bench/row.h"
#include "ledger/ledger.h"
#include "ledger/moment.h"

namespace duliang::bench {
namespace {

constexpr int64_t kCases = 300'000;
constexpr int64_t kVersions = 5;
constexpr int64_t kRowsOfAFrame = 500;

using Steady = std::chrono::steady_clock;

double since(Steady::time_point begin) {
  return std::chrono::duration<double>(Steady::now() - begin).count();
}

// With texts of a likely length in all that can have some.
Row row_of(TypeId type, int64_t id, int64_t version) {
  Row row = make_row(type, RowId{id});
  for (size_t i = 0; i < row.values.size(); ++i) {
    if (type_of(type).properties[i].type == PropertyType::text)
      row.values[i] = fmt::format("梁山街道 {} {}", id, version);
  }
  const bool closed = version + 1 == kVersions;
  if (type != TypeId::task) row["state"] = std::string(closed ? "closed" : "open");
  for (RowId& link : row.links) link = RowId{type == TypeId::task ? (id + 2) / 3 : id};
  return row;
}

// The version of a case, and what comes with it.
Status put_case(Ledger& ledger, int64_t id, int64_t version, uint64_t sequence) {
  const auto put = [&](TypeId type, int64_t row) {
    return ledger.apply(RowChange::put(row_of(type, row, version)), sequence);
  };
  TRY_DO(put(TypeId::case_file, id));
  if (version == 0) TRY_DO(put(TypeId::alarm, id));
  return version < 3 ? put(TypeId::task, 3 * id - version) : Status();
}

// Its last frame.
Result<uint64_t> fill(Connection& connection) {
  TRY_DO(Ledger::create_tables(connection));
  Ledger ledger(connection);
  uint64_t sequence = 0;
  for (int64_t version = 0; version < kVersions; ++version) {
    for (int64_t id = 1; id <= kCases; ++id) {
      if (id % kRowsOfAFrame == 1) {
        ++sequence;
        TRY_DO(connection.execute("BEGIN"));
      }
      TRY_DO(put_case(ledger, id, version, sequence));
      if (id % kRowsOfAFrame == 0) TRY_DO(connection.execute("COMMIT"));
    }
  }
  return sequence;
}

struct Taken {
  double ready_s = 0;
  double list_ms = 0;
};

Result<Taken> take(const std::string& path, uint64_t sequence, bool last) {
  OsFiles files;
  Taken taken;
  auto begin = Steady::now();
  TRY(const auto moment, open_moment(files, {path, ""}, sequence, path + "-moment"));
  taken.ready_s = since(begin);
  TRY(Connection then, moment->connect());
  Selection open;
  open.type = TypeId::case_file;
  open.where.push_back({"state", Narrow::Op::eq, std::string(last ? "closed" : "open")});
  open.descending = true;
  begin = Steady::now();
  constexpr size_t kListed = 100;
  TRY(const auto rows, Ledger(then).rows(open, kListed));
  taken.list_ms = since(begin) * 1000;
  if (rows.size() != kListed) return Error{Code::not_found, "The list is too short.", ""};
  return taken;
}

Result<Rows> moment(const Settings& settings) {
  const std::string path = settings.folder + "/moment-ledger.sqlite";
  uint64_t sequence = 0;
  {
    TRY(auto connection, Connection::open(path, {}));
    TRY(sequence, fill(connection));
  }
  BenchRow ready, list;
  ready.name = "moment";
  list.name = "moment, list";
  ready.unit = "s";
  list.unit = "ms";
  ready.gate = Gate{10, false};
  list.gate = Gate{50, false};
  for (const uint64_t at : {sequence, sequence * 9 / 10, sequence / 2, sequence / 5 + 1}) {
    TRY(const Taken taken, take(path, at, at == sequence));
    ready.ours_runs.push_back(taken.ready_s);
    list.ours_runs.push_back(taken.list_ms);
  }
  ready.ours = quantile(ready.ours_runs, 1);
  list.ours = quantile(list.ours_runs, 1);
  ready.note = "the slowest of four moments, of 300,000 cases with 1.5 million versions";
  list.note = "the first 100 by state, likewise";
  std::filesystem::remove(path);
  return Rows{ready, list};
}

}  // namespace

void add_moment(std::vector<Measurement>& all) {
  all.push_back({"moment", "until a moment of a large house can be asked", moment});
}

}  // namespace duliang::bench
