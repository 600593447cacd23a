// Fuzzes what stands behind a door's root: whatever the bytes, a path is resolved or refused with a
// reason, and a property that it names is answered as JSON.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "doors/odata/target.h"

namespace duliang {
namespace {

// One Thing with one Datastream, in memory.
class SmallHouse {
 public:
  SmallHouse() : connection_(Connection::open(":memory:", {}).value()) {
    CHECK(Ledger::create_tables(connection_).ok());
    Row thing = make_row(TypeId::thing, RowId{1});
    thing["name"] = std::string("七涧河");
    thing["properties"] = to_value(*parse_json(R"({"a":{"b":[1.50,{"c":"d"}],"none":null}})"));
    Row stream = make_row(TypeId::datastream, RowId{1});
    stream.link("Thing") = RowId{1};
    for (Row* row : {&thing, &stream}) {
      CHECK(Ledger(connection_).apply(RowChange::put(std::move(*row)), 1).ok());
    }
  }
  View view() { return {nullptr, Ledger(connection_), SeriesView(), Time{}}; }

 private:
  Connection connection_;
};

void resolve_and_answer(const View& view, Face face, std::string_view path) {
  const auto target = resolve_target(view, face, path);
  if (!target.ok()) {
    CHECK(!target.error().message.empty());
    return;
  }
  if (target->names.empty()) return;
  CHECK(target->resource.entity.has_value(), "only entities have properties");
  const auto answer = answer_property(*target);
  if (!answer.ok()) return;
  const bool is_json = answer->status == 200 && target->part == Target::Part::property;
  CHECK(!is_json || parse_json(answer->body).ok());
}

}  // namespace
}  // namespace duliang

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace duliang;
  static SmallHouse house;
  const View view = house.view();
  const std::string_view path(reinterpret_cast<const char*>(bytes), size);
  for (const Face face : {Face::sensorthings, Face::city}) resolve_and_answer(view, face, path);
  return 0;
}
