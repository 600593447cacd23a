#include "doors/city/city.h"
#include "doors/city/frames.h"

namespace duliang {
namespace {

class Proof {
 public:
  Proof(const View& view, const Engine& engine, const Rendering& rendering)
      : view_(view), engine_(engine), rendering_(rendering) {}

  Result<std::string> of(const Row& alarm, FileLog& journal) {
    sequences_.insert(alarm.sequence);
    TRY(const std::string rule, rule_json(alarm));
    TRY(const std::string readings, readings_json(alarm));
    TRY(const std::string cases, cases_json(alarm));
    TRY(const std::string frames, frames_json(journal, engine_, sequences_));
    std::string out = "{\"alarm\":";
    render_entity(out, alarm, rendering_, {});
    return fmt::format(
        R"({},"rule":{},"readings":[{}],"cases":[{}],"frames":[{}],"retiredFrames":[{}]}})", out,
        rule, readings, cases, frames, fmt::join(sequences_, ","));
  }

 private:
  Result<std::string> rule_json(const Row& alarm) {
    TRY(const auto rule, view_.ledger.find(TypeId::rule, alarm.link("Rule")));
    if (!rule) return std::string("null");
    std::string out;
    render_entity(out, *rule, rendering_, {"@iot.id", "key", "version", "name", "nameEn", "pack"});
    return out;
  }

  // As the alarm keeps them, whatever became of them since.
  Result<std::string> readings_json(const Row& alarm) {
    std::string out;
    const auto* proof = std::get_if<Json>(&alarm["proof"]);
    if (proof == nullptr) return out;
    for (Json reading : proof->items()) {
      const Json* id = reading.find("@iot.id");
      CHECK(id != nullptr && id->as_integer(), "an alarm's proof names its readings");
      const RowId row{*id->as_integer()};
      TRY(const auto stands, view_.series.find(ReadingId{number(row)}));
      if (stands) {
        reading["@iot.selfLink"] = Json(self_link(rendering_, TypeId::observation, row));
      } else {
        reading["removed"] = Json(true);
      }
      if (!out.empty()) out += ',';
      reading.dump_to(out);
    }
    return out;
  }

  // ,"personName":"…","personNameEn":"…"
  Result<std::string> names_json(const char* prefix, TypeId type, RowId id) {
    Json chinese, english;
    if (id != kNoRow) {
      TRY(const auto row, view_.ledger.find(type, id));
      if (row) chinese = to_json((*row)["name"]), english = to_json((*row)["nameEn"]);
    }
    return fmt::format(R"(,"{}Name":{},"{}NameEn":{})", prefix, chinese.dump(), prefix,
                       english.dump());
  }

  Result<std::string> tasks_json(const Row& case_row) {
    Selection selection;
    selection.type = TypeId::task;
    selection.where.push_back({"Case", Narrow::Op::eq, static_cast<int64_t>(case_row.id)});
    TRY(const auto tasks, view_.ledger.rows(selection, limits::kTopMax));
    std::string out;
    for (const Row& task : tasks) {
      sequences_.insert(task.sequence);
      if (!out.empty()) out += ',';
      render_entity(out, task, rendering_, {});
      out.pop_back();
      TRY(const std::string person, names_json("person", TypeId::person, task.link("Person")));
      TRY(const std::string unit, names_json("unit", TypeId::unit, task.link("Unit")));
      out += person + unit + '}';
    }
    return out;
  }

  Result<std::string> cases_json(const Row& alarm) {
    Selection selection;
    selection.type = TypeId::case_file;
    selection.where.push_back({"Alarm", Narrow::Op::eq, static_cast<int64_t>(alarm.id)});
    TRY(const auto cases, view_.ledger.rows(selection, limits::kTopMax));
    std::string out;
    for (const Row& row : cases) {
      sequences_.insert(row.sequence);
      TRY(const std::string tasks, tasks_json(row));
      if (!out.empty()) out += ',';
      render_entity(out, row, rendering_, {});
      out.pop_back();
      out += ",\"Tasks\":[" + tasks + "]}";
    }
    return out;
  }

  const View& view_;
  const Engine& engine_;
  const Rendering& rendering_;
  std::set<uint64_t> sequences_;  // of the frames that brought it
};

}  // namespace

void GetProof::operator()(const Request& request, Reply reply, RowId alarm) const {
  const Rendering rendering = rendering_of(request.host, Face::city);
  const auto answer = [&]() -> Result<std::string> {
    TRY(const View view, engine->view());
    TRY(const auto row, view.ledger.find(TypeId::alarm, alarm));
    if (!row) {
      return Error{Code::not_found,
                   fmt::format("There is no Alarm with id {}.", static_cast<int64_t>(alarm)), ""};
    }
    TRY(const auto log, FileLog::reader(*files, journal));
    return Proof(view, *engine, rendering).of(*row, *log);
  }();
  if (!answer.ok()) return reply.send(error_response(answer.error()));
  reply.send(json_response(200, *answer));
}

}  // namespace duliang
