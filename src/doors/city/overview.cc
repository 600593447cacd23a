#include "doors/city/city.h"
#include "doors/odata/as_of.h"
#include "watch/alarms.h"

namespace duliang {
namespace {

struct CaseCounts {
  int open = 0, late = 0, to_check = 0;
};

// The keys of the steps that stand before the final one, of every workflow: "workflow/step".
Result<std::set<std::string>> last_steps(const View& view) {
  std::set<std::string> steps;
  Selection all;
  all.type = TypeId::workflow;
  Status parsed;
  TRY_DO(view.ledger.each(all, [&](const Row& row) {
    auto workflow = declaration_of(row);
    if (!workflow.ok()) {
      parsed = workflow.error();
      return false;
    }
    for (size_t i = 1; i < workflow->steps.size(); ++i) {
      if (workflow->steps[i].final) steps.insert(workflow->key + "/" + workflow->steps[i - 1].key);
    }
    return true;
  }));
  TRY_DO(parsed);
  return steps;
}

Result<CaseCounts> count_cases(const View& view) {
  TRY(const auto before_last, last_steps(view));
  CaseCounts counts;
  Selection open;
  open.type = TypeId::case_file;
  open.where.push_back({"state", Narrow::Op::eq, std::string("open")});
  TRY_DO(view.ledger.each(open, [&](const Row& row) {
    ++counts.open;
    const auto due = row.time("dueAt");
    if (due && *due < view.now) ++counts.late;
    if (before_last.contains(row.text("workflow") + "/" + row.text("step"))) ++counts.to_check;
    return true;
  }));
  return counts;
}

Time local_midnight(Time now) {
  const Duration offset = kDistrictZone.offset;
  return std::chrono::floor<std::chrono::days>(now + offset) - offset;
}

Result<Json> count_alarms(const View& view) {
  std::array<int, 5> active{};
  int today = 0, cleared_today = 0;
  const Time midnight = local_midnight(view.now);
  Selection all;
  all.type = TypeId::alarm;
  TRY_DO(view.ledger.each(all, [&](const Row& row) {
    const bool is_active = row.text("state") == "active";
    if (is_active) ++active[static_cast<size_t>(std::clamp<int64_t>(row.integer("level"), 0, 4))];
    if (row.time("raisedAt") >= midnight) ++today;
    if (!is_active && row.time("clearedAt") >= midnight) ++cleared_today;
    return true;
  }));
  Json json = Json::object();
  Json levels = Json::object();
  for (size_t level = 1; level < active.size(); ++level) {
    levels[std::to_string(level)] = Json(active[level]);
  }
  json["active"] = std::move(levels);
  json["today"] = Json(today);
  json["clearedToday"] = Json(cleared_today);
  return json;
}

// A station that has not said anything for so long is not reporting.
constexpr std::chrono::hours kReportingWithin{2};

Result<Json> count_stations(const View& view) {
  int all = 0, reporting = 0;
  Selection things;
  things.type = TypeId::thing;
  Status read;
  TRY_DO(view.ledger.each(things, [&](const Row& thing) {
    const auto location = location_of(view, thing.id);
    if (!location.ok()) {
      read = location.error();
      return false;
    }
    if (!*location) return true;
    Selection streams;
    streams.type = TypeId::datastream;
    streams.where.push_back({"Thing", Narrow::Op::eq, static_cast<int64_t>(thing.id)});
    bool reports = false;
    read = view.ledger.each(streams, [&](const Row& stream) {
      const auto newest = view.series.newest(StreamId{static_cast<int64_t>(stream.id)});
      reports |= newest.ok() && newest->has_value() &&
                 (*newest)->phenomenon_time.end >= view.now - kReportingWithin;
      return !reports;
    });
    ++all;
    if (reports) ++reporting;
    return read.ok();
  }));
  TRY_DO(read);
  Json json = Json::object();
  json["all"] = Json(all);
  json["reporting"] = Json(reporting);
  return json;
}

Result<Json> count_towns(const View& view) {
  int towns = 0, with_point = 0;
  Selection all;
  all.type = TypeId::town;
  TRY_DO(view.ledger.each(all, [&](const Row& row) {
    ++towns;
    if (!is_null(row["location"])) ++with_point;
    return true;
  }));
  Json json = Json::object();
  json["towns"] = Json(towns);
  json["townsWithPoint"] = Json(with_point);
  return json;
}

Result<std::string> overview(const View& view, bool demo) {
  Json json = Json::object();
  json["time"] = Json(to_text(view.now));
  json["sequence"] = Json(view.series.sequence());
  json["demo"] = Json(demo);
  TRY(json["alarms"], count_alarms(view));
  TRY(const CaseCounts cases, count_cases(view));
  Json counted = Json::object();
  counted["open"] = Json(cases.open);
  counted["late"] = Json(cases.late);
  counted["toCheck"] = Json(cases.to_check);
  json["cases"] = std::move(counted);
  TRY(json["stations"], count_stations(view));
  TRY(json["counts"], count_towns(view));
  return json.dump();
}

}  // namespace

void GetOverview::operator()(const Request& request, Reply reply) const {
  auto view = view_for(*engine, request.query);
  if (!view.ok()) return reply.send(error_response(view.error()));
  auto json = overview(*view, options.demo);
  if (!json.ok()) return reply.send(error_response(json.error()));
  reply.send(json_response(200, std::move(json).value()));
}

}  // namespace duliang
