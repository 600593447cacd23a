// A house with stations, and imports and exports of small texts in it. For tests; one thread.
#pragma once

#include "doors/csv/export.h"
#include "doors/csv/import.h"
#include "doors/house_for_test.h"

namespace duliang {

// A Thing with a Datastream of each name; ids are given in order.
inline void add_station(HouseForTest& house, const std::string& thing,
                        const std::vector<std::string>& streams) {
  Json body = Json::object();
  body["name"] = Json(thing);
  body["description"] = Json("d");
  Json list = Json::array();
  for (const std::string& name : streams) {
    auto stream = parse_json(
        R"({"description":"d","observationType":"o",
 "unitOfMeasurement":{"name":"u","symbol":"u","definition":null},
 "Sensor":{"name":"s","description":"d","encodingType":"text/html","metadata":"m"},
 "ObservedProperty":{"name":"p","definition":"u","description":"d"}})");
    ASSERT_TRUE(stream.ok());
    (*stream)["name"] = Json(name);
    list.push(*stream);
  }
  body["Datastreams"] = list;
  const auto locations = parse_json(
      R"([{"name":"l","description":"d","encodingType":"application/geo+json",
 "location":{"type":"Point","coordinates":[107.48,30.53]}}])");
  ASSERT_TRUE(locations.ok());
  body["Locations"] = *locations;
  const Response answer = house.post("/v1.1/Things", body.dump());
  ASSERT_EQ(answer.status, 201) << answer.body;
}

// The server's side of a client, without sockets.
inline Send send_to(HouseForTest& house) {
  return [&house](const Request& request) { return house.send(request); };
}

struct ImportTold {
  Status status;
  ImportCounts counts;
  std::vector<std::string> faults;  // "f.csv:3: reason"
  std::vector<std::string> rejected;
  size_t waits = 0;
};

inline ImportTold import_text(Files& files, const HouseAccess& access,
                              const std::string& mapping_text, const std::string& text) {
  ImportTold told;
  told.status = replace_file(files, "f.csv", text);
  if (!told.status.ok()) return told;
  auto mapping = parse_mapping("m.yaml", mapping_text);
  if (!mapping.ok()) {
    told.status = mapping.error();
    return told;
  }
  ImportHooks hooks;
  hooks.fault = [&told](const ImportFault& fault) -> Status {
    told.faults.push_back(fmt::format("{}:{}: {}", fault.file, fault.line, fault.reason));
    told.rejected.push_back(fault.text);
    return {};
  };
  hooks.progress = [](const std::string&, const ImportCounts&, double) {};
  hooks.wait = [&told] { return ++told.waits < 3; };
  auto import = Import::begin(access, *mapping, hooks);
  if (!import.ok()) {
    told.status = import.error();
    return told;
  }
  told.status = import->add_file(files, "f.csv");
  if (told.status.ok()) told.status = import->finish();
  told.counts = import->counts();
  return told;
}

inline std::string export_text(const HouseAccess& access, const ExportOptions& options = {}) {
  std::string text;
  const auto count = export_csv(access, options, [&text](std::string_view piece) -> Status {
    text += piece;
    return {};
  });
  EXPECT_TRUE(count.ok()) << (count.ok() ? "" : count.error().message);
  return text;
}

}  // namespace duliang
