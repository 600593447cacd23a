#include "doors/city/city.h"
#include "doors/city/frames.h"

namespace duliang {
namespace {

Result<std::string> versions_of_row(const View& view, const EntityType& type, RowId id,
                                    const Rendering& rendering, std::set<uint64_t>& sequences) {
  TRY(const auto versions, view.ledger.versions(type.id, id, limits::kTopMax));
  if (versions.empty()) {
    return Error{Code::not_found,
                 fmt::format("There never was {}({}).", type.set, static_cast<int64_t>(id)), ""};
  }
  std::string out;
  for (const Version& version : versions) {
    sequences.insert(version.row.sequence);
    if (version.until) sequences.insert(*version.until);
    out += fmt::format(R"({}{{"frame":{},"until":{},"entity":)", out.empty() ? "" : ",",
                       version.row.sequence,
                       version.until ? std::to_string(*version.until) : "null");
    render_entity(out, version.row, rendering, {});
    out += '}';
  }
  return out;
}

}  // namespace

void GetVersions::operator()(const Request& request, Reply reply, const EntityType& type,
                             RowId id) const {
  const auto answer = [&]() -> Result<std::string> {
    TRY(const View view, engine->view());
    std::set<uint64_t> sequences;
    TRY(const std::string versions,
        versions_of_row(view, type, id, rendering_of(request.host, Face::city), sequences));
    TRY(const auto log, FileLog::reader(*files, journal));
    TRY(const std::string frames, frames_json(*log, *engine, sequences));
    return fmt::format(R"({{"value":[{}],"frames":[{}],"retiredFrames":[{}]}})", versions, frames,
                       fmt::join(sequences, ","));
  }();
  if (!answer.ok()) return reply.send(error_response(answer.error()));
  reply.send(json_response(200, *answer));
}

}  // namespace duliang
