#include "doors/city/city.h"
#include "engine/house.h"

namespace duliang {
namespace {

// The content of a file of the pack as JSON, null where there is none.
Result<Json> file_json(const Pack& pack, const std::string& name) {
  for (const PackFile& file : pack.files) {
    if (!name.empty() && file.name == name) return parse_json(file.content);
  }
  return Json();
}

Result<std::string> district_json(const Pack& pack, bool demo) {
  const DistrictDeclaration& district = pack.district.front();
  Json json = Json::object();
  json["code"] = Json(district.code);
  json["name"] = Json(district.name.zh);
  json["nameEn"] = Json(district.name.en);
  json["notice"] = Json(district.notice.zh);
  json["noticeEn"] = Json(district.notice.en);
  json["demo"] = Json(demo);
  TRY(json["boundary"], file_json(pack, district.boundary));
  TRY(json["neighbours"], file_json(pack, district.neighbours));
  return json.dump();
}

Result<std::string> district(const View& view, bool demo) {
  TRY(const auto rows,
      view.ledger.rows({TypeId::pack, {}, {}, kNoRow, false, {}}, limits::kTopMax));
  for (const Row& row : rows) {
    TRY(const Pack pack, check_pack(files_of(row)));
    if (!pack.district.empty()) return district_json(pack, demo);
  }
  return Error{Code::not_found, "No pack that is loaded declares a district.", ""};
}

}  // namespace

void GetDistrict::operator()(const Request&, Reply reply) const {
  auto view = engine->view();
  if (!view.ok()) return reply.send(error_response(view.error()));
  auto json = district(*view, options.demo);
  if (!json.ok()) return reply.send(error_response(json.error()));
  reply.send(json_response(200, std::move(json).value()));
}

}  // namespace duliang
